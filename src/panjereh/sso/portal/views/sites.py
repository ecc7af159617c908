"""One site of the own agency: enter it, change it, its secrets and keys, try it, close it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from panjereh.sso.account.rows import CLAIM_NAMES
from panjereh.sso.journeys.views.shared import wait_page
from panjereh.sso.one_time.limits import HOUR, Limit, LimitReached, spend
from panjereh.sso.policy import policy
from panjereh.sso.portal.actions import credentials, sites
from panjereh.sso.portal.checks import HABITS, try_out
from panjereh.sso.portal.doors import developer_page, site_page
from panjereh.sso.portal.forms import FactsForm, KeysForm, NewSiteForm, initial_of
from panjereh.sso.portal.models import Developer, Site
from panjereh.sso.portal.naming import deeds_of
from panjereh.sso.portal.queries import seen_requests
from panjereh.sso.portal.registering import TEST
from panjereh.sso.portal.views.desk import form_page
from panjereh.sso.relying_parties.actions import RegistrationRefused


@form_page
@developer_page
def enter(request: HttpRequest, developer: Developer) -> HttpResponse:
    form = NewSiteForm(request.POST or None)
    if form.is_valid():
        try:
            code = form.cleaned_data["code"]
            site, secret = sites.enter_site(actor=developer, code=code, facts=form.facts())
        except sites.CodeTaken:
            form.add_error("code", _("This code is taken; choose another one."))
        else:
            return _shown_once(request, site, TEST, secret)
    return render(request, "sso_portal/new_site.html", {"form": form})


def _shown_once(request: HttpRequest, site: Site, stage: str, secret: str) -> HttpResponse:
    """The only answer that ever holds the secret; no cache keeps it."""
    if not secret:
        return redirect("portal-site", site.code)
    party = sites.standing_client(site, stage)
    context = {"site": site, "client_id": party.client_id, "secret": secret}
    return render(request, "sso_portal/secret.html", context)


@require_safe
@site_page
def site(request: HttpRequest, developer: Developer, site: Site) -> HttpResponse:
    told = site.told
    context = {
        "site": site,
        "told": told,
        "claims": [(CLAIM_NAMES.get(name, name), basis) for name, basis in told.claims.items()],
        "clients": [(stage, party) for stage, party in clients_of(site) if party],
        "applications": site.applications.all()[:10],
        "deeds": deeds_of(site),
    }
    return render(request, "sso_portal/site.html", context)


def clients_of(site: Site) -> list[tuple[str, Any]]:
    return [("test", site.test), ("live", site.live)]


@form_page
@site_page
def change(request: HttpRequest, developer: Developer, site: Site) -> HttpResponse:
    form = FactsForm(request.POST or None, initial=initial_of(site.told))
    if form.is_valid():
        sites.change_site(actor=developer, site=site, facts=form.facts())
        return redirect("portal-site", site.code)
    return render(request, "sso_portal/change_site.html", {"form": form, "site": site})


@require_POST
@site_page
def make_secret(request: HttpRequest, developer: Developer, site: Site, stage: str) -> HttpResponse:
    try:
        secret = credentials.make_secret(actor=developer, site=site, stage=stage)
    except RegistrationRefused:
        return render(request, "sso_portal/no_secret.html", {"site": site}, status=409)
    return _shown_once(request, site, stage, secret)


@require_POST
@site_page
def drop_secret(request: HttpRequest, developer: Developer, site: Site, stage: str) -> HttpResponse:
    credentials.drop_secret(actor=developer, site=site, stage=stage)
    return redirect("portal-site", site.code)


@form_page
@site_page
def keys(request: HttpRequest, developer: Developer, site: Site, stage: str) -> HttpResponse:
    party = sites.standing_client(site, stage)
    form = KeysForm(request.POST or None, initial={"jwks": party.jwks})
    if form.is_valid():
        try:
            jwks = form.cleaned_data["jwks"]
            credentials.change_keys(actor=developer, site=site, stage=stage, jwks=jwks)
        except RegistrationRefused:
            form.add_error("jwks", _("This client has a secret; ask for a change to keys."))
        else:
            return redirect("portal-site", site.code)
    return render(request, "sso_portal/keys.html", {"form": form, "site": site, "party": party})


@form_page
@site_page
def try_client(request: HttpRequest, developer: Developer, site: Site, stage: str) -> HttpResponse:
    """Looking shows the last requests; only a press calls the site."""
    party = sites.standing_client(site, stage)
    findings = None
    if request.method == "POST":
        try:
            spend(Limit("try-client", party.client_id, HOUR, policy().tries_of_client_per_hour))
        except LimitReached as limit:
            return wait_page(request, limit)
        findings = try_out(party)
    context = {
        "site": site,
        "party": party,
        "stage": stage,
        "findings": findings,
        "requests": _request_rows(party.client_id),
    }
    return render(request, "sso_portal/try.html", context)


def _request_rows(client_id: str) -> list[dict[str, Any]]:
    return [
        {
            "at": seen.at,
            "door": seen.door,
            "error": seen.error,
            "detail": seen.detail,
            "faults": [HABITS[fault][0] for fault in seen.faults if fault in HABITS],
        }
        for seen in seen_requests(client_id)
    ]


@require_POST
@site_page
def local_registration(request: HttpRequest, developer: Developer, site: Site) -> HttpResponse:
    kept = request.POST.get("kept") == "yes"
    sites.tell_local_registration(actor=developer, site=site, kept=kept)
    return redirect("portal-site", site.code)


@form_page
@site_page
def close(request: HttpRequest, developer: Developer, site: Site, stage: str) -> HttpResponse:
    party = sites.standing_client(site, stage)
    if request.method == "POST":
        sites.close_client(actor=developer, site=site, stage=stage)
        return redirect("portal-site", site.code)
    return render(request, "sso_portal/close.html", {"site": site, "party": party, "stage": stage})
