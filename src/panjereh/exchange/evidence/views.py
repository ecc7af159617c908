"""The log over HTTP: static resources of c2sp.org/tlog-tiles, and the proof of one call.

Public: checkpoint, hash tiles, time stamps, keys, policy. They say nothing about any call.
Entries and the audit's words are for those who oversee. A proof carries traffic data of one call:
it is for the parties of that call as well (NIX-39).
"""

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from panjereh.exchange.doors import public_page
from panjereh.exchange.evidence.audit import OUTCOME
from panjereh.exchange.evidence.config import Config, config
from panjereh.exchange.evidence.keys import KeysMissing, public_keys
from panjereh.exchange.evidence.parties import overseer_page, party_page
from panjereh.exchange.evidence.queries import CallProof, proof_of_call
from panjereh.exchange.evidence.retention import POLICY
from panjereh.exchange.evidence.stamps import stamp_of
from panjereh.exchange.evidence.stored import CHECKPOINT
from panjereh.exchange.evidence.tiles import ENTRIES
from panjereh.exchange.models import CallRecord

PLAIN = "text/plain; charset=utf-8"
BYTES = "application/octet-stream"
FOR_EVER = "public, max-age=31536000, immutable"
NEWEST = "public, max-age=1"
MINUTES = "public, max-age=300"
NOBODY_KEEPS = "private, no-store"
PENDING = "The log has not published this call yet, or it was pruned. Try again in a few seconds.\n"

View = Callable[..., HttpResponse]


@require_safe
@public_page
def checkpoint(request: HttpRequest) -> HttpResponse:
    return _file(config(), CHECKPOINT, PLAIN, NEWEST)


@require_safe
@public_page
def tile(request: HttpRequest, level: str, place: str) -> HttpResponse:
    return _file(config(), f"tile/{level}/{place}", BYTES, FOR_EVER)


@require_safe
@overseer_page
def entries(request: HttpRequest, place: str) -> HttpResponse:
    return _file(config(), f"tile/{ENTRIES}/{place}", BYTES, NOBODY_KEEPS)


@require_safe
@public_page
def keys(request: HttpRequest) -> HttpResponse:
    """The log's vkeys, one a line. Whoever needs to be sure gets them another way."""
    try:
        lines = "".join(f"{key}\n" for key in public_keys(config().keys))
    except KeysMissing as error:
        raise Http404 from error
    return _answer(lines.encode(), PLAIN, MINUTES)


@require_safe
@public_page
def policy(request: HttpRequest) -> HttpResponse:
    return _file(config(), POLICY, "application/json", MINUTES)


@require_safe
@public_page
def stamp_note(request: HttpRequest, size: int) -> HttpResponse:
    if (stamp := stamp_of(config().folder, size)) is None:
        raise Http404
    return _answer(stamp.note.encode(), PLAIN, FOR_EVER)


@require_safe
@public_page
def stamp_response(request: HttpRequest, size: int) -> HttpResponse:
    if (stamp := stamp_of(config().folder, size)) is None:
        raise Http404
    return _answer(stamp.response, "application/timestamp-reply", FOR_EVER)


@require_safe
@overseer_page
def audited(request: HttpRequest) -> HttpResponse:
    return _file(config(), OUTCOME, "application/json", NOBODY_KEEPS)


def _proof_page(view: Callable[[CallProof], HttpResponse]) -> View:
    """For those who may see the call. A proof that is not ready yet is told with 404."""

    @require_safe
    @party_page
    @wraps(view)
    def page(request: HttpRequest, call: CallRecord) -> HttpResponse:
        found = proof_of_call(config().folder, call.request_id, call.received_at)
        if found is None:
            return _answer(PENDING.encode(), PLAIN, NOBODY_KEEPS, status=404)
        return view(found)

    return page


@_proof_page
def proof(found: CallProof) -> HttpResponse:
    return _answer(found.bundle.encode(), "application/json", NOBODY_KEEPS)


@_proof_page
def proof_text(found: CallProof) -> HttpResponse:
    return _answer(str(found.proof).encode(), PLAIN, NOBODY_KEEPS)


@_proof_page
def proof_record(found: CallProof) -> HttpResponse:
    """The bytes that are in the log; nothing may reformat them."""
    return _answer(found.record, "application/json", NOBODY_KEEPS)


@_proof_page
def proof_stamp(found: CallProof) -> HttpResponse:
    if found.stamp is None:
        return _answer(b"The next time stamp is made within a minute.\n", PLAIN, NOBODY_KEEPS, 404)
    return _answer(found.stamp, "application/timestamp-reply", NOBODY_KEEPS)


def _file(conf: Config, name: str, content_type: str, cache: str) -> HttpResponse:
    data = conf.folder.read(name)
    if data is None:
        raise Http404
    return _answer(data, content_type, cache)


def _answer(data: bytes, content_type: str, cache: str, status: int = 200) -> HttpResponse:
    headers = {"Cache-Control": cache, "X-Content-Type-Options": "nosniff"}
    return HttpResponse(data, status=status, content_type=content_type, headers=headers)
