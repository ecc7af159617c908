"""Who knows a person, and what has not reached its site."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet

from panjereh.sso.events.models import Acquaintance, Event, Receiver
from panjereh.sso.models import Grant, RelyingParty


def clients_that_know(person_id: UUID) -> set[str]:
    """Each client that ever got a token about this person."""
    granted = Grant.objects.filter(person_id=person_id, spent_at__isnull=False)
    earlier = Acquaintance.objects.filter(person_id=person_id)
    return set(granted.values_list("client_id", flat=True).distinct()) | set(
        earlier.values_list("client_id", flat=True)
    )


def waiting(client_id: str | None = None) -> QuerySet[Event]:
    """Neither delivered nor given up."""
    found = Event.objects.filter(delivered_at=None, given_up_at=None)
    return found if client_id is None else found.filter(client_id=client_id)


@dataclass(frozen=True)
class Standing:
    """How telling a site goes."""

    receiver: Receiver
    site: RelyingParty | None
    waiting: int
    given_up: int
    last_outcome: str


def standings() -> list[Standing]:
    """For staff: whoever is not told is named, by site and not by person."""
    receivers = Receiver.objects.order_by("client_id")
    sites = RelyingParty.objects.in_bulk([receiver.client_id for receiver in receivers])
    counts = {
        row["client_id"]: row
        for row in Event.objects.filter(delivered_at=None)
        .values("client_id")
        .annotate(
            waiting=Count("id", filter=Q(given_up_at=None)),
            given_up=Count("id", filter=Q(given_up_at__isnull=False)),
            outcome=Max("last_outcome"),
        )
    }
    return [
        _standing(one, sites.get(one.client_id), counts.get(one.client_id)) for one in receivers
    ]


def _standing(
    receiver: Receiver, site: RelyingParty | None, counted: Mapping[str, Any] | None
) -> Standing:
    if counted is None:
        return Standing(receiver, site, 0, 0, "")
    return Standing(receiver, site, counted["waiting"], counted["given_up"], counted["outcome"])
