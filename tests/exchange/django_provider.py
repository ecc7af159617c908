"""A provider made with the SDK, as an agency would write it, on a port: keys folder, port."""

import sys
from typing import Any

from django.conf import settings

settings.configure(
    SECRET_KEY="test",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    KEYS=sys.argv[1],
    USE_TZ=True,
)

import django  # noqa: E402

django.setup()

from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.urls import path  # noqa: E402
from ninja import Schema  # noqa: E402

from panjereh.common.problems import Problem  # noqa: E402
from panjereh.sdk.provider import ExchangeRequest, provider_api  # noqa: E402

api = provider_api("django-provider", title="A provider of the tests")


class Question(Schema):
    name: str


@api.post("/greet")
def greet(request: ExchangeRequest, body: Question) -> dict[str, Any]:
    call = request.exchange_call
    if body.name == "nobody":
        raise Problem(404, "person-unknown", "there is nobody of this name")
    told = {"consumer": call.consumer, "case": call.case, "user": call.user}
    return {"greeting": f"سلام {body.name}", **told, "key": call.required_key(), "secret": True}


urlpatterns = [path("django-provider/", api.urls)]

if __name__ == "__main__":
    from wsgiref.simple_server import make_server

    with make_server("127.0.0.1", int(sys.argv[2]), WSGIHandler()) as server:
        server.serve_forever()
