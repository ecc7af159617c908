"""Who may open which page of the exchange. Every view that is not public stands behind a door.

A door hands the view who came in: `view(request, operator, ...)` or
`view(request, representative, ...)`. Others are led to the sign-in or told what to do. `view.door`
names the audience; a test refuses a route without one.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from panjereh.exchange import queries
from panjereh.exchange.links import MEMBER, PUBLIC
from panjereh.exchange.models import Operator
from panjereh.exchange.queries import Appointments
from panjereh.sdk.signin import signed_in

Page = Callable[..., HttpResponse]
Door = Callable[[Page], Page]


def appointments_of(request: HttpRequest) -> Appointments:
    """What the person who is signed in was appointed to; asked once per request."""
    known: Appointments | None = getattr(request, "appointments", None)
    if known is None:
        person = getattr(request, "person", None)
        known = queries.appointments_of(person.national_id) if person else Appointments()
        request.appointments = known  # type: ignore[attr-defined]
    return known


def _office_door(role: Operator.Role) -> Door:
    def door(view: Page) -> Page:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            operator = appointments_of(request).operator
            if operator is None or role not in operator.roles:
                return _closed(request, role)
            return view(request, operator, *args, **kwargs)

        return _named(signed_in(guarded), role.value)

    return door


operator_page = _office_door(Operator.Role.OPERATOR)
secretariat_page = _office_door(Operator.Role.SECRETARIAT)
group_page = _office_door(Operator.Role.WORKING_GROUP)
auditor_page = _office_door(Operator.Role.AUDITOR)


def public_page(view: Page) -> Page:
    """For everybody, signed in or not: said on purpose, not by forgetting a door."""

    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(request, *args, **kwargs)

    return _named(opened, PUBLIC)


def member_page(view: Page) -> Page:
    """For representatives: `representative.member` is the only member the view may touch."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        representative = appointments_of(request).representative
        if representative is None:
            return _closed(request, MEMBER)
        return view(request, representative, *args, **kwargs)

    return _named(signed_in(guarded), MEMBER)


def _named(view: Page, audience: str) -> Page:
    view.door = audience  # type: ignore[attr-defined]
    return view


def _closed(request: HttpRequest, needed: str) -> HttpResponse:
    return render(request, "exchange/closed_door.html", {"needed": needed}, status=403)
