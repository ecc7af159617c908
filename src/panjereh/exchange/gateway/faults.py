"""Errors of the gateway in the words of X-Road 7.8: type, message, detail; and our cause."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

import msgspec

from panjereh.common.problems import Cause

SERVER = "server.serverproxy"
OVERLOADED = f"{SERVER}.overloaded"
_XML_TYPES = ("text/xml", "application/xml", "text/")


def gettext_noop(text: str) -> str:
    """Marks a text that `texts.py` translates when it is told."""
    return text


@dataclass
class Fault(Exception):
    """The call ends here. `text` goes to the caller and holds nothing of what was sent.

    `kind` tells apart what X-Road has one type for; the record and the plain face know it.
    """

    type: str
    text: str
    cause: Cause
    retry_after: int | None = None
    kind: str = ""
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def message(self) -> str:
        return self.text % self.values if self.values else self.text

    @property
    def recorded(self) -> str:
        return f"{self.type}.{self.kind}" if self.kind else self.type

    @property
    def status(self) -> int:
        """X-Road answers 500 to everything that is not the client's own mistake. That a gateway
        sheds is for balancers too, and those know 503."""
        if self.type == OVERLOADED:
            return 503
        return 500 if self.type.startswith("server.") else 400

    def headers(self, request_id: str) -> list[tuple[str, str]]:
        named = [("x-road-error", self.type), ("x-road-request-id", request_id)]
        if self.retry_after is not None:
            named.append(("retry-after", str(self.retry_after)))
        return named

    def body(self, request_id: str, accept: str) -> tuple[str, bytes]:
        """Content type and body: JSON, or XML for those who ask for it."""
        parts = {"type": self.type, "message": self.message, "detail": request_id}
        if any(kind in accept for kind in _XML_TYPES):
            inner = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in parts.items())
            return "text/xml;charset=utf-8", f"<error>{inner}</error>".encode()
        # `cause` is ours: X-Road leaves the reader to guess whose fault it was.
        return "application/json;charset=utf-8", msgspec.json.encode(parts | {"cause": self.cause})


def bad_request(text: str, **values: object) -> Fault:
    return Fault("client.bad_request", text, "consumer", values=values)


def body_too_large(limit: int) -> Fault:
    text = gettext_noop("the body may have %(limit)s bytes")
    return Fault("client.bad_request", text, "consumer", None, "too_large", {"limit": limit})


def not_authenticated(text: str) -> Fault:
    return Fault("client.authentication_failed", text, "consumer")


def replayed() -> Fault:
    text = gettext_noop("a message with this X-Road-Id was received before; sign a new one")
    return Fault("client.authentication_failed.replayed", text, "consumer")


def access_denied(text: str) -> Fault:
    return Fault(f"{SERVER}.access_denied", text, "consumer")


def grant_not_valid(text: str) -> Fault:
    return Fault(f"{SERVER}.access_denied", text, "consumer", kind="not_valid")


def not_on_list(code: str) -> Fault:
    text = gettext_noop("the id asked about is not on the list %(list)s at this time")
    return Fault(
        f"{SERVER}.access_denied", text, "consumer", kind="not_on_list", values={"list": code}
    )


def wrong_bus(text: str) -> Fault:
    return Fault(f"{SERVER}.access_denied", text, "consumer", kind="wrong_bus")


def message_differs() -> Fault:
    text = gettext_noop("another message was sent with this X-Road-Id")
    return Fault("client.bad_request", text, "consumer", kind="message_differs")


def message_without_id() -> Fault:
    return bad_request(gettext_noop("a message needs an X-Road-Id"))


def key_unknown() -> Fault:
    text = gettext_noop("the receiver has no such key; ask for its keys and seal the message anew")
    return Fault("client.bad_request", text, "consumer", kind="key_unknown")


def unknown_message() -> Fault:
    text = gettext_noop("there is no such message of yours")
    return Fault("client.bad_request", text, "consumer", kind="unknown_message")


def messages_unavailable() -> Fault:
    text = gettext_noop("messages cannot be kept at this moment; send it again")
    return Fault(f"{SERVER}.messages_unavailable", text, "gateway", 2)


def unknown_service() -> Fault:
    text = gettext_noop("there is no such service")
    return Fault(f"{SERVER}.unknown_service", text, "consumer")


def unknown_endpoint() -> Fault:
    text = gettext_noop("the service has no such method and path; see listMethods")
    return Fault(f"{SERVER}.unknown_service", text, "consumer", kind="endpoint")


def service_disabled(notice: str) -> Fault:
    text = gettext_noop("the provider has switched the service off")
    return Fault(f"{SERVER}.service_disabled", notice or text, "provider")


def quota_exceeded(per_minute: int, retry_after: int) -> Fault:
    text = gettext_noop("the grant allows %(calls)s calls a minute")
    values = {"calls": per_minute}
    return Fault(f"{SERVER}.quota_exceeded", text, "consumer", retry_after, values=values)


def daily_quota_exceeded(per_day: int, retry_after: int) -> Fault:
    text = gettext_noop("the grant allows %(calls)s calls a day")
    values = {"calls": per_day}
    return Fault(f"{SERVER}.quota_exceeded", text, "consumer", retry_after, "day", values)


def service_failed(kind: str, text: str) -> Fault:
    return Fault(f"{SERVER}.service_failed.{kind}", text, "provider")


def circuit_open(retry_after: int) -> Fault:
    text = gettext_noop("the provider failed again and again and is given a rest")
    return Fault(f"{SERVER}.service_failed.circuit_open", text, "provider", retry_after)


def provider_busy() -> Fault:
    text = gettext_noop("too many calls wait for this provider already")
    return Fault(f"{SERVER}.service_failed.busy", text, "provider", 1)


def logging_failed() -> Fault:
    text = gettext_noop("the call could not be recorded, so its answer is withheld; call again")
    return Fault(f"{SERVER}.logging_failed.not_recorded", text, "gateway", 1)


def policy_unavailable() -> Fault:
    text = gettext_noop("the gateway cannot refresh its policy and answers nobody until it can")
    return Fault(f"{SERVER}.policy_unavailable", text, "gateway", 5)


def not_ready() -> Fault:
    return Fault(f"{SERVER}.not_ready", gettext_noop("the gateway is starting"), "gateway", 1)


def overloaded() -> Fault:
    return Fault(OVERLOADED, gettext_noop("the gateway is at its limit"), "gateway", 1)


def internal_error() -> Fault:
    text = gettext_noop("the gateway failed; it is logged")
    return Fault(f"{SERVER}.internal_error", text, "gateway")
