"""Publish a service package: check, try its journeys, keep it for ever, tell the nation."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from panjereh.agency.agencies import address_of
from panjereh.agency.engine import spiff
from panjereh.agency.models import Agency, ServiceVersion
from panjereh.agency.packages import load
from panjereh.agency.packages.check import check_package
from panjereh.agency.packages.findings import PackageRefused, refused
from panjereh.agency.packages.model import CARD, Package
from panjereh.common.outbox.actions import emit
from panjereh.sdk import catalogue, documents, exchange


def publish(folder: Path, *, actor: str) -> ServiceVersion:
    """Put a package on the air. The same content again changes nothing; other content under the
    same version is refused, for cases may stand on it. Raises `PackageRefused`.

    Templates and card go to the national services first and under keys of this version: what is
    on the air here is known there.
    """
    package = load.from_folder(folder)
    agency = Agency.objects.filter(pk=package.agency).first()
    if agency is None:
        raise refused(CARD, f"there is no agency {package.agency!r} here", key="id")
    before = _published(package)
    if before is not None:
        return before
    if findings := check_package(package):
        raise PackageRefused(findings)
    _tell_nation(package)
    with transaction.atomic():
        version, fresh = ServiceVersion.objects.get_or_create(
            service_id=package.service_id,
            version=package.version,
            defaults={
                "agency": agency,
                "sha256": package.sha256,
                "files": dict(package.files),
                "engine_version": spiff.VERSION,
                "published_by": actor,
            },
        )
        if fresh:
            emit(
                "agency.service.published",
                subject=package.service_id,
                data={"service_id": package.service_id, "version": package.version},
            )
    return version


def _published(package: Package) -> ServiceVersion | None:
    before = ServiceVersion.objects.filter(
        service_id=package.service_id, version=package.version
    ).first()
    if before is not None and before.sha256 != package.sha256:
        raise refused(
            CARD,
            f"version {package.version} is published with other content; raise the version",
            key="version",
        )
    return before


def _tell_nation(package: Package) -> None:
    try:
        for document in package.documents.values():
            documents.register_template(
                kind=document.kind,
                version=package.version,
                source=document.source,
                schema=document.schema,
            )
        catalogue.submit_card(
            card_of(package),
            idempotency_key=f"card-{package.service_id}-{package.version}",
        )
    except exchange.Rejected as error:
        raise refused(
            CARD, f"the national services refuse it: {error.code} {error.detail}"
        ) from error


def card_of(package: Package) -> dict[str, Any]:
    """The card as submitted: the address of the service is this installation's."""
    return {**package.card, "delivery_link": delivery_link(package)}


def delivery_link(package: Package) -> dict[str, str]:
    """Straight to the form: who comes from the national window has pressed "start" already."""
    site = address_of(package.agency)
    return {
        language: f"{site}/{language}/services/{package.service_id}/apply/"
        for language, _ in settings.LANGUAGES
    }
