"""Who looked: one person's looks, gathered by agency and case, newest first.

A person has hundreds of looks in half a year, the table has billions; every read here goes through
the person's own names, so it costs what that person has and no more.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from django.conf import settings
from django.db.models import (
    Case,
    CharField,
    Count,
    DateField,
    F,
    Max,
    Min,
    Q,
    QuerySet,
    When,
)
from django.db.models.functions import Cast, TruncDate
from django.utils import timezone

from panjereh.common import clock
from panjereh.exchange.evidence.config import LEAST_RETENTION_DAYS
from panjereh.exchange.models import Grant, Member, System
from panjereh.exchange.usage.models import Look, Progress, Question, Search
from panjereh.exchange.usage.persons import names_in, standing_name

PAGE_GROUPS = 10
# A case is one group; looks of a system without a case are gathered by day.
KEY = ("consumer", "represented", "issue", "day")
Key = tuple[int, str, str, date | None]
Acted = Literal["you", "another", "nobody"]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Selection:
    """Which looks at a person (a national id); empty means any."""

    person: str
    agency: int | None = None  # a member
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Asked:
    """What was asked under one version of a grant."""

    grant: Grant
    times: int
    last_at: datetime


@dataclass
class Group:
    """The looks of one system for one case, or on one day where it named no case."""

    key: Key
    look: UUID  # the newest one
    first_at: datetime
    last_at: datetime
    calls: int
    acted: Acted
    system: System
    asked: list[Asked] = field(default_factory=list)
    question: Question | None = None

    @property
    def case(self) -> str:
        return self.key[2]

    @property
    def represented(self) -> str:
        return self.key[1]


@dataclass(frozen=True)
class Page:
    groups: list[Group]
    older: str  # cursor of the next page, empty on the last


@dataclass(frozen=True)
class Agency:
    member: Member
    calls: int


def kept_since() -> datetime:
    """Looks before it are gone, as the traffic data are (002 art 10(3))."""
    kept: dict[str, Any] = getattr(settings, "EVIDENCE", {})
    days = int(kept.get("retention_days", LEAST_RETENTION_DAYS))
    return clock.now() - timedelta(days=days)


def looks_at(chosen: Selection) -> QuerySet[Look]:
    """Looks that told somebody something, without those of confidential activities.

    Confidential is what the approval says of an activity; no record can be made so.
    """
    return _all_looks_at(chosen).filter(told=True, grant__confidential=False)


def _all_looks_at(chosen: Selection) -> QuerySet[Look]:
    since = max(chosen.since or kept_since(), kept_since())
    names = names_in(chosen.person, since, chosen.until)
    found = Look.objects.filter(pseudonym__in=names, at__gte=since)
    if chosen.until:
        found = found.filter(at__lt=chosen.until)
    if chosen.agency:
        found = found.filter(grant__consumer__member=chosen.agency)
    return found


def own(system: System | None) -> Q:
    """What the person looked at through the portal that asks now."""
    return Q(acting=F("pseudonym"), grant__consumer=system)


def page(looks: QuerySet[Look], chosen: Selection, before: str = "") -> Page:
    """Newest first. Raises `ValueError` when the cursor is none of ours."""
    rows = list(_after(_grouped(looks), before)[: PAGE_GROUPS + 1])
    more, rows = len(rows) > PAGE_GROUPS, rows[:PAGE_GROUPS]
    return Page(_filled(rows, looks, chosen.person), _cursor(rows[-1]) if more else "")


def group_of(looks: QuerySet[Look], chosen: Selection, look: UUID) -> Group | None:
    """The group that a look belongs to, if it is one of these."""
    key = _keyed(looks.filter(request_id=look)).values(*KEY).first()
    if key is None:
        return None
    rows = list(_grouped(_keyed(looks).filter(**_matching(key))))
    return _filled(rows, looks, chosen.person)[0]


def agencies(looks: QuerySet[Look]) -> list[Agency]:
    """Who looked, those who looked most first."""
    counted = looks.values(member=F("grant__consumer__member")).annotate(calls=Count("request_id"))
    calls = {row["member"]: row["calls"] for row in counted}
    members = Member.objects.in_bulk(calls)
    found = [Agency(members[pk], number) for pk, number in calls.items()]
    return sorted(found, key=lambda agency: -agency.calls)


def by_grant(looks: QuerySet[Look]) -> list[Asked]:
    """What was asked, under each version of a grant (PRV-03)."""
    counted = looks.values("grant_id").annotate(times=Count("request_id"), last=Max("at"))
    rows = list(counted)
    grants = grants_with_names(row["grant_id"] for row in rows)
    return [Asked(grants[row["grant_id"]], row["times"], row["last"]) for row in rows]


def grants_with_names(ids: Iterable[int]) -> dict[int, Grant]:
    named = Grant.objects.select_related("consumer__member", "service__system__member")
    return named.in_bulk(set(ids))


def system_of(x_road_id: str) -> System | None:
    instance, _, rest = x_road_id.partition("/")
    member_class, _, rest = rest.partition("/")
    member, _, code = rest.partition("/")
    return System.objects.filter(
        member__instance=instance, member__member_class=member_class, member__code=member, code=code
    ).first()


def searches_told_to(person: str) -> list[Search]:
    """What auditors searched about the person; of who acted it is told only after a while."""
    name = standing_name(person)
    told = Q(subject=name) | Q(acting=name, told_from__lte=clock.now())
    return list(Search.objects.filter(told, at__gte=kept_since())[:20])


def complete_until() -> datetime | None:
    """Up to when every look is here; None until the first has been counted."""
    return Progress.objects.values_list("complete_until", flat=True).first()


def confidential_activities() -> int:
    """How many approved activities keep their looks from people; the register lists them."""
    return Grant.objects.filter(confidential=True, state=Grant.State.ACTIVE).count()


def _keyed(looks: QuerySet[Look]) -> QuerySet[Look]:
    alone = When(issue="", then=TruncDate("at", tzinfo=timezone.get_default_timezone()))
    return looks.annotate(
        consumer=F("grant__consumer"),
        day=Case(alone, default=None, output_field=DateField(null=True)),
    )


def _grouped(looks: QuerySet[Look]) -> QuerySet[Look, dict[str, Any]]:
    rows: QuerySet[Look, dict[str, Any]] = (
        _keyed(looks)
        .values(*KEY)
        .annotate(
            last=Max("at"),
            first=Min("at"),
            tie=Max(Cast("request_id", CharField())),
            calls=Count("request_id"),
            yours=Count("request_id", filter=Q(acting=F("pseudonym"))),
            nobodys=Count("request_id", filter=Q(acting=None)),
        )
        .order_by("-last", "-tie")
    )
    return rows


def _after(rows: QuerySet[Look, dict[str, Any]], cursor: str) -> QuerySet[Look, dict[str, Any]]:
    if not cursor:
        return rows
    moment, _, tie = cursor.partition(".")
    try:
        last = _EPOCH + timedelta(microseconds=int(moment))
    except OverflowError as error:
        raise ValueError("this is no cursor") from error
    return rows.filter(Q(last__lt=last) | Q(last=last, tie__lt=str(UUID(tie))))


def _cursor(row: dict[str, Any]) -> str:
    return f"{(row['last'] - _EPOCH) // timedelta(microseconds=1)}.{row['tie']}"


def _matching(key: dict[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in key.items() if value is not None}
    return given if key["day"] else given | {"day__isnull": True}


def _filled(rows: list[dict[str, Any]], looks: QuerySet[Look], person: str) -> list[Group]:
    if not rows:
        return []
    newest = _newest(rows, looks)
    systems = System.objects.select_related("member").in_bulk({row["consumer"] for row in rows})
    groups = {key: _group(key, row, newest[key], systems) for row in rows if (key := _key(row))}
    for key, asked in _asked(rows, looks):
        if key in groups:
            groups[key].asked.append(asked)
    for question in questions_of(person):
        if (key := key_of(question)) in groups:
            groups[key].question = groups[key].question or question
    return list(groups.values())


def _group(key: Key, row: dict[str, Any], look: UUID, systems: dict[int, System]) -> Group:
    others = row["calls"] - row["yours"] - row["nobodys"]
    acted: Acted = "another" if others else "you" if row["yours"] else "nobody"
    return Group(
        key, look, row["first"], row["last"], row["calls"], acted, systems[row["consumer"]]
    )


def _newest(rows: list[dict[str, Any]], looks: QuerySet[Look]) -> dict[Key, UUID]:
    found = _keyed(looks.filter(at__in=[row["last"] for row in rows])).values(*KEY, "request_id")
    return {_key(row): row["request_id"] for row in found}


def _asked(rows: list[dict[str, Any]], looks: QuerySet[Look]) -> Iterable[tuple[Key, Asked]]:
    first, last = min(row["first"] for row in rows), max(row["last"] for row in rows)
    found = list(
        _keyed(looks.filter(at__gte=first, at__lte=last))
        .values(*KEY, "grant_id")
        .annotate(times=Count("request_id"), last=Max("at"))
        .order_by("-last")
    )
    grants = grants_with_names(row["grant_id"] for row in found)
    for row in found:
        yield _key(row), Asked(grants[row["grant_id"]], row["times"], row["last"])


def _key(row: dict[str, Any]) -> Key:
    return (row["consumer"], row["represented"], row["issue"], row["day"])


def questions_of(person: str) -> list[Question]:
    """Newest first."""
    return list(
        Question.objects.filter(asker=standing_name(person)).select_related("grant", "member")
    )


def key_of(question: Question) -> Key:
    alone = question.issue == ""
    day = timezone.localtime(question.looked_at, timezone.get_default_timezone()).date()
    consumer = question.grant.consumer_id
    return (consumer, question.represented, question.issue, day if alone else None)
