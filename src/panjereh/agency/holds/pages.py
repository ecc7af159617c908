"""Pages of held services: for the person whom it concerns, and for the staff of the agency."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from panjereh.agency.agencies import agency_of
from panjereh.agency.cases.actions import record_look
from panjereh.agency.holds import actions, queries
from panjereh.agency.holds.confirming import Confirmed, confirm
from panjereh.agency.holds.forms import PersonForm, RuleForm, SerialForm
from panjereh.agency.holds.models import Hold
from panjereh.agency.models import StaffMember
from panjereh.agency.packages.queries import on_air, package_of
from panjereh.agency.pages.showing import reader
from panjereh.agency.pages.staff import PER_PAGE, for_staff
from panjereh.sdk.signin import own_matters, renew_person, signed_in

LIFTED = "holds-lifted"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@own_matters
def held(request: HttpRequest) -> HttpResponse:
    """What is held of the person's services here, why, and the one thing to do about it."""
    national_id = request.person.national_id  # type: ignore[attr-defined]
    hold = queries.standing(national_id, agency_of(request).pk).first()
    if hold is None:
        return render(request, "holds/nothing.html", {"lifted": request.session.pop(LIFTED, False)})
    form = SerialForm(request.POST if request.method == "POST" else None)
    outcome = Confirmed()
    if request.method == "POST" and form.is_valid():
        outcome = confirm(hold, form, by=national_id)
        if outcome.person:
            _greet(request, outcome)
            return redirect("held")
    return _held(request, hold, form, outcome.trouble)


def _greet(request: HttpRequest, outcome: Confirmed) -> None:
    """The pages speak to the person by the new data from now on."""
    found = outcome.person
    if found:
        renew_person(
            request,
            given_name=found.given_name,
            family_name=found.family_name,
            father_name=found.father_name,
            birth_date=found.birth_date,
        )
        request.session[LIFTED] = True


def _held(request: HttpRequest, hold: Hold, form: SerialForm, trouble: str) -> HttpResponse:
    services = [_titled(service) for service in queries.services_of(hold)]
    context = {
        "hold": hold,
        "held": [s for s in services if s["effect"] == "hold"],
        "form": form,
        "trouble": trouble,
    }
    return render(request, "holds/held.html", context, status=_status(form, trouble))


def _status(form: SerialForm, trouble: str) -> int:
    if trouble == "away":
        return 503
    return 409 if trouble else 400 if form.errors else 200


def _titled(service: queries.Service) -> dict[str, Any]:
    version = service.case.version if service.case else None
    if version is None and service.draft:
        version = service.draft.version
    title = reader(package_of(version)).text("title") if version else service.service_id
    return {
        "title": title,
        "service_id": service.service_id,
        "case": service.case,
        "effect": service.effect,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def staff_holds(request: HttpRequest, member: StaffMember) -> HttpResponse:
    """All that stand; whoever is at the counter is found by the number on the card, which is sent
    in the body and never stands in an address."""
    form = PersonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        hold = queries.standing(form.cleaned_data["national_id"], member.agency_id).first()
        if hold:
            return redirect("staff-hold", hold_id=hold.pk)
        form.nothing_held()
    found = queries.holds_of(member.agency)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    lines = [{"hold": hold, "services": _count(hold)} for hold in page]
    context = {"page": page, "lines": lines, "form": form}
    status = 400 if form.errors else 200
    return render(request, "holds/staff_holds.html", context, status=status)


def _count(hold: Hold) -> int:
    return sum(service.effect == "hold" for service in queries.services_of(hold))


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def staff_hold(request: HttpRequest, member: StaffMember, hold_id: int) -> HttpResponse:
    """Which services are held and why; at the counter, the way to lift it (NIX-13)."""
    hold = queries.hold_of_agency(member.agency, hold_id)
    if hold is None:
        raise Http404("no such hold at this agency")
    form = SerialForm(request.POST if request.method == "POST" else None)
    outcome = Confirmed()
    if request.method == "POST" and form.is_valid() and not hold.lifted_at:
        outcome = confirm(hold, form, by=member)
        if outcome.person:
            return redirect("staff-hold", hold_id=hold_id)
    return _staff_hold(request, member, hold, form, outcome.trouble)


def _staff_hold(
    request: HttpRequest, member: StaffMember, hold: Hold, form: SerialForm, trouble: str
) -> HttpResponse:
    services = queries.services_of(hold)
    cases = [service.case for service in services if service.case]
    for case in cases:
        record_look(case=case, actor=member)
    context = {
        "hold": hold,
        "looked": bool(cases),
        "services": [_titled(service) for service in services],
        "proofs": hold.proofs.order_by("-at"),
        "form": form,
        "trouble": trouble,
    }
    return render(request, "holds/staff_hold.html", context, status=_status(form, trouble))


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def rules(request: HttpRequest, member: StaffMember) -> HttpResponse:
    """What each service does on the news: the agency's own decision (000 A4.1)."""
    services = {v.service_id: package_of(v) for v in on_air(member.agency_id)}
    if request.method == "POST":
        form = RuleForm(request.POST)
        if not form.is_valid() or form.cleaned_data["service_id"] not in services:
            raise Http404("no such service or rule")
        actions.set_rule(actor=member, agency=member.agency, **form.cleaned_data)
        return redirect("staff-hold-rules")
    kept = queries.rules_of(member.agency)
    lines = [
        {
            "service_id": service_id,
            "title": reader(package).text("title"),
            "rule": kept.get(service_id),
        }
        for service_id, package in services.items()
    ]
    return render(request, "holds/rules.html", {"lines": lines})
