"""Turn readings into alerts: one that waits, then fires, then ends; never more than one open for a
rule and its subject."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from panjereh.common.outbox.actions import emit
from panjereh.exchange.monitoring.alerts.rules import Rule, rules
from panjereh.exchange.monitoring.alerts.signals import SIGNALS, Moment, Reading
from panjereh.exchange.monitoring.models import Alert

_LOCK = 0x616C657274  # "alert": workers on several machines take turns
MINUTE = timedelta(minutes=1)


def evaluate(moment: Moment) -> None:
    """The exchange's own deed, every half minute."""
    readings = [(rule, list(SIGNALS[rule.signal](rule, moment))) for rule in rules().values()]
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        for rule, found in readings:
            _Watch(rule, moment.now).compare(found)


@dataclass
class _Watch:
    rule: Rule
    now: datetime

    def compare(self, readings: Iterable[Reading]) -> None:
        """A subject that has no reading any more is within its limit: there is nothing to see."""
        open_ = {alert.subject: alert for alert in Alert.objects.open().filter(rule=self.rule.code)}
        broken = {r.subject: r for r in readings if self.rule.broken_by(r.value)}
        for subject, reading in broken.items():
            self._broken(open_.get(subject) or self._begin(reading), reading)
        for subject, alert in open_.items():
            if subject not in broken:
                self._within(alert)

    def _begin(self, reading: Reading) -> Alert:
        return Alert(
            rule=self.rule.code,
            subject=reading.subject,
            member=self._told_member(reading),
            state=Alert.State.WAITING,
            began_at=self.now,
        )

    def _told_member(self, reading: Reading) -> str:
        told = {"provider": reading.provider, "consumer": reading.consumer}
        return told.get(self.rule.tell, "")

    def _broken(self, alert: Alert, reading: Reading) -> None:
        alert.value, alert.seen_at = reading.value, self.now
        due = alert.began_at + self.rule.for_minutes * MINUTE
        if alert.state == Alert.State.WAITING and self.now >= due:
            alert.state, alert.fired_at = Alert.State.FIRING, self.now
            _tell(alert, "exchange.alert.fired")
        alert.save()

    def _within(self, alert: Alert) -> None:
        if alert.state == Alert.State.WAITING:
            alert.delete()
        elif self.now >= alert.seen_at + self.rule.clear_minutes * MINUTE:
            alert.state, alert.ended_at = Alert.State.ENDED, self.now
            alert.save()
            _tell(alert, "exchange.alert.ended")


def _tell(alert: Alert, event_type: str) -> None:
    emit(
        event_type,
        subject=f"{alert.rule}:{alert.subject}",
        data={
            "rule": alert.rule,
            "subject": alert.subject,
            "member": alert.member,
            "value": round(alert.value, 4),
        },
    )
