"""The registrar's desk: agencies and their first developers, applications, all sites."""

from uuid import UUID

from django import forms
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from panjereh.sso.portal.actions import agencies, applications, sites
from panjereh.sso.portal.forms import AgencyForm, DecisionForm, DeveloperForm, ReasonForm
from panjereh.sso.portal.models import Agency, Application
from panjereh.sso.portal.naming import deeds_of
from panjereh.sso.portal.queries import every_site, waiting_applications
from panjereh.sso.portal.reviewing import claim_rows, fact_rows
from panjereh.sso.portal.views.desk import form_page
from panjereh.sso.staff.doors import officer_page
from panjereh.sso.staff.models import Officer

registrar_page = officer_page(Officer.Role.REGISTRAR.value)


@require_safe
@registrar_page
def desk(request: HttpRequest, officer: Officer) -> HttpResponse:
    context = {"applications": waiting_applications(), "sites": every_site()}
    return render(request, "sso_portal/registrar.html", context)


@form_page
@registrar_page
def agency_list(request: HttpRequest, officer: Officer) -> HttpResponse:
    form = AgencyForm(request.POST or None)
    if form.is_valid() and _registered(form, officer):
        return redirect("registrar-agency", form.cleaned_data["code"])
    context = {"form": form, "agencies": Agency.objects.order_by("code")}
    return render(request, "sso_portal/agencies.html", context)


def _registered(form: AgencyForm, officer: Officer) -> bool:
    given = form.cleaned_data
    name = {"fa": given["name_fa"], "en": given["name_en"]}
    try:
        agencies.register_agency(
            actor=officer, code=given["code"], name=name, of_government=given["of_government"]
        )
    except IntegrityError:
        form.add_error("code", _("This code is taken; choose another one."))
        return False
    return True


@form_page
@registrar_page
def agency(request: HttpRequest, officer: Officer, code: str) -> HttpResponse:
    found = get_object_or_404(Agency, code=code)
    form = DeveloperForm(request.POST or None)
    if form.is_valid():
        try:
            agencies.appoint_developer(actor=officer, agency=found, **form.cleaned_data)
        except IntegrityError:
            form.add_error("national_id", _("This person works for an agency already."))
        else:
            return redirect("registrar-agency", code)
    context = {"form": form, "agency": found, "developers": found.developers.filter(active=True)}
    return render(request, "sso_portal/agency.html", context)


@form_page
@registrar_page
def application(request: HttpRequest, officer: Officer, pk: UUID) -> HttpResponse:
    """Approve with a decision, send back, or refuse: which button was pressed says it."""
    found = get_object_or_404(Application, pk=pk)
    approving = request.POST.get("verdict") == "approve"
    rows = claim_rows(found)
    decision = DecisionForm(
        [row.claim for row in rows],
        request.POST if approving else None,
        # The registrar ticks what a decision says; only what one has said before is ticked.
        initial={"data_items": [row.claim for row in rows if row.approved_by]},
    )
    reason = ReasonForm(request.POST if request.POST and not approving else None)
    if _decided(found, officer, decision, reason, request.POST.get("verdict", "")):
        return redirect("registrar")
    context = {
        "application": found,
        "rows": rows,
        "facts": fact_rows(found),
        "decision": decision,
        "reason": reason,
        "page_has_errors": bool(decision.errors or reason.errors),
    }
    return render(request, "sso_portal/application.html", context)


def _decided(
    found: Application, officer: Officer, decision: DecisionForm, reason: forms.Form, verdict: str
) -> bool:
    if decision.is_bound and decision.is_valid():
        told = applications.Decision(**decision.cleaned_data)
        applications.approve(actor=officer, application=found, decision=told)
        return True
    turn_down = {"return": applications.send_back, "refuse": applications.refuse}.get(verdict)
    if turn_down and reason.is_valid():
        turn_down(actor=officer, application=found, **reason.cleaned_data)
        return True
    return False


@form_page
@registrar_page
def site(request: HttpRequest, officer: Officer, code: str) -> HttpResponse:
    """A later decision of the working group leaves the site less."""
    found = get_object_or_404(every_site(), code=code)
    granted = found.live.granted_claims if found.live else []
    form = DecisionForm(granted, request.POST or None, initial={"data_items": granted})
    if found.live and form.is_valid():
        applications.cut_to(
            actor=officer, site=found, decision=applications.Decision(**form.cleaned_data)
        )
        return redirect("registrar-site", code)
    context = {
        "site": found,
        "form": form,
        "approvals": found.approvals.all(),
        "deeds": deeds_of(found),
    }
    return render(request, "sso_portal/registrar_site.html", context)


@form_page
@registrar_page
def close(request: HttpRequest, officer: Officer, code: str, stage: str) -> HttpResponse:
    found = get_object_or_404(every_site(), code=code)
    party = sites.standing_client(found, stage)
    if request.method == "POST":
        sites.close_client(actor=officer, site=found, stage=stage)
        return redirect("registrar-site", code)
    context = {"site": found, "party": party, "stage": stage, "staff": True}
    return render(request, "sso_portal/close.html", context)
