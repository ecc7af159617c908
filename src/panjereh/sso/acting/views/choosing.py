"""«On whose behalf?»: after the sign-in, when the site asks for it. For this request only."""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from panjereh.sdk.exchange import ExchangeError
from panjereh.sso.acting.options import Options, options_for
from panjereh.sso.acting.services import title_of
from panjereh.sso.acting.using import MayNotAct, choose
from panjereh.sso.acting.words import KINDS
from panjereh.sso.journeys.views.shared import on_journey
from panjereh.sso.models import Journey
from panjereh.sso.people.queries import person
from panjereh.sso.provider.authorize import answer_request
from panjereh.sso.provider.representing import NeedsRepresentee
from panjereh.sso.sessions.actions import LiveSession
from panjereh.sso.sessions.visitor import Visitor, live_session

CITIZEN = "citizen"


def question_of(request: HttpRequest, journey: Journey) -> NeedsRepresentee | None:
    """Read from the client's request each time: nothing on the way adds to what it may ask."""
    session = live_session(request)
    if session is None or not journey.request:
        return None
    params = QueryDict(journey.request)
    answer = answer_request(params, session, fresh_since=journey.began_at)
    return answer if isinstance(answer, NeedsRepresentee) else None


@require_http_methods(["GET", "POST"])
@on_journey
def for_whom(request: HttpRequest, journey: Journey, who: Visitor) -> HttpResponse:
    session = live_session(request)
    if session is None:
        return redirect("login", journey.id)
    question = question_of(request, journey)
    if question is None:
        return redirect("continue", journey.id)
    if request.method == "GET":
        return _ask(request, journey, session, question)
    return _take(request, journey, session, question)


def _take(
    request: HttpRequest, journey: Journey, session: LiveSession, question: NeedsRepresentee
) -> HttpResponse:
    one = request.POST.get("for", "")
    if one == CITIZEN:
        return redirect("counter-citizen", journey.id)
    try:
        choose(
            journey, actor=session.person_id, party=question.party, asked=question.asked, one=one
        )
    except MayNotAct:
        error = _("You cannot act for this one any more. Choose again.")
        return _ask(request, journey, session, question, error)
    except ExchangeError:
        error = _("The registry does not answer just now. Try again, or go on for yourself.")
        return _ask(request, journey, session, question, error)
    return redirect("continue", journey.id)


def _ask(
    request: HttpRequest,
    journey: Journey,
    session: LiveSession,
    question: NeedsRepresentee,
    error: str = "",
) -> HttpResponse:
    agent = person(session.person_id)
    service = question.asked.service
    found = Options() if question.signs else options_for(agent, question.party, service)
    context = {
        "journey": journey,
        "party": question.party,
        "service": title_of(service) if service else "",
        "holder": agent,
        "options": [(option, KINDS[option.kind]) for option in found.given],
        "found": found,
        "signs": question.signs,
        "error": error,
        "page_has_errors": bool(error),
    }
    return render(request, "sso_acting/for_whom.html", context, status=409 if error else 200)
