"""A provider as an agency would write it with the SDK, that can be told to misbehave."""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from socketserver import ThreadingMixIn
from urllib.parse import parse_qs, urlsplit
from wsgiref.simple_server import WSGIServer, make_server

from django.conf import settings

SYSTEM, FOLDER = os.environ["RECEIVER"], Path(os.environ["RECEIVER_FOLDER"])
DATABASE = urlsplit(os.environ["RECEIVER_DATABASE"])
where = {name: values[0] for name, values in parse_qs(DATABASE.query).items()}
(FOLDER / "directory.json").write_text(json.dumps({SYSTEM: os.environ["RECEIVER_ID"]}))

settings.configure(
    SECRET_KEY="test",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    FLOOR="receiver",
    KEYS=os.environ["RECEIVER_KEYS"],
    EXCHANGE_SYSTEM=SYSTEM,
    EXCHANGE_DIRECTORY=str(FOLDER / "directory.json"),
    EXCHANGE_URL=os.environ["RECEIVER_EXCHANGE"],
    USE_TZ=True,
    INSTALLED_APPS=["panjereh.common.outbox"],
    MIDDLEWARE=[f"{__name__}.Watching"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": DATABASE.path.removeprefix("/"),
            "HOST": where["host"],
            "USER": where["user"],
        }
    },
)

import django  # noqa: E402

django.setup()

from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402

from panjereh.sdk.messages import Received  # noqa: E402
from panjereh.sdk.provider import provider_api  # noqa: E402
from panjereh.sdk.receiving import Unwanted, receives  # noqa: E402

api = provider_api(SYSTEM, title="A receiver of the tests")
_writing = threading.Lock()


def mode() -> str:
    return (FOLDER / "mode").read_text()


def note(*words: object) -> None:
    with _writing, (FOLDER / "lines").open("a") as lines:
        lines.write(" ".join(map(str, words)) + "\n")


class Watching:
    """Notes what came and what was answered, before the answer is on its way."""

    def __init__(self, rest: Callable[[HttpRequest], HttpResponse]) -> None:
        self._rest = rest

    def __call__(self, request: HttpRequest) -> HttpResponse:
        message = request.headers["X-Road-Request-Id"]
        note("asked" if request.method == "GET" else "came", message)
        if mode() == "down":
            return HttpResponse(status=503)
        answer = self._rest(request)
        note("answered", message, answer.status_code)
        if mode() == "hangs" and request.method == "POST":
            time.sleep(30)
        return answer


@receives(api, SYSTEM, "news")
def news(message: Received) -> None:
    if mode() == "slow":
        time.sleep(0.05)
    if mode() == "unwanted":
        raise Unwanted
    if mode() == "crashes":
        raise RuntimeError("on purpose")
    note("took", message.message_id, message.body["n"], message.sender, message.case or "-")


urlpatterns = [path("receiver/", api.urls)]


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 64


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    port = int(os.environ["RECEIVER_PORT"])
    with make_server("127.0.0.1", port, WSGIHandler(), Server) as server:
        server.serve_forever()
