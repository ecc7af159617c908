"""Numbers on any date and over any time: days that were counted are summed, the others are read
from the rows."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from django.db.models import Sum

from panjereh.sso.models import RelyingParty
from panjereh.sso.numbers.days import ONE_DAY, Span, days, today
from panjereh.sso.numbers.models import Change, CountedDay, Entry
from panjereh.sso.numbers.rows import ChangeRow, EntryRow, changes_in, entries_in

NATURAL = ("national", "minor", "foreign")
LEGAL = "legal"
KINDS = (*NATURAL, LEGAL)

Place = tuple[str, int]  # kind and level
Name = TypeVar("Name", str, int, tuple[str, str])


@dataclass(frozen=True)
class Registered:
    """Open accounts at the end of a day."""

    day: date
    by_place: dict[Place, int]

    @property
    def people(self) -> int:
        return sum(count for (kind, _), count in self.by_place.items() if kind != LEGAL)

    @property
    def by_level(self) -> dict[int, int]:
        """Of people; each counts at the highest level reached by then."""
        return _summed((level, n) for (kind, level), n in self.by_place.items() if kind != LEGAL)

    @property
    def by_kind(self) -> dict[str, int]:
        return _summed((kind, count) for (kind, _), count in self.by_place.items())


def registered(day: date) -> Registered:
    """SSO-26."""
    summed = (
        Change.objects.filter(day__lte=day).values("kind", "level").annotate(change=Sum("change"))
    )
    places: Counter[Place] = Counter()
    for row in summed:
        places[row["kind"], row["level"]] += row["change"]
    for change in _changes_not_counted(day):
        places[change.kind, change.level] += change.change
    return Registered(day, {place: count for place, count in sorted(places.items()) if count})


def registered_on(day: date) -> int:
    return registered(day).people


def registered_by_level(day: date) -> dict[int, int]:
    return registered(day).by_level


@dataclass(frozen=True)
class Entries:
    """What happened at the sites' doors in some time."""

    rows: list[EntryRow]

    def by_client(self, what: str) -> dict[str, int]:
        """Most first."""
        found = _summed((row.client_id, row.times) for row in self.rows if row.what == what)
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))

    def by_detail(self, what: str) -> dict[str, int]:
        return _summed((row.detail, row.times) for row in self.rows if row.what == what)

    def table(self, what: str) -> dict[tuple[str, str], int]:
        return _summed(
            ((row.client_id, row.detail), row.times) for row in self.rows if row.what == what
        )


def entries(first: date, last: date) -> Entries:
    """SSO-28."""
    counted = (
        Entry.objects.filter(day__gte=first, day__lte=last)
        .values("what", "client_id", "detail")
        .annotate(sum=Sum("times"))
    )
    rows = [EntryRow(r["what"], r["client_id"], r["detail"], r["sum"]) for r in counted]
    for span in _not_counted(first, last):
        rows += entries_in(span)
    return Entries(rows)


def entries_by_day(first: date, last: date, client_id: str) -> dict[date, Counter[str]]:
    """Registrations and logins of each day at one door."""
    found: dict[date, Counter[str]] = {day: Counter() for day in days(first, last)}
    for row in Entry.objects.filter(day__gte=first, day__lte=last, client_id=client_id):
        found[row.day][row.what] += row.times
    for span in _not_counted(first, last):
        for day in days(span.first, span.last):
            for counted in entries_in(Span(day, day)):
                if counted.client_id == client_id:
                    found[day][counted.what] += counted.times
    return found


def registrations_by_entry(first: date, last: date) -> dict[str, int]:
    """Per client that sent the person here; "" is our own door."""
    return entries(first, last).by_client(Entry.What.REGISTRATION)


def logins_by_entry(first: date, last: date) -> dict[str, int]:
    """Sign-ins handed to each client, silent ones included."""
    return entries(first, last).by_client(Entry.What.LOGIN)


def test_clients() -> set[str]:
    """Only their own developers get in; they are no entry points."""
    return set(RelyingParty.objects.filter(stage="test").values_list("client_id", flat=True))


def _changes_not_counted(until: date) -> list[ChangeRow]:
    known = CountedDay.objects.order_by("day").first()
    first = known.day if known else date.min
    return [row for span in _not_counted(first, until) for row in changes_in(span)]


def _not_counted(first: date, last: date) -> list[Span]:
    """Runs of days that have no rows of their own yet; nothing has happened after today."""
    last = min(last, today())
    if first == date.min:
        return [Span(date(1900, 1, 1), last)]
    counted = CountedDay.objects.filter(day__gte=first, day__lte=last)
    known = set(counted.values_list("day", flat=True))
    spans: list[Span] = []
    for day in days(first, last):
        if day in known:
            continue
        if spans and spans[-1].last + ONE_DAY == day:
            spans[-1] = Span(spans[-1].first, day)
        else:
            spans.append(Span(day, day))
    return spans


def _summed(pairs: Iterable[tuple[Name, int]]) -> dict[Name, int]:
    totals: defaultdict[Name, int] = defaultdict(int)
    for name, count in pairs:
        totals[name] += count
    return {name: totals[name] for name in sorted(totals) if totals[name]}
