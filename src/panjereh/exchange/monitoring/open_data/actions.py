"""Publish a month once. What was published is never changed: two issues of one month could be
subtracted from one another."""

import hashlib
from datetime import datetime, timedelta

import msgspec
from django.db import transaction

from panjereh.exchange.monitoring.models import TrafficMonth
from panjereh.exchange.monitoring.open_data.dataset import rows_of_month
from panjereh.exchange.monitoring.open_data.rules import open_data_rules
from panjereh.exchange.monitoring.periods import month, month_before


def publish_month_before(now: datetime) -> TrafficMonth:
    """The exchange's own deed: the newest month that is over since some days."""
    rules = open_data_rules()
    year, number = month_before(now - timedelta(days=rules.after_days))
    return publish_month(year, number)


def publish_month(year: int, number: int) -> TrafficMonth:
    period = month(year, number)
    known = TrafficMonth.objects.filter(month=period.code).first()
    if known:
        return known
    rows = msgspec.json.encode(rows_of_month(period.selection(), open_data_rules())).decode()
    with transaction.atomic():
        made, _ = TrafficMonth.objects.get_or_create(
            month=period.code,
            defaults={"rows": rows, "digest": hashlib.sha256(rows.encode()).hexdigest()},
        )
    return made
