"""Who knows a person, and what has not reached its site."""

from uuid import UUID

from django.db.models import QuerySet

from panjereh.sso.events.models import Acquaintance, Event
from panjereh.sso.models import Grant


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
