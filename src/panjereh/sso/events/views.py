"""The registrar's page of security events: who is told, how that goes, and letting a site in."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from panjereh.sso.events.actions import take_events, take_no_events
from panjereh.sso.events.forms import ReceiverForm
from panjereh.sso.events.queries import standings
from panjereh.sso.models import RelyingParty
from panjereh.sso.policy import policy
from panjereh.sso.relying_parties.actions import RegistrationRefused
from panjereh.sso.staff.actions import record_act
from panjereh.sso.staff.doors import officer_page
from panjereh.sso.staff.models import Officer


@require_http_methods(["GET", "HEAD", "POST"])
@officer_page("registrar")
def receivers(request: HttpRequest, officer: Officer) -> HttpResponse:
    form = ReceiverForm(request.POST or None)
    if form.is_valid() and _let_in(form, officer):
        return redirect("event-receivers")
    context = {"form": form, "standings": standings(), "days": policy().events_given_up.days}
    return render(request, "sso_events/receivers.html", context)


@require_POST
@officer_page("registrar")
def remove(request: HttpRequest, officer: Officer, client_id: str) -> HttpResponse:
    with transaction.atomic():
        take_no_events(client_id, actor=officer.name)
        record_act(officer, "events.stopped", client_id)
    return redirect("event-receivers")


def _let_in(form: ReceiverForm, officer: Officer) -> bool:
    """False with the reason at the field."""
    client_id, address = form.cleaned_data["client_id"], form.cleaned_data["address"]
    try:
        with transaction.atomic():
            take_events(client_id, address=address, actor=officer.name)
            record_act(officer, "events.taken", client_id, pushed=bool(address))
    except RelyingParty.DoesNotExist:
        form.add_error("client_id", _("There is no open site with this code"))
        return False
    except RegistrationRefused:
        form.add_error("address", _("Enter a whole https address without #, @ or *"))
        return False
    return True
