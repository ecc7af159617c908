"""The desk: an agency's sites, and who may work on them."""

from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from panjereh.sso.portal.actions.agencies import appoint_developer, withdraw_developer
from panjereh.sso.portal.doors import developer_page
from panjereh.sso.portal.forms import DeveloperForm
from panjereh.sso.portal.models import Developer
from panjereh.sso.portal.queries import sites_of

form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@developer_page
def desk(request: HttpRequest, developer: Developer) -> HttpResponse:
    context = {"agency": developer.agency, "sites": sites_of(developer.agency)}
    return render(request, "sso_portal/desk.html", context)


@form_page
@developer_page
def developers(request: HttpRequest, developer: Developer) -> HttpResponse:
    form = DeveloperForm(request.POST or None)
    if form.is_valid() and _appointed(form, developer):
        return redirect("portal-developers")
    standing = developer.agency.developers.filter(active=True)
    context = {"form": form, "developers": standing, "me": developer}
    return render(request, "sso_portal/developers.html", context)


def _appointed(form: DeveloperForm, developer: Developer) -> bool:
    try:
        appoint_developer(actor=developer, agency=developer.agency, **form.cleaned_data)
    except IntegrityError:
        form.add_error("national_id", _("This person works for an agency already."))
        return False
    return True


@require_POST
@developer_page
def withdraw(request: HttpRequest, developer: Developer, pk: int) -> HttpResponse:
    found = get_object_or_404(Developer, pk=pk, agency=developer.agency, active=True)
    withdraw_developer(actor=developer, developer=found)
    return redirect("portal-developers" if found != developer else "account")
