"""Published packages: which one is on the air, and a package of a stored version."""

from functools import lru_cache

from django.db.models import QuerySet

from panjereh.agency.models import ServiceVersion
from panjereh.agency.packages.load import from_files
from panjereh.agency.packages.model import Package


def package_of(version: ServiceVersion) -> Package:
    """Versions never change, so a package is read once per process."""
    return _package(version.pk)


@lru_cache(maxsize=64)
def _package(version_pk: int) -> Package:
    return from_files(ServiceVersion.objects.get(pk=version_pk).files)


def on_air(agency_slug: str) -> list[ServiceVersion]:
    """The newest version of every service of an agency."""
    newest: QuerySet[ServiceVersion] = (
        ServiceVersion.objects.filter(agency_id=agency_slug)
        .defer("files")
        .order_by("service_id", "-published_at", "-pk")
        .distinct("service_id")
    )
    return list(newest)


def version_on_air(agency_slug: str, service_id: str) -> ServiceVersion | None:
    mine = ServiceVersion.objects.filter(agency_id=agency_slug, service_id=service_id)
    return mine.defer("files").order_by("-published_at", "-pk").first()
