"""A person's own requests at this agency: where they stand, and what they wait for."""

import base64
from typing import Any

import rfc8785
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from panjereh.agency.agencies import agency_of
from panjereh.agency.cases.actions import NotComplete, answer_step
from panjereh.agency.cases.queries import MOVING, case_of, cases_of, looks_at, told_events
from panjereh.agency.cases.signatures import signature_shown
from panjereh.agency.cases.timeline import unit_of
from panjereh.agency.drafts.actions import begin_later_answer
from panjereh.agency.drafts.queries import known_of, open_drafts
from panjereh.agency.forms.view import view
from panjereh.agency.holds.queries import ServiceHeld, holding_case, standing
from panjereh.agency.models import Case, CaseSignature, Draft
from panjereh.agency.packages.queries import package_of
from panjereh.agency.pages.showing import reader
from panjereh.agency.pages.walk import Walk, show_page
from panjereh.sdk.signin import signed_in


@never_cache
@require_safe
@signed_in
def requests(request: HttpRequest) -> HttpResponse:
    agency, person = agency_of(request), request.person  # type: ignore[attr-defined]
    context = {
        "cases": [_line(case) for case in cases_of(person, agency)],
        "held": standing(person.national_id, agency.pk).exists(),
        "drafts": [_draft_line(draft) for draft in open_drafts(person, agency.pk)],
    }
    return render(request, "agency/requests.html", context)


def _line(case: Case) -> dict[str, Any]:
    read = reader(package_of(case.version))
    return {"case": case, "title": read.text("title"), "hold": _hold_title(case)}


def _draft_line(draft: Draft) -> dict[str, Any]:
    package = package_of(draft.version)
    held = view(package.form, known_of(draft)).hold
    read = reader(package)
    return {
        "service_id": package.service_id,
        "title": read.text("title"),
        "updated_at": draft.updated_at,
        "hold": read.text(f"holds.{held}.title") if held else "",
    }


def _hold_title(case: Case) -> str:
    return reader(package_of(case.version)).text(f"holds.{case.hold}.title") if case.hold else ""


@never_cache
@require_safe
@signed_in
def request_page(request: HttpRequest, tracking_id: str) -> HttpResponse:
    case = _mine(request, tracking_id)
    package = package_of(case.version)
    read = reader(package)
    context = {
        "case": case,
        "title": read.text("title"),
        "steps": timeline_of(case),
        "moving": case.status in MOVING,
        "held": case.closed_at is None and holding_case(case) is not None,
        "hold_title": _hold_title(case),
        "hold_text": read.text(f"holds.{case.hold}.text") if case.hold else "",
        "answer_url": _answer_url(case) if case.hold else "",
        "decision": decision_of(case),
        "looks": looks_at(case),
        "window_url": window_url(case),
        "signature": signature_shown(case),
        "signature_files": True,
    }
    return render(request, "agency/request.html", context)


@never_cache
@require_safe
@signed_in
def signature_file(request: HttpRequest, tracking_id: str, name: str) -> HttpResponse:
    """For any program: what was signed, the signature, and the request whose digest it names."""
    kept = CaseSignature.objects.filter(case=_mine(request, tracking_id)).first()
    if kept is None:
        raise Http404("nothing was signed")
    files = {
        "signed.json": lambda: base64.b64decode(kept.signed["challenge"]),
        "signature.p7s": lambda: base64.b64decode(kept.signed["container"]),
        "request.json": lambda: rfc8785.dumps(kept.document),
    }
    if name not in files:
        raise Http404("no such file")
    response = HttpResponse(files[name](), content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def timeline_of(case: Case) -> list[dict[str, Any]]:
    unit = unit_of(package_of(case.version))
    return [
        {"at": event.at, "state": event.state, "unit": unit, "text": event.text}
        for event in told_events(case)
    ]


def decision_of(case: Case) -> dict[str, str] | None:
    """The row that decided, in words, with the law it stands on (SMT-09)."""
    if case.decision is None:
        return None
    read = reader(package_of(case.version))
    table, row = case.decision["table"], case.decision["row"]
    return {
        "outcome": str(case.decision["outputs"].get("outcome", "")),
        "reason": read.text(f"decisions.{table}.rows.{row}"),
        "law": read.text(f"laws.{case.decision['law']}"),
        "row": row,
        "version": str(case.decision["version"]),
    }


def window_url(case: Case) -> str:
    """Back to the national window's page of this request."""
    language = (get_language() or "fa")[:2]
    return f"{settings.PUBLIC_URLS['window']}/{language}/requests/{case.tracking_id}/"


def _answer_url(case: Case) -> str:
    pages = package_of(case.version).form.pages_for(case.hold)
    return reverse("answer", args=[case.tracking_id, pages[0]])


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def answer(request: HttpRequest, tracking_id: str, page_id: str) -> HttpResponse:
    """What a waiting request asks; with the last page it goes on from where it stopped."""
    case = _mine(request, tracking_id)
    person = request.person  # type: ignore[attr-defined]
    draft = begin_later_answer(case=case, actor=person)
    if draft is None:
        return redirect("request", tracking_id=tracking_id)
    here = reverse("request", args=[tracking_id])
    walk = Walk(
        draft=draft,
        actor=person,
        page_url=lambda page: reverse("answer", args=[tracking_id, page]),
        review_url=here,
        hold_url=here,
        back_url=here,
    )
    response = show_page(request, walk, page_id)
    if request.method == "POST" and response.status_code == 302:
        return _finish(walk, response)
    return response


def _finish(walk: Walk, response: HttpResponse) -> HttpResponse:
    walk.draft.refresh_from_db()
    try:
        answer_step(draft=walk.draft, actor=walk.actor)
    except NotComplete:
        return response
    except ServiceHeld:
        return redirect("held")
    return redirect(walk.review_url)


def _mine(request: HttpRequest, tracking_id: str) -> Case:
    case = case_of(request.person, agency_of(request), tracking_id)  # type: ignore[attr-defined]
    if case is None:
        raise Http404("no such request of yours")
    return case
