"""Signed in, but the service asks for more: which way, and what if there is none."""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from panjereh.sso.journeys.actions import end_journey
from panjereh.sso.journeys.views.shared import client_of
from panjereh.sso.models import Journey, Person
from panjereh.sso.provider.answering import to_client
from panjereh.sso.provider.authorize import NeedsStepUp, refusal
from panjereh.sso.sessions.visitor import Visitor
from panjereh.sso.step_up.pages import on_step_up
from panjereh.sso.step_up.ways import open_ways


@require_GET
@on_step_up
def choose(
    request: HttpRequest, journey: Journey, who: Visitor, person: Person, step: NeedsStepUp
) -> HttpResponse:
    ways = open_ways(person, step.missing)
    if len(ways) == 1:
        return redirect(ways[0].url_name, journey.id)
    context = {
        "journey": journey,
        "client": client_of(journey),
        "level": step.wanted,
        "ways": ways,
    }
    return render(request, "sso_step_up/choose.html", context)


@require_POST
@on_step_up
def give_up(
    request: HttpRequest, journey: Journey, who: Visitor, person: Person, step: NeedsStepUp
) -> HttpResponse:
    """Back to the service, which is told that the level was not reached: never a lower one."""
    end_journey(journey)
    return to_client(request, refusal(QueryDict(journey.request), *NOT_REACHED))


NOT_REACHED = ("unmet_authentication_requirements", "the level was not reached")
