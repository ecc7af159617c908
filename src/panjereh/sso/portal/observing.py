"""What a client does wrong in its requests, told to its developers (row 34 of the reference).

Of a live client only what went wrong is kept, so a right request costs no statement; of a test
client each request is, for its developers look at the last one. Nothing of a person is kept.
"""

import base64
import binascii
import json
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

from django.http import HttpRequest, HttpResponse, QueryDict

from panjereh.common import clock
from panjereh.sso.digests import sha256
from panjereh.sso.models import RelyingParty
from panjereh.sso.portal.models import SeenRequest
from panjereh.sso.portal.registering import TEST
from panjereh.sso.relying_parties.queries import relying_party

SHORTEST = 22  # characters: 128 random bits in base64url
KEPT, REMEMBERED = 50, 32
NOTES_PER_MINUTE = 30  # of one client in one process, so that a flood stays a trickle
_NO_MISTAKE = {"login_required", "consent_required", "access_denied", "use_dpop_nonce"}


@dataclass
class _Memory:
    """Of one client in this process: digests of its last requests, and when something was noted."""

    states: deque[tuple[str, str]] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    notes: deque[float] = field(default_factory=lambda: deque(maxlen=NOTES_PER_MINUTE))


_memories: dict[str, _Memory] = {}


def note_request(params: QueryDict, answer: object) -> None:
    """At the authorization endpoint. `answer` is a redirect with an error, or anything else."""
    party = relying_party(params.get("client_id", ""))
    if party is None:
        return
    told: Mapping[str, str] = getattr(answer, "answer", {})
    error = getattr(answer, "error", "") or told.get("error", "")
    faults = [] if "request_uri" in params else faults_of(params, _memory(party).states)
    _note(party, "authorize", error, told.get("error_description", ""), faults)


def note_call(door: str, request: HttpRequest, response: HttpResponse) -> None:
    """At the endpoints for programs. A browser that calls them with a page's script says so by
    `Origin`: then the secret lies in the page, where everybody can read it."""
    in_browser = "Origin" in request.headers
    if response.status_code < 400 and not in_browser:
        return
    if party := relying_party(_client_id(request)):
        told = _json(response) if response.status_code >= 400 else {}
        faults = ["secret-in-browser"] if in_browser else []
        detail = told.get("error_description", "")
        _note(party, door, told.get("error", ""), detail, faults)


def faults_of(params: Mapping[str, str], states: deque[tuple[str, str]]) -> list[str]:
    """Habits that work today and are a hole tomorrow. Remembers the request's `state`."""
    state, nonce = params.get("state", ""), params.get("nonce", "")
    found = {
        "secret-in-address": "client_secret" in params,
        "state-missing": not state,
        "state-short": 0 < len(state) < SHORTEST,
        "state-constant": bool(state) and _used_before(params, states),
        "nonce-missing": not nonce,
        "nonce-short": 0 < len(nonce) < SHORTEST,
        "pkce-missing": not params.get("code_challenge"),
        "pkce-plain": bool(params.get("code_challenge"))
        and params.get("code_challenge_method") != "S256",
    }
    return [name for name, there in found.items() if there]


def _used_before(params: Mapping[str, str], states: deque[tuple[str, str]]) -> bool:
    """The same `state` in another request; a page that is loaded again is the same request."""
    state = sha256(params.get("state", ""))
    request = sha256(params.get("nonce", "") + "\n" + params.get("code_challenge", ""))
    before = any(old == state and other != request for old, other in states)
    if (state, request) not in states:
        states.append((state, request))
    return before


def _note(party: RelyingParty, door: str, error: str, detail: str, faults: list[str]) -> None:
    wrong = bool(faults) or (bool(error) and error not in _NO_MISTAKE)
    if not (wrong or party.stage == TEST) or not _within_budget(_memory(party).notes):
        return
    SeenRequest.objects.create(
        client_id=party.client_id,
        door=door,
        error=error[:60],
        detail=detail[:200],
        faults=faults,
        at=clock.now(),
    )
    _keep_the_newest(party.client_id)


def _keep_the_newest(client_id: str) -> None:
    rows = SeenRequest.objects.filter(client_id=client_id)
    if last := rows.order_by("-pk").values_list("pk", flat=True)[KEPT : KEPT + 1].first():
        rows.filter(pk__lte=last).delete()


def _within_budget(notes: deque[float]) -> bool:
    now = time.monotonic()
    if len(notes) == NOTES_PER_MINUTE and now - notes[0] < 60:
        return False
    notes.append(now)
    return True


def _memory(party: RelyingParty) -> _Memory:
    return _memories.setdefault(party.client_id, _Memory())


def _client_id(request: HttpRequest) -> str:
    """As the form or Basic names it, whether or not the secret was right."""
    if named := request.POST.get("client_id"):
        return named
    kind, _, encoded = request.headers.get("Authorization", "").partition(" ")
    try:
        told = base64.b64decode(encoded, validate=True).decode() if kind.lower() == "basic" else ""
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return unquote_plus(told.partition(":")[0])


def _json(response: HttpResponse) -> dict[str, Any]:
    try:
        told = json.loads(response.content)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
