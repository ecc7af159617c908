"""Who knows a person, and what has not reached its site."""

from uuid import UUID

from panjereh.sso.events.models import Acquaintance
from panjereh.sso.models import Grant


def clients_that_know(person_id: UUID) -> set[str]:
    """Each client that ever got a token about this person."""
    granted = Grant.objects.filter(person_id=person_id, spent_at__isnull=False)
    earlier = Acquaintance.objects.filter(person_id=person_id)
    return set(granted.values_list("client_id", flat=True).distinct()) | set(
        earlier.values_list("client_id", flat=True)
    )
