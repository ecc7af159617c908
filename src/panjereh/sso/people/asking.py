"""Pages of a signed-in person that ask a registry each time they are shown."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from panjereh.sdk.exchange import ExchangeError
from panjereh.sso.account.views import own_page
from panjereh.sso.journeys.views.shared import wait_page
from panjereh.sso.one_time import limits
from panjereh.sso.one_time.limits import Limit, LimitReached
from panjereh.sso.people.queries import person as find_person
from panjereh.sso.policy import policy
from panjereh.sso.sessions.actions import LiveSession

log = logging.getLogger("panjereh.sso.people")

View = Callable[..., HttpResponse]
AWAY = "sso_people/registry_away.html"


def asks_registry(again: str) -> Callable[[View], View]:
    """The view gets the person. `again` names the page from which to go on when a registry is
    away."""

    def wrapped(view: View) -> View:
        @own_page
        @wraps(view)
        def asked(request: HttpRequest, session: LiveSession, **rest: Any) -> HttpResponse:
            try:
                limits.spend(_limit(session))
                return view(request, find_person(session.person_id), **rest)
            except LimitReached as limit:
                return wait_page(request, limit)
            except ExchangeError as error:
                log.warning("sso.registry.away code=%s request=%s", error.code, error.request_id)
                return render(
                    request, "sso_people/registry_away.html", {"again": again}, status=503
                )

        return asked

    return wrapped


def _limit(session: LiveSession) -> Limit:
    most = policy().own_inquiries_per_hour
    return Limit("own-inquiry", str(session.person_id), limits.HOUR, most)
