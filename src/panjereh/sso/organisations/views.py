"""Register a company: its id, a look at what the registry says, yes (SSO-06)."""

from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from panjereh.sdk.legal_persons import Company
from panjereh.sso.account.views import own_page
from panjereh.sso.models import Person
from panjereh.sso.organisations.actions import (
    CompanyRefused,
    company_to_register,
    register_organisation,
)
from panjereh.sso.organisations.forms import LegalIdForm
from panjereh.sso.organisations.queries import led_by, registered_organisation
from panjereh.sso.people.asking import asks_registry
from panjereh.sso.sessions.actions import LiveSession

REASONS = {
    "company-unknown": _(
        "The registry of legal persons knows nobody with this ID. Check it in the gazette."
    ),
    "not-chief-executive": _(
        "The registry of legal persons does not name you as chief executive of this company. "
        "Only the chief executive can register it; staff are given mandates later. If you have "
        "just been appointed, wait until the registry has entered it."
    ),
    "may-not-act": _(
        "According to the registry this company is dissolved or struck off, so it cannot be "
        "registered. If that is a mistake, the registry of companies corrects it."
    ),
    "not-of-age": _("Whoever is not of age yet cannot register a company."),
}
STATES = {"active": _("Active"), "in-liquidation": _("In liquidation")}
RULES = {
    "each": _("Each signatory alone"),
    "two": _("Any two signatories together"),
    "all": _("All signatories together"),
}


@require_http_methods(["GET", "POST"])
@asks_registry(again="register-company")
def company(request: HttpRequest, person: Person) -> HttpResponse:
    form = LegalIdForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            found = company_to_register(person, form.cleaned_data["legal_id"])
        except CompanyRefused as refused:
            form.add_error("legal_id", str(REASONS[refused.reason]))
        else:
            return _look(request, person, found)
    return _ask(request, form)


def _ask(request: HttpRequest, form: forms.Form, status: int = 200) -> HttpResponse:
    return render(request, "sso_organisations/company.html", {"form": form}, status=status)


def _look(request: HttpRequest, person: Person, found: Company) -> HttpResponse:
    """Its chief executive may be told that it is registered already (WIN-02)."""
    known = registered_organisation(found.legal_id)
    if known and known in led_by(person.id):
        already = "sso_organisations/registered_already.html"
        return render(request, already, {"organisation": known})
    context = {
        "company": found,
        "state": STATES[str(found.status)],
        "rule": RULES.get(str(found.signing_rule), RULES["all"]),
        "signatories": len(found.signatories),
        "taking_over": known is not None,
    }
    return render(request, "sso_organisations/confirm.html", context)


@require_POST
@asks_registry(again="register-company")
def register(request: HttpRequest, person: Person) -> HttpResponse:
    form = LegalIdForm(request.POST)
    if not form.is_valid():
        return _ask(request, form)
    try:
        organisation = register_organisation(person, legal_id=form.cleaned_data["legal_id"])
    except CompanyRefused as refused:
        form.add_error("legal_id", str(REASONS[refused.reason]))
        return _ask(request, form, status=409)
    return redirect("company-registered", organisation.id)


@require_GET
@own_page
def registered(request: HttpRequest, session: LiveSession, organisation_id: UUID) -> HttpResponse:
    mine = (one for one in led_by(session.person_id) if one.id == organisation_id)
    organisation = next(mine, None)
    if organisation is None:
        raise Http404
    return render(request, "sso_organisations/registered.html", {"organisation": organisation})
