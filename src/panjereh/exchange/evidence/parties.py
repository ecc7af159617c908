"""Who may see the record and the proof of a call: the sides of it, and those who oversee."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from panjereh.exchange.doors import appointments_of
from panjereh.exchange.links import AUDITOR, MEMBER
from panjereh.exchange.models import CallRecord, Member, Operator
from panjereh.exchange.queries import Appointments
from panjereh.sdk.signin import signed_in

PARTY, OVERSEER = "party", "overseer"
_OVERSEERS = {Operator.Role.OPERATOR, Operator.Role.AUDITOR}

Page = Callable[..., HttpResponse]


def calls_of(member: Member) -> Q:
    """Calls that the member made, answered, or had made for it by another."""
    systems = [system.x_road_id for system in member.systems.select_related("member")]
    within = Q(represented=member.x_road_id) | Q(represented__startswith=f"{member.x_road_id}/")
    return Q(consumer__in=systems) | Q(provider__in=systems) | within


def calls_of_system(x_road_id: str) -> Q:
    """A system sees what any system of its member took part in; what is none sees nothing."""
    member = x_road_id.rpartition("/")[0]
    if member.count("/") != 2:
        return Q(pk=None)
    own = f"{member}/"
    return (
        Q(consumer__startswith=own)
        | Q(provider__startswith=own)
        | Q(represented=member)
        | Q(represented__startswith=own)
    )


def party_page(view: Page) -> Page:
    """`view(request, call)` for a party of the call, an operator or an auditor. Of the calls of
    others nobody learns here whether they were made."""

    @wraps(view)
    def guarded(request: HttpRequest, request_id: UUID, **kwargs: Any) -> HttpResponse:
        visible = _visible(appointments_of(request))
        if visible is None:
            return render(request, "exchange/closed_door.html", {"needed": MEMBER}, status=403)
        call = get_object_or_404(CallRecord, visible, request_id=request_id)
        return view(request, call, **kwargs)

    return _named(signed_in(guarded), PARTY)


def overseer_page(view: Page) -> Page:
    """For operators and auditors: what concerns all calls at once."""

    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not _oversees(appointments_of(request)):
            return render(request, "exchange/closed_door.html", {"needed": AUDITOR}, status=403)
        return view(request, **kwargs)

    return _named(signed_in(guarded), OVERSEER)


def _visible(appointments: Appointments) -> Q | None:
    """Which calls the person may see; None for somebody without any part in the exchange."""
    if _oversees(appointments):
        return Q()
    representative = appointments.representative
    return calls_of(representative.member) if representative else None


def _oversees(appointments: Appointments) -> bool:
    return bool(appointments.operator and _OVERSEERS & set(appointments.operator.roles))


def _named(page: Page, audience: str) -> Page:
    page.door = audience  # type: ignore[attr-defined]
    return page
