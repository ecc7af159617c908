"""Find a journey again: by its id, in the browser where it began."""

from uuid import UUID

from panjereh.common import clock
from panjereh.sso.models import Journey


def find_journey(journey_id: UUID, browser_sha256: str) -> Journey | None:
    return Journey.objects.filter(
        id=journey_id, browser_sha256=browser_sha256, expires_at__gt=clock.now()
    ).first()
