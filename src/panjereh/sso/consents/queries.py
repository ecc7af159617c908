"""What a person has agreed to."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from panjereh.sso.models import Consent


def agreed(
    person: UUID, client_id: str, claims: Iterable[str], *, since: datetime | None = None
) -> bool:
    """Whether the standing consent covers all of it; `since`: and was given after that."""
    standing = standing_consents(person).filter(client_id=client_id).first()
    if standing is None or (since and standing.given_at < since):
        return False
    return set(claims) <= set(standing.claims)


def standing_consents(person: UUID) -> QuerySet[Consent]:
    return Consent.objects.filter(person_id=person, ended_at=None).order_by("-given_at")
