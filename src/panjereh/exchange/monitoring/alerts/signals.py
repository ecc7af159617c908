"""What rules measure: each signal gives a value for every subject that has one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from panjereh.exchange.evidence.config import config
from panjereh.exchange.evidence.state import log_state
from panjereh.exchange.feeds.models import Publication
from panjereh.exchange.feeds.queries import days
from panjereh.exchange.models import CallRecord, Grant, Service, SystemKey
from panjereh.exchange.monitoring.alerts.rules import Rule
from panjereh.exchange.monitoring.boards import grants_in_use, services_of
from panjereh.exchange.monitoring.figures import Figures, Key, figures, minutes
from panjereh.exchange.monitoring.live import State, live, promised_milliseconds
from panjereh.exchange.monitoring.periods import midnight, period

EXCHANGE = ""  # the subject of what concerns no party
HABIT_DAYS = 7


@dataclass(frozen=True)
class Reading:
    subject: str  # X-Road id of a service or system, grant, or nothing
    value: float
    consumer: str = ""  # X-Road ids of members who may be told
    provider: str = ""


@dataclass
class Moment:
    """One look at everything; what several rules need is asked once."""

    now: datetime
    collector_pending: int | None = None  # from the stream; None when it did not answer
    _counted: dict[int, dict[Key, Figures]] = field(default_factory=dict)

    @cached_property
    def services(self) -> list[Service]:
        return list(services_of().filter(enabled=True, system__enabled=True))

    def of_services(self, past: int) -> Iterable[tuple[Service, Figures]]:
        if past not in self._counted:
            self._counted[past] = figures(minutes(past, self.now), "provider", "service")
        for service in self.services:
            key = (service.system.x_road_id, service.code)
            yield service, self._counted[past].get(key, Figures())


Signal = Callable[[Rule, Moment], Iterable[Reading]]


def failure_share(rule: Rule, moment: Moment) -> Iterable[Reading]:
    for service, calls in moment.of_services(rule.minutes):
        if calls.reached >= rule.calls:
            yield _of_service(service, calls.provider_failure_share or 0)


def late_share(rule: Rule, moment: Moment) -> Iterable[Reading]:
    for service, calls in moment.of_services(rule.minutes):
        kept = calls.kept_promise(promised_milliseconds(service))
        if kept is not None and calls.reached >= rule.calls:
            yield _of_service(service, 1 - kept)


def away(rule: Rule, moment: Moment) -> Iterable[Reading]:
    for one in live(moment.services, moment.now):
        yield _of_service(one.service, float(one.state == State.AWAY))


def silence(rule: Rule, moment: Moment) -> Iterable[Reading]:
    """Services that had enough calls at this hour of each of the past days and have none now."""
    usual = _habits(rule, moment.now)
    for service, calls in moment.of_services(rule.minutes):
        expected = usual.get((service.system.x_road_id, service.code), 0)
        if expected >= rule.calls:
            yield _of_service(service, float(calls.calls == 0))


def _habits(rule: Rule, now: datetime) -> dict[Key, int]:
    """The fewest calls that a service had in these minutes of the past days."""
    past = [_calls_then(rule, now - timedelta(days=days)) for days in range(1, HABIT_DAYS + 1)]
    return {key: min(day.get(key, 0) for day in past) for key in past[0]}


def _calls_then(rule: Rule, then: datetime) -> dict[Key, int]:
    counted = figures(minutes(rule.minutes, then), "provider", "service")
    return {key: calls.calls for key, calls in counted.items()}


def gateway_share(rule: Rule, moment: Moment) -> Iterable[Reading]:
    calls = figures(minutes(rule.minutes, moment.now)).get((), Figures())
    if calls.calls >= rule.calls:
        yield Reading(EXCHANGE, calls.failed_gateway / calls.calls)


def quota_share(rule: Rule, moment: Moment) -> Iterable[Reading]:
    """Of the day, or of the busiest minute of the past hour, whichever is more."""
    for use in grants_in_use(period("hour", moment.now), midnight(moment.now)):
        share = max(use.minute_share, use.day_share or 0)
        yield _of_grant(use.grant, share)


def grant_days(rule: Rule, moment: Moment) -> Iterable[Reading]:
    ending = Grant.objects.filter(state=Grant.State.ACTIVE, not_after__isnull=False)
    for grant in ending.select_related("consumer__member", "service__system__member"):
        if grant.not_after and grant.not_after > moment.now:
            yield _of_grant(grant, (grant.not_after - moment.now) / timedelta(days=1))


def certificate_days(rule: Rule, moment: Moment) -> Iterable[Reading]:
    """Of each system the certificate that lasts longest: an old one may run out beside it."""
    longest: dict[str, Reading] = {}
    keys = SystemKey.objects.filter(withdrawn_at=None, expires_at__isnull=False)
    for key in keys.select_related("system__member"):
        if key.expires_at is None:
            continue
        days = (key.expires_at - moment.now) / timedelta(days=1)
        member = key.system.member.x_road_id
        found = Reading(key.system.x_road_id, days, consumer=member, provider=member)
        known = longest.get(found.subject)
        longest[found.subject] = max(known, found, key=lambda r: r.value) if known else found
    return longest.values()


def evidence_seconds(rule: Rule, moment: Moment) -> Iterable[Reading]:
    """How far the log is behind the newest record of the books."""
    newest = CallRecord.objects.order_by("-received_at").values_list("finished_at", flat=True)[:1]
    for finished_at in newest:
        try:
            logged = (config().folder.path / "checkpoint").stat().st_mtime
        except OSError:
            logged = 0.0
        yield Reading(EXCHANGE, finished_at.timestamp() - logged)


def audit_findings(rule: Rule, moment: Moment) -> Iterable[Reading]:
    """Records that were missing, changed or moved at the last audit of the log."""
    audited = log_state(config()).audited
    if audited:
        yield Reading(EXCHANGE, audited.found)


def feed_late(rule: Rule, moment: Moment) -> Iterable[Reading]:
    """Whether the promise of the same day was broken yesterday (NIX-15)."""
    for publication in Publication.objects.filter(same_day=True).select_related("system__member"):
        for yesterday in days(publication)[:1]:
            member = publication.system.member.x_road_id
            subject = f"{publication.system.x_road_id}/{publication.code}"
            yield Reading(subject, float(yesterday.missed), provider=member)


def collector_pending(rule: Rule, moment: Moment) -> Iterable[Reading]:
    if moment.collector_pending is not None:
        yield Reading(EXCHANGE, moment.collector_pending)


def _of_service(service: Service, value: float) -> Reading:
    return Reading(service.x_road_id, value, provider=service.system.member.x_road_id)


def _of_grant(grant: Grant, value: float) -> Reading:
    consumer = grant.consumer.member.x_road_id
    subject = f"{grant.consumer.x_road_id} → {grant.service.x_road_id}"
    return Reading(subject, value, consumer, grant.service.system.member.x_road_id)


SIGNALS: dict[str, Signal] = {
    signal.__name__: signal
    for signal in (
        failure_share,
        late_share,
        away,
        silence,
        gateway_share,
        quota_share,
        grant_days,
        certificate_days,
        evidence_seconds,
        audit_findings,
        feed_late,
        collector_pending,
    )
}
