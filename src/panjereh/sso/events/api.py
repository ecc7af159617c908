"""The door where sites collect events that cannot be pushed to them (RFC 8936)."""

import re
from typing import Any
from uuid import UUID

import msgspec
from authlib.oauth2 import OAuth2Error
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from panjereh.sso.events.actions import acknowledge, refuse
from panjereh.sso.events.models import Receiver
from panjereh.sso.events.queries import waiting
from panjereh.sso.events.tokens import security_event_token
from panjereh.sso.models import RelyingParty
from panjereh.sso.policy import policy
from panjereh.sso.provider.assertions import AssertionRefused, subject_of_assertion
from panjereh.sso.provider.clients import by_basic
from panjereh.sso.provider.requests import ProtocolRequest

PUSH, POLL = "urn:ietf:rfc:8935", "urn:ietf:rfc:8936"
CACHED_SECONDS = 300
LARGEST = 65_536
_CODE = re.compile(r"^[a-z_]{1,30}$")


class Refusal(msgspec.Struct):
    err: str
    description: str = ""


class Poll(msgspec.Struct, rename="camel"):
    """`return_immediately` is taken and always so: nobody is kept waiting."""

    max_events: int | None = None
    return_immediately: bool = True
    ack: list[UUID] = []
    set_errs: dict[UUID, Refusal] = {}


@require_safe
@cache_control(public=True, max_age=CACHED_SECONDS)
def configuration(request: HttpRequest) -> HttpResponse:
    """Shared Signals Framework 6.1, as far as it is offered here."""
    return JsonResponse(
        {
            "spec_version": "1_0",
            "issuer": settings.ISSUER,
            "jwks_uri": f"{settings.ISSUER}/oauth2/jwks",
            "delivery_methods_supported": [PUSH, POLL],
        }
    )


@csrf_exempt
@require_POST
def collect(request: HttpRequest) -> HttpResponse:
    """What the client has is taken off the list first, then it gets what is still on it."""
    party = _client(request)
    if party is None or not Receiver.objects.filter(client_id=party.client_id).exists():
        return _refused(401, "authentication_failed")
    try:
        asked = msgspec.json.decode(request.body[:LARGEST] or b"{}", type=Poll)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return _refused(400, "invalid_request")
    acknowledge(party.client_id, asked.ack)
    refuse(party.client_id, {event: _outcome(told) for event, told in asked.set_errs.items()})
    return JsonResponse(_left(party, asked.max_events))


def _client(request: HttpRequest) -> RelyingParty | None:
    """By its secret, or by an assertion of its key as the token endpoint takes it (RFC 7523)."""
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    try:
        if kind.lower() == "bearer":
            return subject_of_assertion(given.strip())
        client = by_basic(None, ProtocolRequest("POST", QueryDict(), request.headers))
    except (AssertionRefused, OAuth2Error):
        return None
    # Whoever registered a key never gets in by a secret again.
    return client.party if client and not client.party.jwks else None


def _outcome(told: Refusal) -> str:
    """A word of the client, kept for staff if it looks like one."""
    return f"refused-{told.err}" if _CODE.match(told.err) else "refused"


def _left(party: RelyingParty, most: int | None) -> dict[str, Any]:
    """Oldest first; what is not acknowledged comes again, with the same `jti`."""
    limit = policy().events_collected_at_once
    wanted = limit if most is None else max(0, min(most, limit))
    due = list(
        waiting(party.client_id).filter(next_try_at=None).order_by("happened_at")[: wanted + 1]
    )
    sets = {str(event.id): security_event_token(event, party) for event in due[:wanted]}
    return {"sets": sets, "moreAvailable": len(due) > wanted}


def _refused(status: int, code: str) -> HttpResponse:
    response = JsonResponse({"err": code, "description": ""}, status=status)
    if status == 401:
        response["WWW-Authenticate"] = 'Basic realm="security events"'
    return response
