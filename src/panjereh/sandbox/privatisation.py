"""The register of the sandbox's privatisation organisation: companies of the nation, and two
enterprises without a national id, which no list may publish."""

from datetime import date, timedelta
from itertools import cycle

from django.utils.timezone import localdate

from panjereh.common import clock
from panjereh.registries.legal.models import Company
from panjereh.registries.privatisation import actions
from panjereh.registries.privatisation.events import sheet_announced
from panjereh.registries.privatisation.models import Enterprise, Status

LISTED = 12
WITHOUT_ID = ("کارخانه نمونه شماره یک", "کشت و صنعت نمونه")


def open_register() -> None:
    """Once; what was entered later stays."""
    sheet_announced()
    if Enterprise.objects.exists():
        return
    today = localdate(clock.now())
    companies = Company.objects.order_by("legal_id")[:LISTED]
    entered = [
        actions.enter_enterprise(
            name=company.name,
            status=status,
            entered_on=today - timedelta(days=900 + number),
            legal_id=company.legal_id,
        )
        for number, (company, status) in enumerate(zip(companies, cycle(Status), strict=False))
    ]
    for name in WITHOUT_ID:
        actions.enter_enterprise(name=name, status=Status.SUBJECT, entered_on=today)
    if entered:
        _once_more(entered[0], today)
        actions.record_exit(entered[-1], on=today - timedelta(days=30))


def _once_more(enterprise: Enterprise, today: date) -> None:
    """One that has left and come back, so that a list has an earlier period to show."""
    actions.record_exit(enterprise, on=today - timedelta(days=500))
    actions.record_entry(enterprise, on=today - timedelta(days=200), status=Status.IN_PROGRESS)
