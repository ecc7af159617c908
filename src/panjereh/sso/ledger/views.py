"""The person's own ledger at the sign-on: whole, filtered, and to take home."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from panjereh.sso.account.views import own_page
from panjereh.sso.ledger.forms import ReleasesFilter
from panjereh.sso.ledger.queries import Wanted, agencies, kept_since, releases
from panjereh.sso.ledger.wire import csv_file, everything, json_file
from panjereh.sso.sessions.actions import LiveSession

FILES = {"csv": ("text/csv; charset=utf-8", csv_file), "json": ("application/json", json_file)}


@require_safe
@own_page
def ledger(request: HttpRequest, session: LiveSession) -> HttpResponse:
    form = ReleasesFilter(request.GET)
    form.offer(agencies(session.person_id))
    page = releases(session.person_id, _wanted(form, request.GET.get("before", "")))
    older = request.GET.copy()
    older["before"] = str(page.older or "")
    filtered = request.GET.copy()
    filtered.pop("before", None)
    context = {
        "form": form,
        "lines": page.lines,
        "older": older.urlencode() if page.older else "",
        "filter": filtered.urlencode(),
        "filtered": bool(form.wanted_agency or form.since),
        "kept_since": kept_since(),
    }
    return render(request, "sso_ledger/ledger.html", context)


@require_safe
@own_page
def download(request: HttpRequest, session: LiveSession, kind: str) -> HttpResponse:
    content_type, made = FILES[kind]
    wanted = _wanted(ReleasesFilter(request.GET))
    answer = HttpResponse(made(everything(session.person_id, wanted)), content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="releases.{kind}"'
    return answer


def _wanted(form: ReleasesFilter, before: str = "") -> Wanted:
    line = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    return Wanted(agency=form.wanted_agency, since=form.since, before=line)
