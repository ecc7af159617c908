"""Sign in: national id, code, back to where one came from (SSO-04)."""

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from panjereh.sso.acting.using import chosen_in
from panjereh.sso.factors.fresh import page_after, still_to_sign_in
from panjereh.sso.factors.views.login import after_sms
from panjereh.sso.journeys.actions import confirm_login, end_journey, send_login_code
from panjereh.sso.journeys.forms import CodeForm, NationalIdForm
from panjereh.sso.journeys.views.shared import (
    client_of,
    on_journey,
    start,
    verdict_is_final,
)
from panjereh.sso.models import Journey
from panjereh.sso.one_time.actions import Verdict
from panjereh.sso.one_time.sending import sms_in_trouble
from panjereh.sso.people.queries import person as find_person
from panjereh.sso.provider.answering import to_client
from panjereh.sso.provider.authorize import (
    BackToClient,
    NeedsConsent,
    NeedsSignIn,
    NeedsStepUp,
    NotTrusted,
    answer_request,
)
from panjereh.sso.provider.representing import NeedsRepresentee
from panjereh.sso.safety.queries import registry_is_away
from panjereh.sso.sessions.visitor import Visitor, live_session

PAGES = {
    NeedsSignIn: "login",
    NeedsStepUp: "step-up",
    NeedsConsent: "consent",
    NeedsRepresentee: "on-whose-behalf",
}


@require_GET
def begin(request: HttpRequest) -> HttpResponse:
    if live_session(request):
        return redirect("account")
    return start(request, "login")


@require_http_methods(["GET", "POST"])
@on_journey
def national_id(request: HttpRequest, journey: Journey, who: Visitor) -> HttpResponse:
    if request.method == "GET" and (onward := _already_signed_in(request, journey)):
        return onward
    session = live_session(request)
    again = find_person(session.person_id) if session and not journey.request else None
    known = {"national_id": again.national_id} if again else {}
    form = NationalIdForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        send_login_code(journey, national_id=form.cleaned_data["national_id"], who=who)
        return redirect("login-code", journey.id)
    context = {
        "form": form,
        "journey": journey,
        "client": client_of(journey),
        "again": again,
    }
    return render(request, "sso/login.html", context)


def _already_signed_in(request: HttpRequest, journey: Journey) -> HttpResponse | None:
    """Another tab was faster: this one goes on without asking (WIN-03)."""
    session = live_session(request)
    if session is None:
        return None
    if not journey.request:
        return None if still_to_sign_in(journey, session) else redirect(page_after(journey))
    answer = answer_request(QueryDict(journey.request), session, fresh_since=journey.began_at)
    if isinstance(answer, NeedsStepUp):
        return redirect("step-up", journey.id)
    return to_client(request, answer) if isinstance(answer, BackToClient) else None


@require_http_methods(["GET", "POST"])
@on_journey
def code(request: HttpRequest, journey: Journey, who: Visitor) -> HttpResponse:
    if not journey.national_id:
        return redirect("login", journey.id)
    form = CodeForm(request.POST or None)
    final = False
    if request.method == "POST" and form.is_valid():
        verdict, person = confirm_login(journey, guess=form.cleaned_data["code"], who=who)
        if person:
            return after_sms(request, journey, who, person)
        final = verdict_is_final(verdict)
        explain(form, verdict)
    context = {
        "form": form,
        "journey": journey,
        "new_code_needed": final,
        "sms_in_trouble": sms_in_trouble(),
        "registry_away": registry_is_away(),
    }
    return render(request, "sso/login_code.html", context)


@require_POST
@on_journey
def resend(request: HttpRequest, journey: Journey, who: Visitor) -> HttpResponse:
    if not journey.national_id:
        return redirect("login", journey.id)
    send_login_code(journey, national_id=journey.national_id, who=who)
    return redirect("login-code", journey.id)


@require_GET
@on_journey
def onward(request: HttpRequest, journey: Journey, who: Visitor) -> HttpResponse:
    """The end of a journey: to the client that sent the person, or to the account."""
    session = live_session(request)
    if session is None:
        return redirect("login", journey.id)
    if not journey.request:
        page = page_after(journey)
        end_journey(journey)
        return redirect(page)
    answer = answer_request(
        QueryDict(journey.request),
        session,
        fresh_since=journey.began_at,
        chosen=chosen_in(journey, session.person_id),
    )
    if not isinstance(answer, BackToClient | NotTrusted):
        return redirect(PAGES[type(answer)], journey.id)
    end_journey(journey)
    if isinstance(answer, BackToClient):
        return to_client(request, answer)
    return render(request, "sso/not_trusted.html", {"error": answer.error}, status=400)


def explain(form: forms.Form, verdict: Verdict) -> None:
    """Say what is wrong with the code, and what to do."""
    if verdict == "wrong":
        form.add_error("code", _("This is not the code of the last message. Check it once more."))
    elif verdict == "exhausted":
        form.add_error("code", _("Three wrong codes were entered. Ask for a new code."))
    elif verdict == "expired":
        form.add_error("code", _("The time of this code is over. Ask for a new code."))
    elif verdict == "used":
        form.add_error("code", _("This code has been used already. Ask for a new code."))
