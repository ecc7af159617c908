"""What the pages of all ways to a higher level share."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect

from panjereh.sso.journeys.views.shared import on_journey
from panjereh.sso.models import Journey
from panjereh.sso.people.queries import person
from panjereh.sso.provider.authorize import NeedsStepUp, answer_request
from panjereh.sso.sessions.visitor import Visitor, live_session
from panjereh.sso.step_up.own import own_step


def on_step_up(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give the view (request, journey, who, person, step): who is signed in and what they lack.

    Whoever is not signed in, or lacks nothing any more, is led on without the page.
    """

    @on_journey
    @wraps(view)
    def found(request: HttpRequest, journey: Journey, who: Visitor, **rest: Any) -> HttpResponse:
        session = live_session(request)
        if session is None:
            return redirect("login", journey.id)
        step = missing_step(request, journey)
        if step is None:
            return redirect("continue", journey.id)
        return view(request, journey, who, person(session.person_id), step, **rest)

    return found


def missing_step(request: HttpRequest, journey: Journey) -> NeedsStepUp | None:
    """Read from the client's request each time, so nothing on the way can lower the level."""
    session = live_session(request)
    if not journey.request:
        return own_step(journey, session) if session else None
    answer = answer_request(QueryDict(journey.request), session, fresh_since=journey.began_at)
    return answer if isinstance(answer, NeedsStepUp) else None
