"""Offer services over the exchange: who calls, honest errors, the same answer to a repeated call.

    api = provider_api("civil-registry", title="Civil registry")

    @api.post("/person", response=PersonOut)
    def person(request: ExchangeRequest, body: PersonIn) -> PersonOut: ...

A provider answers the exchange and nobody else: every call carries the exchange's signature.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from panjereh.common.http_signatures import (
    SignatureRefused,
    content_digest,
    hmac_verifier,
    parse,
)
from panjereh.common.problems import CONTENT_TYPE, Problem

MAX_KEY = 200  # characters


@dataclass(frozen=True)
class ExchangeCall:
    """What the exchange says of the call. `user` is the national id of who acts, if any."""

    consumer: str
    request_id: str
    case: str
    user: str
    idempotency_key: str
    x_road_id: str = ""
    time_left: float | None = None  # seconds after which nobody waits for the answer any more

    def required_key(self) -> str:
        """The idempotency key, without which nothing may be changed."""
        if not self.idempotency_key:
            raise Problem(400, "idempotency-key-missing", "send an Idempotency-Key header")
        if len(self.idempotency_key) > MAX_KEY:
            raise Problem(400, "idempotency-key-too-long", f"at most {MAX_KEY} characters")
        return f"{self.consumer}:{self.idempotency_key}"


class ExchangeRequest(HttpRequest):
    exchange_call: ExchangeCall


class ExchangeOnly:
    """Ninja authentication: the HMAC signature of the exchange for this system."""

    def __init__(self, system: str) -> None:
        self.system = system

    def __call__(self, request: HttpRequest) -> ExchangeCall:
        headers = _as_sent(request)
        try:
            claim = parse(request.method or "", request.get_full_path(), headers)
            if claim.keyid != self.system or claim.algorithm != "hmac-sha256":
                raise SignatureRefused("the call is not signed by the exchange for this system")
            claim.check(hmac_verifier(_secret(self.system)))
        except SignatureRefused as error:
            raise Problem(401, "not-through-the-exchange", error.reason) from error
        if headers.get("content-digest") != content_digest(request.body):
            raise Problem(400, "digest-differs", "the body is not the one that was signed")
        call = ExchangeCall(
            consumer=headers.get("x-road-client", ""),
            request_id=headers.get("x-road-request-id", ""),
            case=headers.get("x-road-issue", ""),
            user=headers.get("x-road-userid", "").removeprefix("IR"),
            idempotency_key=headers.get("idempotency-key", ""),
            x_road_id=headers.get("x-road-id", ""),
            time_left=_time_left(headers.get("x-exchange-time-left-ms", "")),
        )
        cast(ExchangeRequest, request).exchange_call = call
        return call


def _time_left(milliseconds: str) -> float | None:
    return int(milliseconds) / 1000 if milliseconds.isdecimal() else None


def _as_sent(request: HttpRequest) -> dict[str, str]:
    """WSGI servers may give a message without a body a content type that nobody sent or signed."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    if not request.body and '"content-type"' not in headers.get("signature-input", ""):
        headers.pop("content-type", None)
    return headers


@lru_cache
def _secret(system: str) -> bytes:
    path = Path(settings.KEYS) / "providers" / f"{system}.hmac"
    return bytes.fromhex(path.read_text().strip())


def provider_api(system: str, *, title: str, version: str = "1.0.0") -> NinjaAPI:
    """The API of one system. Its OpenAPI is at `openapi.json`, its errors are problem+json."""
    api = NinjaAPI(
        title=title,
        version=version,
        urls_namespace=system,
        auth=ExchangeOnly(system),
        docs_url=None,
    )
    api.add_exception_handler(
        Problem, lambda request, error: problem_response(cast(Problem, error))
    )
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(HttpError, _unreadable)
    return api


def problem_response(problem: Problem) -> HttpResponse:
    response = JsonResponse(problem.body(), status=problem.status, content_type=CONTENT_TYPE)
    if problem.retry_in is not None:
        response["Retry-After"] = str(problem.retry_in)
    return response


def _invalid(request: HttpRequest, error: Any) -> HttpResponse:
    """Name the fields, never echo the values: they may be personal data."""
    fields = sorted({".".join(str(p) for p in e["loc"]) for e in error.errors})
    return problem_response(Problem(422, "body-invalid", "check " + ", ".join(fields)))


def _unreadable(request: HttpRequest, error: Any) -> HttpResponse:
    """A body that is no JSON; the parser's words could quote it."""
    return problem_response(Problem(error.status_code, "body-invalid", "send a JSON object"))
