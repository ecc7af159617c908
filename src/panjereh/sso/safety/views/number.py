"""A new mobile number: in the account, or by proving oneself again."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from panjereh.sdk.exchange import ExchangeError
from panjereh.sso.account.views import own_page
from panjereh.sso.factors.fresh import fresh_page
from panjereh.sso.factors.views.login import after_sms
from panjereh.sso.journeys.actions import identity_of
from panjereh.sso.journeys.forms import CodeForm
from panjereh.sso.journeys.views.login import explain
from panjereh.sso.journeys.views.shared import on_journey, verdict_is_final, wait_page
from panjereh.sso.models import Journey
from panjereh.sso.one_time.limits import LimitReached
from panjereh.sso.people.queries import own_account
from panjereh.sso.safety.changing import (
    SURE,
    NoSuchChange,
    NotOwn,
    NotSure,
    ask_for_number,
    asked_change,
    cancel_change,
    confirm_number,
    prove_number,
)
from panjereh.sso.safety.forms import NewNumberForm
from panjereh.sso.safety.queries import waiting_change
from panjereh.sso.sessions.actions import LiveSession
from panjereh.sso.sessions.visitor import Visitor, visitor


@require_http_methods(["GET", "POST"])
@fresh_page
def ask(request: HttpRequest, session: LiveSession) -> HttpResponse:
    form = NewNumberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _asked(request, session, form)
        except LimitReached as limit:
            return wait_page(request, limit)
        except NotSure:
            context = {"level": SURE, "can_rise": session.level < SURE}
            return render(request, "sso_safety/number_not_sure.html", context, status=403)
    return render(request, "sso_safety/number_ask.html", {"form": form})


def _asked(request: HttpRequest, session: LiveSession, form: NewNumberForm) -> HttpResponse:
    mobile, address = form.cleaned_data["mobile"], visitor(request).address
    try:
        change = ask_for_number(session, mobile=mobile, address=address)
    except NotOwn:
        form.add_error("mobile", _("This number is not registered in your name."))
    except ExchangeError:
        form.add_error(
            "mobile",
            _("We cannot ask whose this number is at the moment. Try again in a few minutes."),
        )
    else:
        return redirect("number-code", change.id)
    return render(request, "sso_safety/number_ask.html", {"form": form})


@require_http_methods(["GET", "POST"])
@own_page
def code(request: HttpRequest, session: LiveSession, change_id: UUID) -> HttpResponse:
    try:
        change = asked_change(session, change_id)
    except NoSuchChange:
        return redirect("number")
    form, final = CodeForm(request.POST or None), False
    if request.method == "POST" and form.is_valid():
        verdict, outcome = confirm_number(session, change_id, guess=form.cleaned_data["code"])
        if verdict == "right":
            return _told(request, session, outcome)
        final = verdict_is_final(verdict)
        explain(form, verdict)
    context = {"form": form, "mobile": change.mobile, "new_code_needed": final}
    return render(request, "sso_safety/number_code.html", context)


def _told(request: HttpRequest, session: LiveSession, outcome: str) -> HttpResponse:
    context = {"outcome": outcome, "waiting": waiting_change(session.person_id)}
    return render(request, "sso_safety/number_done.html", context)


@require_POST
@own_page
def cancel(request: HttpRequest, session: LiveSession) -> HttpResponse:
    cancel_change(session)
    return redirect("account")


@require_POST
@on_journey
def prove(request: HttpRequest, journey: Journey, who: Visitor) -> HttpResponse:
    """At the end of a registration that turned out to be a second one: the whole proof was given,
    so a number that was lost or locked works again, and another one takes the place of the old."""
    identity = identity_of(journey.confirmed)
    person = own_account(identity.national_id)
    if person is None:
        return redirect("registration-confirm", journey.id)
    outcome = prove_number(person, identity)
    if outcome == "waits":
        context = {"outcome": outcome, "waiting": waiting_change(person.id)}
        return render(request, "sso_safety/number_done.html", context)
    person.refresh_from_db()
    return after_sms(request, journey, who, person)
