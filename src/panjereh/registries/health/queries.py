from datetime import timedelta

from django.db.models import QuerySet

from panjereh.common import clock
from panjereh.registries.health.models import BirthNotice

LISTED_FOR = timedelta(days=365)


def waiting_notices() -> QuerySet[BirthNotice]:
    """Notices of the past year whose newborn is not in the civil register yet."""
    recent = BirthNotice.objects.filter(born_at__gte=clock.now() - LISTED_FOR, entered_at=None)
    return recent.select_related("hospital")


def notices_of_mother(national_id: str) -> list[BirthNotice]:
    """Newest first."""
    return list(waiting_notices().filter(mother_national_id=national_id).order_by("-born_at"))
