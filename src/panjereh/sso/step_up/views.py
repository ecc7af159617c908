"""Signed in, but the service asks for more: which way, and what if there is none."""

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from panjereh.sso.account.views import own_page
from panjereh.sso.factors.fresh import page_after
from panjereh.sso.journeys.actions import end_journey
from panjereh.sso.journeys.views.shared import client_of
from panjereh.sso.models import Journey, Person
from panjereh.sso.provider.answering import to_client
from panjereh.sso.provider.authorize import NeedsStepUp, refusal
from panjereh.sso.sessions.actions import LiveSession
from panjereh.sso.sessions.visitor import Visitor, remember_browser, visitor
from panjereh.sso.step_up.own import NotOffered, begin_own_step_up
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
    home = page_after(journey)
    end_journey(journey)
    if not journey.request:
        return redirect(home)
    return to_client(request, refusal(QueryDict(journey.request), *NOT_REACHED))


@require_POST
@own_page
def begin_own(request: HttpRequest, session: LiveSession) -> HttpResponse:
    """From a page of our own: `level`, and `next`, a path of ours to come back to."""
    level, who = request.POST.get("level", ""), visitor(request)
    back_to = own_path(request.POST.get("next", "")) or reverse("account")
    if not (level.isascii() and level.isdecimal() and len(level) < 3):
        return HttpResponseBadRequest()
    try:
        journey = begin_own_step_up(browser_key=who.browser_key, level=int(level), back_to=back_to)
    except NotOffered:
        return HttpResponseBadRequest()
    response = redirect("step-up", journey.id)
    remember_browser(response, who)
    return response


def own_path(address: str) -> str:
    """Empty for what would lead elsewhere."""
    plain = address.startswith("/") and address.isprintable() and len(address) <= LONGEST_PATH
    inside = plain and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if inside else ""


LONGEST_PATH = 300
NOT_REACHED = ("unmet_authentication_requirements", "the level was not reached")
