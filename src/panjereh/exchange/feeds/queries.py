"""The register as its pages show it: who publishes what how punctually, and who follows how far."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Max, Min, Q, QuerySet, Sum
from django.utils.timezone import get_current_timezone, localdate

from panjereh.common import clock
from panjereh.exchange.feeds.models import (
    ListPeriod,
    Phase,
    Publication,
    PublishedDay,
    PublishedPage,
    Subscription,
)
from panjereh.exchange.models import Grant, Member, System, SystemKey

DAYS_SHOWN = 30
PAGES_SHOWN = 20
PERIODS_SHOWN = 4  # the current one and three earlier (NIX-10)
# A day is closed at midnight; a publisher that needs longer than this has missed the promise.
CLOSED_WITHIN = timedelta(minutes=15)
LAGS_AFTER = timedelta(minutes=10)


def publication_named(name: str) -> Publication | None:
    """By `system/service`, as publishers name it."""
    system, _, code = name.partition("/")
    return Publication.objects.filter(system__code=system, code=code).first()


def granted_systems(publication: Publication) -> list[System]:
    """Systems with a grant that stands now."""
    now = clock.now()
    standing = Grant.objects.filter(
        Q(not_after=None) | Q(not_after__gt=now),
        service__system=publication.system,
        service__code=publication.code,
        state=Grant.State.ACTIVE,
        suspended_at=None,
        not_before__lte=now,
        consumer__enabled=True,
    )
    found = System.objects.filter(pk__in=standing.values("consumer")).select_related("member")
    return list(found.order_by("pk"))


def keys_of(system: System) -> list[str]:
    """The keys it signs with, to which a feed's key may be sealed."""
    signing = system.keys.filter(use=SystemKey.Use.SIGNATURE, withdrawn_at=None)
    return sorted(signing.values_list("public_key", flat=True))


@dataclass(frozen=True)
class Line:
    """A publication in the list."""

    publication: Publication
    last: PublishedPage | None
    closed: PublishedDay | None
    changes_today: int
    subscribers: int
    behind: int
    missed: int


def lines(publications: QuerySet[Publication]) -> list[Line]:
    return [_line(p) for p in publications.select_related("system__member")]


def _line(publication: Publication) -> Line:
    following = followers(publication)
    today = publication.pages.filter(day=localdate(clock.now()))
    return Line(
        publication=publication,
        last=publication.pages.first(),
        closed=publication.days.first(),
        changes_today=today.aggregate(told=Sum("changes"))["told"] or 0,
        subscribers=len(following),
        behind=sum(f.behind > 0 or bool(f.subscription.trouble) for f in following),
        missed=sum(day.missed for day in days(publication)),
    )


@dataclass(frozen=True)
class Follower:
    """A subscriber and how it stands to what is published."""

    subscription: Subscription
    phase: Phase | None
    behind: int

    @property
    def in_phase(self) -> bool:
        return self.phase is not None

    @property
    def silent(self) -> bool:
        """It has asked for nothing for longer than a subscriber may."""
        asked = self.subscription.asked_at
        return self.behind > 0 and (asked is None or clock.now() - asked > LAGS_AFTER)


def followers(publication: Publication, member: Member | None = None) -> list[Follower]:
    """Those whose grant stands; of one member only, when it is its own page."""
    standing = publication.subscriptions.filter(ended_at=None)
    if member is not None:
        standing = standing.filter(consumer__member=member)
    last = publication.pages.aggregate(last=Max("sequence"))["last"] or 0
    opened = list(publication.phases.filter(opens_on__lte=localdate(clock.now())))
    return [_follower(s, opened, last) for s in standing.select_related("consumer__member")]


def _follower(subscription: Subscription, opened: Sequence[Phase], last: int) -> Follower:
    member = subscription.consumer.member.x_road_id
    phase = next((p for p in opened if not p.members or member in p.members), None)
    taken = subscription.sequence
    return Follower(subscription, phase, last - taken if phase and taken is not None else 0)


@dataclass(frozen=True)
class DayLine:
    """A day and whether its promise was kept (NIX-15)."""

    day: date
    closed: PublishedDay | None
    late: int
    missed: bool


def days(publication: Publication) -> list[DayLine]:
    """The last days since the publication began, newest first; one that nobody closed as well."""
    closed = {d.day: d for d in publication.days.all()[:DAYS_SHOWN]}
    late = dict(
        publication.pages.filter(late__gt=0).order_by().values_list("day").annotate(Sum("late"))
    )
    first = publication.days.aggregate(first=Min("day"))["first"]
    if first is None:
        return []
    yesterday = localdate(clock.now()) - timedelta(days=1)
    shown = min(DAYS_SHOWN, (yesterday - first).days + 1)
    every = [yesterday - timedelta(days=n) for n in range(shown)]
    return [_day(publication, day, closed.get(day), late.get(day, 0)) for day in every]


def _day(publication: Publication, day: date, closed: PublishedDay | None, late: int) -> DayLine:
    deadline = _end_of(day) + CLOSED_WITHIN
    slow = clock.now() > deadline if closed is None else closed.closed_at > deadline
    return DayLine(day, closed, late, publication.same_day and (slow or late > 0))


def _end_of(day: date) -> datetime:
    midnight = datetime.min.time()
    return datetime.combine(day + timedelta(days=1), midnight, tzinfo=get_current_timezone())


def missing_numbers(publication: Publication) -> int:
    """How many files between the first and the last were never told here."""
    found = publication.pages.aggregate(
        first=Min("sequence"), last=Max("sequence"), told=Count("sequence")
    )
    return (found["last"] - found["first"] + 1 - found["told"]) if found["told"] else 0


def recent_pages(publication: Publication) -> list[PublishedPage]:
    return list(publication.pages.all()[:PAGES_SHOWN])


def periods(publication: Publication) -> list[ListPeriod]:
    """The current one and up to three before it."""
    published = ListPeriod.objects.filter(list__publication=publication)
    newest = published.annotate(entered=Count("entries")).order_by("-period")
    return list(newest[:PERIODS_SHOWN])


def publications_of(member: Member) -> QuerySet[Publication]:
    """What it publishes and what it follows."""
    follows = Q(subscriptions__consumer__member=member, subscriptions__ended_at=None)
    return Publication.objects.filter(Q(system__member=member) | follows).distinct()
