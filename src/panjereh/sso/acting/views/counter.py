"""At a counter: the citizen consents to one request with a code of their own phone (PIS-01)."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from panjereh.sso.acting.actions import consent
from panjereh.sso.acting.authority import clerk_of
from panjereh.sso.acting.counters import ask_citizen, asked_by, guess_for_nobody
from panjereh.sso.acting.forms import CitizenForm
from panjereh.sso.acting.services import title_of
from panjereh.sso.acting.using import MayNotAct, remember
from panjereh.sso.acting.views.choosing import question_of
from panjereh.sso.journeys.forms import CodeForm
from panjereh.sso.journeys.views.login import explain
from panjereh.sso.journeys.views.shared import on_journey, verdict_is_final
from panjereh.sso.models import Journey
from panjereh.sso.one_time.sending import sms_in_trouble
from panjereh.sso.people.queries import person
from panjereh.sso.provider.representing import NeedsRepresentee
from panjereh.sso.sessions.visitor import Visitor, live_session


@require_http_methods(["GET", "POST"])
@on_journey
def citizen(request: HttpRequest, journey: Journey, who: Visitor) -> HttpResponse:
    session, question = live_session(request), question_of(request, journey)
    if session is None or question is None or question.signs:
        return redirect("continue", journey.id)
    clerk, service = person(session.person_id), question.asked.service
    counter = clerk_of(clerk, question.party.agency)
    if counter is None:
        return redirect("on-whose-behalf", journey.id)
    form = CitizenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            asked = ask_citizen(
                form.cleaned_data["national_id"],
                clerk=clerk,
                agency=question.party.agency,
                service=service,
                address=who.address,
            )
        except MayNotAct:
            return redirect("on-whose-behalf", journey.id)
        return redirect("counter-code", journey.id, asked)
    context = _context(journey, question) | {"form": form, "counter": counter}
    return render(request, "sso_acting/citizen.html", context)


@require_http_methods(["GET", "POST"])
@on_journey
def code(request: HttpRequest, journey: Journey, who: Visitor, mandate_id: UUID) -> HttpResponse:
    session, question = live_session(request), question_of(request, journey)
    if session is None or question is None:
        return redirect("continue", journey.id)
    form, final = CodeForm(request.POST or None), False
    if request.method == "POST" and form.is_valid():
        guess = form.cleaned_data["code"]
        mandate = asked_by(session.person_id, mandate_id)
        if mandate is None or mandate.principal is None:
            verdict = guess_for_nobody(mandate_id)
        else:
            verdict = consent(mandate, holder=mandate.principal, guess=guess)
        if verdict == "right":
            remember(journey, actor=session.person_id, mandate=mandate)
            return redirect("continue", journey.id)
        final = verdict_is_final(verdict)
        explain(form, verdict)
    context = _context(journey, question) | {
        "form": form,
        "new_code_needed": final,
        "sms_in_trouble": sms_in_trouble(),
    }
    return render(request, "sso_acting/citizen_code.html", context)


def _context(journey: Journey, question: NeedsRepresentee) -> dict[str, object]:
    return {
        "journey": journey,
        "party": question.party,
        "service": title_of(question.asked.service),
    }
