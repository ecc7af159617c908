"""`python serve_wsgi.py <port>` in a folder with site.py."""

import importlib.util
import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIServer, make_server

spec = importlib.util.spec_from_file_location("the_site", "site.py")
assert spec
assert spec.loader
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


server = make_server("127.0.0.1", int(sys.argv[1]), module.site, Server)
sys.stdout.write("open\n")
sys.stdout.flush()
server.serve_forever()
