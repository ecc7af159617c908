"""What staff see: the cases of their agency. Every look is recorded and shown to the person."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from panjereh.agency.agencies import agency_of, staff_member
from panjereh.agency.cases.actions import record_look, retry_case
from panjereh.agency.cases.queries import calls_of, inbox
from panjereh.agency.cases.signatures import signature_shown
from panjereh.agency.models import Case, StaffMember
from panjereh.agency.packages.queries import package_of
from panjereh.agency.pages.requests import decision_of, timeline_of
from panjereh.agency.pages.showing import reader
from panjereh.sdk.signin import signed_in

PER_PAGE = 25
FILTERS = ("", "stuck", *Case.Status.values)

View = Callable[..., HttpResponse]


def for_staff(view: View) -> View:
    """Only people who work at the agency whose window this is."""

    @never_cache
    @signed_in
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        member = staff_member(agency_of(request), request.person)  # type: ignore[attr-defined]
        if member is None:
            raise PermissionDenied
        return view(request, member, *args, **kwargs)

    return guarded


@require_safe
@for_staff
def cases(request: HttpRequest, member: StaffMember) -> HttpResponse:
    only = request.GET.get("only", "")
    if only not in FILTERS:
        raise Http404("no such filter")
    page = Paginator(inbox(member.agency, only=only), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "lines": [{"case": c, "title": reader(package_of(c.version)).text("title")} for c in page],
        "only": only,
        "filters": FILTERS,
    }
    return render(request, "agency/staff_cases.html", context)


@require_safe
@for_staff
def case_page(request: HttpRequest, member: StaffMember, tracking_id: str) -> HttpResponse:
    case = _case(member, tracking_id)
    record_look(case=case, actor=member)
    context = {
        "case": case,
        "title": reader(package_of(case.version)).text("title"),
        "steps": timeline_of(case),
        "decision": decision_of(case),
        "signature": signature_shown(case),
        "calls": calls_of(case),
        "instance": case.processinstance,
        "may_retry": case.closed_at is None and case.status == Case.Status.TROUBLE,
    }
    return render(request, "agency/staff_case.html", context)


@require_POST
@for_staff
def retry(request: HttpRequest, member: StaffMember, tracking_id: str) -> HttpResponse:
    retry_case(case=_case(member, tracking_id), actor=member)
    return redirect("staff-case", tracking_id=tracking_id)


def _case(member: StaffMember, tracking_id: str) -> Case:
    found = inbox(member.agency).filter(tracking_id=tracking_id).first()
    if found is None:
        raise Http404("no such case at this agency")
    return found
