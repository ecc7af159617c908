"""Errors of the gateway in the words of X-Road 7.8: type, message, detail; and our cause."""

from dataclasses import dataclass
from xml.sax.saxutils import escape

import msgspec

from panjereh.common.problems import Cause

SERVER = "server.serverproxy"
_XML_TYPES = ("text/xml", "application/xml", "text/")


@dataclass
class Fault(Exception):
    """The call ends here. `message` goes to the caller and holds nothing of what was sent."""

    type: str
    message: str
    cause: Cause
    retry_after: int | None = None

    @property
    def status(self) -> int:
        """X-Road answers 500 to everything that is not the client's own mistake."""
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


def bad_request(message: str) -> Fault:
    return Fault("client.bad_request", message, "consumer")


def not_authenticated(message: str) -> Fault:
    return Fault("client.authentication_failed", message, "consumer")


def replayed() -> Fault:
    message = "a message with this X-Road-Id was received before; sign a new one"
    return Fault("client.authentication_failed.replayed", message, "consumer")


def access_denied(message: str) -> Fault:
    return Fault(f"{SERVER}.access_denied", message, "consumer")


def unknown_service() -> Fault:
    return Fault(f"{SERVER}.unknown_service", "there is no such service", "consumer")


def unknown_endpoint() -> Fault:
    message = "the service has no such method and path; see listMethods"
    return Fault(f"{SERVER}.unknown_service", message, "consumer")


def service_disabled(notice: str) -> Fault:
    message = notice or "the provider has switched the service off"
    return Fault(f"{SERVER}.service_disabled", message, "provider")


def quota_exceeded(per_minute: int, retry_after: int) -> Fault:
    message = f"the grant allows {per_minute} calls a minute"
    return Fault(f"{SERVER}.quota_exceeded", message, "consumer", retry_after)


def service_failed(kind: str, message: str) -> Fault:
    return Fault(f"{SERVER}.service_failed.{kind}", message, "provider")


def logging_failed() -> Fault:
    message = "the call could not be recorded, so its answer is withheld; call again"
    return Fault(f"{SERVER}.logging_failed.not_recorded", message, "gateway", 1)


def policy_unavailable() -> Fault:
    message = "the gateway cannot refresh its policy and answers nobody until it can"
    return Fault(f"{SERVER}.policy_unavailable", message, "gateway", 5)


def not_ready() -> Fault:
    return Fault(f"{SERVER}.not_ready", "the gateway is starting", "gateway", 1)


def overloaded() -> Fault:
    return Fault(f"{SERVER}.overloaded", "the gateway is at its limit", "gateway", 1)


def internal_error() -> Fault:
    return Fault(f"{SERVER}.internal_error", "the gateway failed; it is logged", "gateway")
