"""Deeds that need a sign-in of the last minutes: ask for one, and come back to the page."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from panjereh.sso.factors.actions import NotFresh, require_fresh
from panjereh.sso.factors.models import Homeward
from panjereh.sso.journeys.actions import begin_journey
from panjereh.sso.journeys.views.shared import wait_page
from panjereh.sso.models import Journey
from panjereh.sso.one_time.limits import LimitReached
from panjereh.sso.sessions.actions import LiveSession
from panjereh.sso.sessions.visitor import live_session, remember_browser, visitor

View = Callable[..., HttpResponse]


def fresh_page(view: View) -> View:
    """Give the view the running session, which is fresh; else sign in once more and come back.

    A form that came too late is not sent again by itself: the person sees its page anew.
    """

    @wraps(view)
    def found(request: HttpRequest, **rest: Any) -> HttpResponse:
        session = live_session(request)
        if session is None:
            return redirect("begin-login")
        try:
            require_fresh(session)
            return view(request, session, **rest)
        except NotFresh:
            return sign_in_again(request)
        except LimitReached as limit:
            return wait_page(request, limit)

    return found


def sign_in_again(request: HttpRequest) -> HttpResponse:
    who = visitor(request)
    journey = begin_journey(browser_key=who.browser_key)
    page = request.path if request.method == "GET" else reverse("ways")
    Homeward.objects.create(journey=journey.id, page=page, expires_at=journey.expires_at)
    response = redirect("login", journey.id)
    remember_browser(response, who)
    return response


def page_after(journey: Journey) -> str:
    """Where a journey ends that no site has sent."""
    found = Homeward.objects.filter(journey=journey.id).values_list("page", flat=True).first()
    return found or reverse("account")


def still_to_sign_in(journey: Journey, session: LiveSession) -> bool:
    """The running session is too old for what this journey leads back to."""
    if session.authenticated_at >= journey.began_at:
        return False
    return Homeward.objects.filter(journey=journey.id).exists()
