"""Names of states, causes and errors for people."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from panjereh.exchange.monitoring.live import State

_Words = str | Promise

STATES: Mapping[str, tuple[_Words, str]] = {
    State.AWAY: (_("Does not answer"), "red"),
    State.CIRCUIT_OPEN: (_("Cut off for now"), "red"),
    State.FAILING: (_("Failing"), "orange"),
    State.SLOW: (_("Slow"), "yellow"),
    State.OFF: (_("Switched off"), "grey"),
    State.UP: (_("Works"), "green"),
    State.QUIET: (_("No calls"), "blue"),
}
CAUSES: Mapping[str, _Words] = {
    "consumer": _("Consumer"),
    "gateway": _("Exchange"),
    "provider": _("Provider"),
}
# The longest beginning of a code decides.
ERRORS: Mapping[str, _Words] = {
    "client.bad_request": _("The request was malformed"),
    "client.authentication_failed": _("The signature was not accepted"),
    "server.serverproxy.access_denied": _("No grant allows it"),
    "server.serverproxy.unknown_service": _("There is no such service"),
    "server.serverproxy.service_disabled": _("The service was switched off"),
    "server.serverproxy.quota_exceeded": _("The quota was used up"),
    "server.serverproxy.service_failed.timeout": _("The provider took too long"),
    "server.serverproxy.service_failed.network_error": _("The provider could not be reached"),
    "server.serverproxy.service_failed.circuit_open": _("The provider was cut off for a while"),
    "server.serverproxy.service_failed": _("The provider's answer was broken"),
    "server.serverproxy.logging_failed": _("The call could not be recorded"),
    "server.serverproxy.policy_unavailable": _("The exchange could not read its policy"),
    "server.serverproxy.overloaded": _("The exchange was at its limit"),
    "server.serverproxy.internal_error": _("The exchange failed"),
    "service_error": _("The service answered with an error"),
}


def state_name(state: str) -> str:
    return str(STATES[state][0])


def state_colour(state: str) -> str:
    return STATES[state][1]


def cause_name(cause: str) -> str:
    return str(CAUSES.get(cause, cause))


def error_name(code: str) -> str:
    known = [beginning for beginning in ERRORS if code.startswith(beginning)]
    return str(ERRORS[max(known, key=len)]) if known else code
