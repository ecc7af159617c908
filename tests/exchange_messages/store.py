"""The site of the exchange, where gateways hand messages over."""

import os
import signal
import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIServer, make_server

os.environ["DJANGO_SETTINGS_MODULE"] = "panjereh.runtime.settings.operator"

from django.core.wsgi import get_wsgi_application


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    port = int(os.environ["STORE_PORT"])
    with make_server("127.0.0.1", port, get_wsgi_application(), Server) as server:
        server.serve_forever()
