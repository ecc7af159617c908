"""`python shop_serve.py <port>`: serve the third party's site."""

import os
import sys

os.environ["DJANGO_SETTINGS_MODULE"] = "shop_settings"

import django
from django.conf import settings
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application


def main(port: int) -> None:
    django.setup()
    call_command("migrate", verbosity=0)
    server = ThreadedWSGIServer(("127.0.0.1", port), WSGIRequestHandler, allow_reuse_address=True)
    server.set_app(get_wsgi_application())
    sys.stdout.write(f"{settings.SIGNIN['client_id']} is open\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))
