"""The public register: everybody reads, searches, takes away and verifies what was approved."""

import csv
import json
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe

from panjereh.exchange.approvals import queries
from panjereh.exchange.approvals.forms import CheckForm
from panjereh.exchange.approvals.keys import secretariat_public_keys
from panjereh.exchange.approvals.models import Approval, Minutes, Session
from panjereh.exchange.approvals.verifying import Checked, check, gazette_entry
from panjereh.exchange.doors import public_page
from panjereh.exchange.models import Grant
from panjereh.ui.jalali import from_jalali, to_jalali
from panjereh.ui.templatetags.panjereh import in_language

PAGE = 25
MINUTES = "public, max-age=300"
COLUMNS = (
    "number",
    "row",
    "date",
    "body",
    "consumers",
    "providers",
    "service_code",
    "service",
    "items",
    "conditions",
    "purpose",
    "legal_basis",
)


@require_safe
@public_page
def register(request: HttpRequest) -> HttpResponse:
    words, kind = request.GET.get("q", "")[:100], request.GET.get("kind", "")
    kind = kind if kind in Approval.Kind.values else ""
    found = Paginator(queries.approvals(words, kind), PAGE)
    page = found.get_page(request.GET.get("page"))
    year, month, _ = to_jalali(date.today())  # noqa: DTZ011 - a day of the calendar
    context = {
        "page": page,
        "q": words,
        "kind": kind,
        "kinds": Approval.Kind.choices,
        "year": year,
        "month": month,
    }
    return render(request, "approvals/register.html", context)


@require_safe
@public_page
def approval(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Approval, pk=pk)
    minutes = Minutes.objects.filter(session__number=found.session_number or 0).first()
    context = {"approval": found, "grants": queries.grants_of(found), "minutes": minutes}
    return render(request, "approvals/approval.html", context)


@require_safe
@public_page
def approval_json(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Approval, pk=pk)
    made = [
        {"series": str(grant.series), "version": grant.version, "state": grant.state}
        for grant in queries.grants_of(found)
    ]
    return _json(found.facts | {"grants": made})


@require_safe
@public_page
def contract(request: HttpRequest, series: UUID, version: int) -> HttpResponse:
    """The contract of a grant with everything that is needed to verify it."""
    found = get_object_or_404(Grant, series=series, version=version)
    return _json(queries.contract_bundle(found))


@require_safe
@public_page
def month_json(request: HttpRequest, year: int, month: int) -> HttpResponse:
    return _json({"approvals": [approval.facts for approval in _of_month(year, month)]})


@require_safe
@public_page
def month_csv(request: HttpRequest, year: int, month: int) -> HttpResponse:
    """With a mark at its beginning, by which spreadsheets know that it is UTF-8."""
    answer = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="approvals-{year}-{month:02}.csv"'
    lines = csv.writer(answer)
    lines.writerow(COLUMNS)
    for approval in _of_month(year, month):
        lines.writerow(_line(approval))
    return answer


@require_safe
@public_page
def gazette(request: HttpRequest, number: int) -> HttpResponse:
    """GOV-25: the approvals of a session as text for the Official Gazette."""
    found = list(Approval.objects.filter(session_number=number).order_by("row"))
    if not found:
        raise Http404
    text = "\n\n".join(gazette_entry(approval) for approval in found)
    return HttpResponse(text + "\n", content_type="text/plain; charset=utf-8")


@require_safe
@public_page
def sessions(request: HttpRequest) -> HttpResponse:
    found = Session.objects.filter(state=Session.State.SIGNED).select_related("minutes")
    return render(request, "approvals/sessions.html", {"sessions": found})


@require_safe
@public_page
def minutes(request: HttpRequest, number: int) -> HttpResponse:
    found = get_object_or_404(Minutes, session__number=number)
    checked = check(json.dumps(_bundle(found)))
    context = {"minutes": found, "content": found.content, "checked": checked}
    return render(request, "approvals/minutes.html", context)


@require_safe
@public_page
def minutes_json(request: HttpRequest, number: int) -> HttpResponse:
    return _json(_bundle(get_object_or_404(Minutes, session__number=number)))


@require_safe
@public_page
def keys(request: HttpRequest) -> HttpResponse:
    """The secretariat's public keys, one in hex a line, the one that signs now first."""
    known = secretariat_public_keys(settings.KEYS).values()
    text = "".join(f"{key}\n" for key in known)
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@require_http_methods(["GET", "HEAD", "POST"])
@public_page
def verify(request: HttpRequest) -> HttpResponse:
    """Anyone pastes minutes or a contract; the answer names what holds and what does not."""
    form = CheckForm(request.POST or None)
    checked: Checked | None = check(form.cleaned_data["text"]) if form.is_valid() else None
    return render(request, "approvals/verify.html", {"form": form, "checked": checked})


def _bundle(found: Minutes) -> dict[str, Any]:
    return {
        "content": found.content,
        "sha256": found.sha256,
        "signature": found.signature,
        "signed_at": found.signed_at.isoformat(),
        "keys": list(secretariat_public_keys(settings.KEYS).values()),
    }


def _of_month(year: int, month: int) -> list[Approval]:
    """Those that were entered in a month of the Jalali calendar."""
    try:
        since = from_jalali(year, month, 1)
        following = (year, month + 1) if month < 12 else (year + 1, 1)
        until = from_jalali(*following, 1)
    except ValueError as error:
        raise Http404 from error
    return list(queries.approvals_entered(since, until))


def _line(approval: Approval) -> list[str]:
    facts = approval.facts
    named = {
        "body": in_language(approval.body),
        "consumers": "; ".join(in_language(body) for body in approval.consumers),
        "providers": "; ".join(in_language(body) for body in approval.providers),
        "service": in_language(approval.service_title),
        "service_code": approval.service_code,
        "items": "; ".join(item["key"] for item in approval.outputs or []),
        "conditions": "; ".join(in_language(condition) for condition in approval.conditions),
        "purpose": in_language(approval.purpose),
    }
    return [_harmless(str(named.get(column, facts.get(column, "")))) for column in COLUMNS]


def _harmless(cell: str) -> str:
    """A spreadsheet must not take a text for a formula."""
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell


def _json(content: Any) -> HttpResponse:
    answer = JsonResponse(content, json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Cache-Control"] = MINUTES
    return answer
