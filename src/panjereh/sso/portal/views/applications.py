"""Ask for everybody's sign-in, and take it back while it waits."""

from uuid import UUID

from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from panjereh.sso.portal.actions import applications
from panjereh.sso.portal.doors import site_page
from panjereh.sso.portal.facts import Facts
from panjereh.sso.portal.forms import LiveFactsForm, initial_of
from panjereh.sso.portal.models import Application, Developer, Site
from panjereh.sso.portal.views.desk import form_page
from panjereh.sso.relying_parties.actions import RegistrationRefused


@form_page
@site_page
def ask(request: HttpRequest, developer: Developer, site: Site) -> HttpResponse:
    form = LiveFactsForm(request.POST or None, initial=initial_of(_newest_facts(site)))
    if form.is_valid() and _asked(form, developer, site):
        return redirect("portal-site", site.code)
    return render(request, "sso_portal/ask.html", {"form": form, "site": site})


def _newest_facts(site: Site) -> Facts:
    """A change starts from what was approved last, a mended application from what was asked."""
    last = site.applications.first()
    return last.told if last else site.told


def _asked(form: LiveFactsForm, developer: Developer, site: Site) -> bool:
    try:
        applications.apply_for_live(actor=developer, site=site, facts=form.facts())
    except IntegrityError:
        form.add_error(None, _("An application of this site waits already; take it back first."))
    except RegistrationRefused:
        form.add_error(None, _("The client of this site was closed. Enter the site anew."))
    return not form.errors


@require_POST
@site_page
def withdraw(request: HttpRequest, developer: Developer, site: Site, pk: UUID) -> HttpResponse:
    found = get_object_or_404(Application, pk=pk, site=site)
    applications.withdraw_application(actor=developer, application=found)
    return redirect("portal-site", site.code)
