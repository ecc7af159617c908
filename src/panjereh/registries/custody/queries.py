from django.conf import settings

from panjereh.registries.custody.models import BulkLoad, Outage

SANDBOX_NATION = "sandbox-nation"


def outage(system: str) -> Outage | None:
    """The outage that a registry is in now."""
    return Outage.objects.filter(system=system, ended_at=None).first()


def sandbox_people_in_production() -> str:
    """A health check: production does not serve invented people (DESIGN 5.5)."""
    if settings.PROFILE != "production":
        return ""
    if BulkLoad.objects.filter(name=SANDBOX_NATION).exists():
        return "the sandbox nation is in this database; production needs one of its own"
    return ""
