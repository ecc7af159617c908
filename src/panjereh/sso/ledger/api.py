"""A person's ledger, for the national window and with the person's own token."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from panjereh.sso.ledger.queries import Wanted, agencies, kept_since, releases
from panjereh.sso.ledger.readers import RELEASES, may_read
from panjereh.sso.ledger.wire import as_json
from panjereh.sso.provider.bearers import bearer_of, scope_missing, told_to
from panjereh.sso.provider.store import TokenOwner


@require_safe
def ledger(request: HttpRequest) -> HttpResponse:
    """Of whom the token speaks, and of nobody else: who acts for another reads only what is
    their own, elsewhere."""
    owner = bearer_of(request)
    if isinstance(owner, HttpResponse):
        return owner
    if not _may(owner):
        return scope_missing(RELEASES)
    try:
        wanted = _wanted(request)
    except (ValueError, OverflowError):
        return JsonResponse({"error": "invalid_request"}, status=400)
    page = releases(owner.person_id, wanted)
    known = agencies(owner.person_id)
    told = {
        "lines": [as_json(line) for line in page.lines],
        "older": page.older,
        "agencies": [{"code": code, "name": name} for code, name in known.items()],
        "kept_since": kept_since().isoformat(timespec="seconds"),
    }
    return told_to(owner, JsonResponse(told))


def _may(owner: TokenOwner) -> bool:
    """The site may have been shut out since the token was given."""
    asked = RELEASES in owner.scope.split()
    return asked and owner.mandate_use is None and may_read(owner.client_id)


def _wanted(request: HttpRequest) -> Wanted:
    return Wanted(
        agency=request.GET.get("agency", "")[:60],
        since=_time(request.GET.get("since", "")),
        until=_time(request.GET.get("until", "")),
        before=int(request.GET["before"]) if request.GET.get("before") else None,
        most=int(request.GET.get("most") or 20),
    )


def _time(text: str) -> datetime | None:
    if not text:
        return None
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
