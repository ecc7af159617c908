"""Drafts as forms see them."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet

from panjereh.agency.forms.view import Known, Record
from panjereh.agency.models import Case, Draft
from panjereh.agency.operations.registry import Call
from panjereh.agency.packages.model import Package
from panjereh.agency.packages.queries import package_of
from panjereh.common import clock
from panjereh.sdk.signin import Person
from panjereh.sdk.signin.person import EVERY_SERVICE

KEPT = timedelta(days=30)


def open_drafts(person: Person, agency_slug: str) -> list[Draft]:
    """Begun and not yet submitted, newest first."""
    mine = Draft.objects.filter(
        person=person.national_id, version__agency=agency_slug, case=None, answering=None
    )
    if person.acting and not person.acting.covers(EVERY_SERVICE):
        mine = mine.filter(version__service_id__in=person.acting.services)
    return list(mine.select_related("version").defer("version__files").order_by("-updated_at"))


def package_of_draft(draft: Draft) -> Package:
    return package_of(draft.version)


def known_of(draft: Draft) -> Known:
    records = {name: Record(**record) for name, record in draft.records.items()}
    return Known(draft.applicant, draft.answers, records, frozenset(draft.seen))


def records_as_kept(known: Known) -> dict[str, dict[str, Any]]:
    return {
        name: {"asked": record.asked, "data": record.data, "at": record.at}
        for name, record in known.records.items()
    }


def call_of(draft: Draft) -> Call:
    """Inquiries for a form name whoever fills it in; a case has its tracking id."""
    case = draft.answering.tracking_id if draft.answering else ""
    service = package_of(draft.version).service
    return Call(service=service, case=case, user=draft.user, language=draft.language)


def every_customer() -> Iterator[str]:
    """Whoever has, or begins, a request at an agency here; for those from before the feeds."""
    begun = Draft.objects.values_list("person", flat=True)
    return Case.objects.values_list("person", flat=True).union(begun).iterator(10_000)


def forgotten_drafts() -> QuerySet[Draft]:
    """Begun, never submitted, and not touched for a month."""
    return Draft.objects.filter(case=None, answering=None, updated_at__lt=clock.now() - KEPT)
