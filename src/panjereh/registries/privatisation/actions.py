"""The deeds of the organisation: enter an enterprise, publish the month, tell the exchange."""

import hashlib
import json
from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction
from django.utils.timezone import localdate

from panjereh.common import clock
from panjereh.common.http_signatures import content_digest
from panjereh.common.identifiers import parse_legal_id
from panjereh.registries.privatisation.models import (
    EARLIER_PERIODS,
    Enterprise,
    Period,
    Row,
    Status,
    Unpublished,
)
from panjereh.registries.privatisation.months import month_of
from panjereh.registries.privatisation.queries import in_force
from panjereh.sdk import published_lists

LIST = "privatisation-list"
STUDY = timedelta(weeks=3)  # 26-2-2: the publisher studies exceptions within three weeks
COLUMNS = ("name", "status", "last_entry", "last_exit", "previous_periods")


def enter_enterprise(
    *, name: str, status: str, entered_on: date, legal_id: str | None = None
) -> Enterprise:
    """Raises `InvalidIdentifier` for an id with a wrong check digit: such a one is never kept."""
    checked = parse_legal_id(legal_id) if legal_id else None
    with transaction.atomic():
        return Enterprise.objects.create(
            legal_id=checked, name=name, status=Status(status), last_entry=entered_on
        )


def identify(enterprise: Enterprise, *, legal_id: str, finding: str) -> None:
    """The enterprise has got its national id; from the next list on it is published."""
    checked = parse_legal_id(legal_id)
    with transaction.atomic():
        Enterprise.objects.filter(pk=enterprise.pk).update(legal_id=checked)
        Unpublished.objects.filter(enterprise=enterprise, settled_at=None).update(
            settled_at=clock.now(), finding=finding
        )


def record_exit(enterprise: Enterprise, *, on: date) -> None:
    with transaction.atomic():
        locked = Enterprise.objects.select_for_update().get(pk=enterprise.pk)
        locked.last_exit = on
        locked.save(update_fields=["last_exit"])


def record_entry(enterprise: Enterprise, *, on: date, status: str) -> None:
    """Once more; the period before becomes an earlier one, of which three are kept (NIX-10)."""
    with transaction.atomic():
        locked = Enterprise.objects.select_for_update().get(pk=enterprise.pk)
        if locked.last_exit is None or on < locked.last_exit:
            raise ValueError("it enters again after it has left")
        before = [locked.last_entry.isoformat(), locked.last_exit.isoformat()]
        locked.previous_periods = [before, *locked.previous_periods][:EARLIER_PERIODS]
        locked.last_entry, locked.last_exit, locked.status = on, None, Status(status)
        locked.save()


def publish_month(*, actor: str) -> Period:
    """The list of this month, once: who has a national id is on it, who has none is studied."""
    today = localdate(clock.now())
    with transaction.atomic():
        published = Period.objects.select_for_update().filter(pk=month_of(today)).first()
        if published:
            return published
        known = list(Enterprise.objects.exclude(legal_id=None).order_by("legal_id"))
        due = _study(Enterprise.objects.filter(legal_id=None), today)
        period = Period.objects.create(
            month=month_of(today),
            published_at=clock.now(),
            published_by=actor,
            digest=_digest(known),
            exceptions=len(due),
            exceptions_due_on=min(due, default=None),
        )
        Row.objects.bulk_create(_row(period, enterprise) for enterprise in known)
    return period


def _study(left_out: Iterable[Enterprise], today: date) -> list[date]:
    """Until when each is to be studied; who is studied already keeps the date."""
    return [
        Unpublished.objects.get_or_create(
            enterprise=enterprise,
            settled_at=None,
            defaults={
                "reason": Unpublished.Reason.NO_ID,
                "found_on": today,
                "study_until": today + STUDY,
            },
        )[0].study_until
        for enterprise in left_out
    ]


def _row(period: Period, enterprise: Enterprise) -> Row:
    values = {name: getattr(enterprise, name) for name in ("legal_id", *COLUMNS)}
    return Row(period=period, **values)


def _digest(enterprises: Iterable[Enterprise]) -> str:
    lines = [[e.legal_id, *(str(getattr(e, name) or "") for name in COLUMNS)] for e in enterprises]
    return content_digest(json.dumps(lines, ensure_ascii=False, sort_keys=True).encode())


def tell_exchange(period: Period) -> bool:
    """Send who is on the list today; False when the exchange knows it already.

    Enterprises enter and leave within a month, so this is asked for again every day. Raises
    `exchange.ExchangeError`.
    """
    ids = in_force(period, localdate(clock.now()))
    told = hashlib.sha256("\n".join([period.digest, *ids]).encode()).hexdigest()
    if told == period.told:
        return False
    published_lists.publish_period(
        list_code=LIST,
        period=period.month,
        identifiers=ids,
        rows=period.rows.count(),
        exceptions=period.exceptions,
        exceptions_due_on=period.exceptions_due_on,
        digest=period.digest,
    )
    Period.objects.filter(pk=period.pk).update(told=told)
    return True
