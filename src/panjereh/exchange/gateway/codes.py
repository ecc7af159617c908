"""The errors of the plain face, by number. A number's meaning never changes; one that is given up
is not used again. `python -m panjereh.exchange.gateway.codes` prints the page in docs/.

The first digit says whose fault it is: 1 the consumer, 2 the exchange, 3 the provider.
"""

from dataclasses import dataclass
from typing import Final

from panjereh.common.problems import Cause
from panjereh.exchange.gateway.faults import SERVER, Fault, gettext_noop


@dataclass(frozen=True)
class Code:
    number: int
    name: str
    status: int
    fault: str  # what the record and, but for its kind, the r1 face call it
    title: str
    advice: str

    @property
    def cause(self) -> Cause:
        causes: dict[int, Cause] = {1: "consumer", 2: "gateway", 3: "provider"}
        return causes[self.number // 1000]


_DENIED, _UNKNOWN = f"{SERVER}.access_denied", f"{SERVER}.unknown_service"
_SIGNATURE, _FAILED = "client.authentication_failed", f"{SERVER}.service_failed"

CODES: Final = (
    Code(
        *(1100, "bad-request", 400, "client.bad_request"),
        gettext_noop("The request breaks the protocol"),
        gettext_noop("Mend what `detail` names; the same request will always be refused."),
    ),
    Code(
        *(1101, "body-too-large", 413, "client.bad_request.too_large"),
        gettext_noop("The body is too large"),
        gettext_noop("Ask for less at once, or use a feed."),
    ),
    Code(
        *(1110, "not-authenticated", 401, _SIGNATURE),
        gettext_noop("The exchange does not know who calls"),
        gettext_noop("Check the key, the clock and what the signature covers."),
    ),
    Code(
        *(1111, "replayed", 401, f"{_SIGNATURE}.replayed"),
        gettext_noop("The message came before"),
        gettext_noop("Sign a new message with a new X-Road-Id."),
    ),
    Code(
        *(1120, "no-grant", 403, _DENIED),
        gettext_noop("No grant allows this call"),
        gettext_noop("Ask for access; calling again is no use."),
    ),
    Code(
        *(1121, "grant-not-valid", 403, f"{_DENIED}.not_valid"),
        gettext_noop("The grant is not valid at this time"),
        gettext_noop("See its dates; ask for a new one when it has expired."),
    ),
    Code(
        *(1122, "not-on-list", 403, f"{_DENIED}.not_on_list"),
        gettext_noop("The grant does not cover this id at this time"),
        gettext_noop("The grant is for ids on a published list only; see the list's next period."),
    ),
    Code(
        *(1123, "wrong-bus", 403, f"{_DENIED}.wrong_bus"),
        gettext_noop("This is not the bus for this call"),
        gettext_noop("Agencies call on the GSB, others on the PGSB; a service may be on one only."),
    ),
    Code(
        *(1130, "unknown-service", 404, _UNKNOWN),
        gettext_noop("There is no such service"),
        gettext_noop("See listMethods of the provider."),
    ),
    Code(
        *(1131, "unknown-endpoint", 404, f"{_UNKNOWN}.endpoint"),
        gettext_noop("The service has no such method and path"),
        gettext_noop("See listMethods and getOpenAPI of the service."),
    ),
    Code(
        *(1140, "quota-of-the-minute", 429, f"{SERVER}.quota_exceeded"),
        gettext_noop("The quota of this minute is used up"),
        gettext_noop("Wait `retry_in` seconds."),
    ),
    Code(
        *(1141, "quota-of-the-day", 429, f"{SERVER}.quota_exceeded.day"),
        gettext_noop("The quota of this day is used up"),
        gettext_noop("Wait `retry_in` seconds, until midnight in Tehran, or ask for more."),
    ),
    Code(
        *(1150, "message-differs", 409, "client.bad_request.message_differs"),
        gettext_noop("Another message was sent with this X-Road-Id"),
        gettext_noop("Send the new message with a new X-Road-Id."),
    ),
    Code(
        *(1151, "unknown-message", 404, "client.bad_request.unknown_message"),
        gettext_noop("There is no such message of yours"),
        gettext_noop("Only sender and receiver see a message; an old one is forgotten."),
    ),
    Code(
        *(1152, "key-unknown", 409, "client.bad_request.key_unknown"),
        gettext_noop("The receiver has no such key"),
        gettext_noop("Ask for the receiver's keys and seal the message anew."),
    ),
    Code(
        *(2100, "not-recorded", 503, f"{SERVER}.logging_failed"),
        gettext_noop("The call could not be recorded"),
        gettext_noop("The answer was withheld. Wait `retry_in` seconds and call again."),
    ),
    Code(
        *(2101, "policy-unavailable", 503, f"{SERVER}.policy_unavailable"),
        gettext_noop("The gateway cannot see who may call what"),
        gettext_noop("Call another gateway, or wait `retry_in` seconds."),
    ),
    Code(
        *(2102, "starting", 503, f"{SERVER}.not_ready"),
        gettext_noop("The gateway is starting"),
        gettext_noop("Wait `retry_in` seconds."),
    ),
    Code(
        *(2103, "overloaded", 503, f"{SERVER}.overloaded"),
        gettext_noop("The gateway is at its limit"),
        gettext_noop("Wait `retry_in` seconds, longer each time."),
    ),
    Code(
        *(2104, "failed", 500, f"{SERVER}.internal_error"),
        gettext_noop("The gateway failed"),
        gettext_noop("Tell the operator the `request_id`."),
    ),
    Code(
        *(2105, "messages-unavailable", 503, f"{SERVER}.messages_unavailable"),
        gettext_noop("Messages cannot be kept at this moment"),
        gettext_noop("Wait `retry_in` seconds and send it again with the same X-Road-Id."),
    ),
    Code(
        *(3100, "switched-off", 503, f"{SERVER}.service_disabled"),
        gettext_noop("The provider has switched the service off"),
        gettext_noop("`detail` is the provider's notice."),
    ),
    Code(
        *(3101, "unreachable", 502, f"{_FAILED}.network_error"),
        gettext_noop("The provider cannot be reached"),
        gettext_noop("Call again later; with an Idempotency-Key when the call changes something."),
    ),
    Code(
        *(3102, "too-slow", 504, f"{_FAILED}.timeout"),
        gettext_noop("The provider did not answer in time"),
        gettext_noop("It may have done what was asked: call again with the same Idempotency-Key."),
    ),
    Code(
        *(3103, "broken-answer", 502, _FAILED),
        gettext_noop("The provider's answer cannot be passed on"),
        gettext_noop("Tell the provider the `request_id`."),
    ),
    Code(
        *(3104, "circuit-open", 503, f"{_FAILED}.circuit_open"),
        gettext_noop("The provider failed repeatedly and is given a rest"),
        gettext_noop("Wait `retry_in` seconds; nothing was sent to the provider."),
    ),
    Code(
        *(3105, "provider-busy", 503, f"{_FAILED}.busy"),
        gettext_noop("Too many calls wait for this provider"),
        gettext_noop("Wait `retry_in` seconds; nothing was sent to the provider."),
    ),
)

_BY_FAULT: Final = {code.fault: code for code in CODES}


def code_of(fault: Fault) -> Code:
    """By its full name, else by the nearest name above it."""
    name = fault.recorded
    while name not in _BY_FAULT:
        if "." not in name:
            return _BY_FAULT[f"{SERVER}.internal_error"]
        name = name.rpartition(".")[0]
    return _BY_FAULT[name]


_HEAD = """\
# Errors of the exchange

On the plain face (`/v1/…`) an error is `application/problem+json` (RFC 9457). `code` is a number
whose meaning never changes; `type` is the same as a name. `cause` says whose fault it is:
`consumer`, `gateway` (the exchange) or `provider`. `retry_in` counts seconds and is there when
waiting helps; `request_id` finds the call in the records. `title` and `detail` are in Persian or
English, as `Accept-Language` asks. On the X-Road face (`/r1/…`) the type stands in `X-Road-Error`.

An error of the *service* passes with the provider's own status and its problem members. It has no
`X-Road-Error` header; by that the two are told apart on both faces.

| code | `type` ends in | status | X-Road face | what happened | what to do |
|---|---|---|---|---|---|
"""


def page() -> str:
    """docs/errors-of-the-exchange.md, made of the table above."""
    return _HEAD + "".join(
        f"| {c.number} | `{c.name}` | {c.status} | `{c.fault}` | {c.title} | {c.advice} |\n"
        for c in CODES
    )


if __name__ == "__main__":
    import sys

    sys.stdout.write(page())
