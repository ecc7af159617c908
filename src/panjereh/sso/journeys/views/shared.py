"""What the pages of a journey share: finding it, its client, and the two ways it can stop."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render

from panjereh.sso.journeys.actions import NotReady, begin_journey
from panjereh.sso.journeys.queries import find_journey
from panjereh.sso.models import Journey, Person, RelyingParty
from panjereh.sso.one_time.actions import Verdict
from panjereh.sso.one_time.limits import LimitReached
from panjereh.sso.relying_parties.queries import relying_party
from panjereh.sso.sessions.actions import Arrival, begin_session
from panjereh.sso.sessions.visitor import (
    Visitor,
    keep_session,
    live_session,
    remember_browser,
    visitor,
)

SMS = "sms"

View = Callable[..., HttpResponse]


def on_journey(view: View) -> View:
    """Give the view its journey. Without one the person is told how to begin again."""

    @wraps(view)
    def found(request: HttpRequest, journey_id: UUID, **rest: Any) -> HttpResponse:
        who = visitor(request)
        journey = find_journey(journey_id, who.browser_sha256)
        if journey is None:
            return render(request, "sso/begin_again.html", status=410)
        _allow_client_as_target(request, journey)
        try:
            return view(request, journey, who, **rest)
        except NotReady:
            return redirect("registration", journey.id)
        except LimitReached as limit:
            return wait_page(request, limit)

    return found


def start(
    request: HttpRequest, page: str, *, client_id: str = "", client_request: str = ""
) -> HttpResponse:
    """Begin a journey at one of its pages."""
    who = visitor(request)
    journey = begin_journey(
        browser_key=who.browser_key, client_id=client_id, request=client_request
    )
    response = redirect(page, journey.id)
    remember_browser(response, who)
    return response


def wait_page(request: HttpRequest, limit: LimitReached) -> HttpResponse:
    minutes = max(1, -(-int(limit.retry_in.total_seconds()) // 60))
    context = {"minutes": minutes, "hours": -(-minutes // 60)}
    response = render(request, "sso/wait.html", context, status=429)
    response["Retry-After"] = str(minutes * 60)
    return response


def client_of(journey: Journey) -> RelyingParty | None:
    return relying_party(journey.client_id) if journey.client_id else None


def let_in(
    request: HttpRequest,
    journey: Journey,
    who: Visitor,
    person: Person,
    *,
    way: str,
    proved: int | None = None,
) -> HttpResponse:
    """Whoever is asked to sign in anew must be the same person: nobody is switched silently.

    `proved` is the highest level that this way is good for, when that is not any.
    """
    session = live_session(request)
    if session and session.person_id != person.id:
        return render(request, "sso/someone_else.html", {"journey": journey}, status=409)
    arrival = Arrival(
        way=way,
        proved=proved,
        browser_sha256=who.browser_sha256,
        browser=who.browser,
        client_id=journey.client_id,
        suspicious=who.suspicious,
    )
    key = begin_session(person, arrival, renewing=session)
    response = redirect("continue", journey.id)
    keep_session(response, key)
    return response


def verdict_is_final(verdict: Verdict) -> bool:
    """Whether only a new code helps."""
    return verdict not in {"right", "wrong"}


def _allow_client_as_target(request: HttpRequest, journey: Journey) -> None:
    """The last form of a journey leads to the client, so the page's policy must allow it."""
    address = urlsplit(QueryDict(journey.request).get("redirect_uri", ""))
    if address.netloc:
        request.form_target = f"{address.scheme}://{address.netloc}"  # type: ignore[attr-defined]
