"""Open data: small counts are left out, and whoever tries cannot compute them."""

import csv
import io
import random
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as some
from parties import Parties
from traffic import TIMEOUT, Books, failed, record

from panjereh.common import clock
from panjereh.common.suppression import (
    TOTAL,
    CannotProtect,
    Place,
    suppressed,
    with_totals,
)
from panjereh.exchange.monitoring.models import TrafficMonth
from panjereh.exchange.monitoring.open_data.actions import publish_month, publish_month_before
from panjereh.exchange.monitoring.periods import month_before, month_start

K = 10
YEAR, NUMBER = month_before(clock.now())
CODE = f"{YEAR}-{NUMBER:02}"

counts = some.dictionaries(
    some.tuples(some.sampled_from("ABCDEF"), some.sampled_from("123456")),
    some.one_of(some.integers(1, 15), some.integers(1, 3000)),
    min_size=1,
)


def equations(table: Mapping[Place, int]) -> list[tuple[dict[Place, int], int]]:
    """Each row and column adds up to its total: coefficients, and what they sum up to."""
    found: dict[tuple[int, str], dict[Place, int]] = {}
    for place in table:
        for axis in (0, 1):
            line = found.setdefault((axis, place[axis]), {})
            line[place] = -1 if place[1 - axis] == TOTAL else 1
    return [(line, 0) for line in found.values()]


def attack_by_algebra(table: Mapping[Place, int], hidden: set[Place]) -> set[Place]:
    """Gaussian elimination over what is hidden: whatever has one solution is known."""
    unknown = sorted(hidden)
    rows = []
    for line, _ in equations(table):
        known = sum(sign * table[place] for place, sign in line.items() if place not in hidden)
        rows.append([Fraction(line.get(place, 0)) for place in unknown] + [Fraction(-known)])
    rank = 0
    for column in range(len(unknown)):
        pivot = next((r for r in range(rank, len(rows)) if rows[r][column]), None)
        if pivot is None:
            continue
        rows[rank], rows[pivot] = rows[pivot], rows[rank]
        rows[rank] = [value / rows[rank][column] for value in rows[rank]]
        for r in range(len(rows)):
            if r != rank and rows[r][column]:
                factor = rows[r][column]
                rows[r] = [a - factor * b for a, b in zip(rows[r], rows[rank], strict=True)]
        rank += 1
    solved = [row for row in rows[:rank] if sum(1 for value in row[:-1] if value) == 1]
    return {unknown[next(i for i, value in enumerate(row[:-1]) if value)] for row in solved}


def attack_by_bounds(
    table: Mapping[Place, int], hidden: set[Place]
) -> dict[Place, tuple[float, float]]:
    """What each hidden number lies between, by all rows and columns again and again."""
    low = {p: 1.0 if p in hidden else float(table[p]) for p in table}
    high = {p: float("inf") if p in hidden else float(table[p]) for p in table}
    for _ in range(60):
        for line, _ in equations(table):
            for place, sign in line.items():
                others = [(p, -s * sign) for p, s in line.items() if p != place]
                least = sum(low[p] if s > 0 else -high[p] for p, s in others)
                most = sum(high[p] if s > 0 else -low[p] for p, s in others)
                low[place], high[place] = max(low[place], least), min(high[place], most)
    return {place: (low[place], high[place]) for place in hidden}


@pytest.mark.req("OPD-04")
@given(counts)
def test_no_small_number_can_be_computed(told: dict[Place, int]) -> None:
    table = with_totals(told)
    try:
        hidden = suppressed(table, K)
    except CannotProtect:
        return
    small = {place for place, number in table.items() if number < K}

    assert small <= hidden
    assert attack_by_algebra(table, hidden) & small == set()
    for place, (low, high) in attack_by_bounds(table, hidden).items():
        assert place not in small or high - low >= K


def test_the_attack_works_when_only_small_numbers_are_hidden() -> None:
    """Otherwise the test above would prove nothing."""
    table = with_totals({("A", "1"): 3, ("A", "2"): 500, ("B", "1"): 400, ("B", "2"): 300})

    assert attack_by_algebra(table, {("A", "1")}) == {("A", "1")}
    assert attack_by_bounds(table, {("A", "1")}) == {("A", "1"): (3, 3)}


@pytest.mark.req("OPD-04")
def test_of_a_large_table_most_is_still_told() -> None:
    dice = random.Random(5)
    told = {
        (f"c{c}", f"s{s}"): int(dice.paretovariate(0.5)) + 1
        for c in range(40)
        for s in range(60)
        if dice.random() < 0.3
    }
    table = with_totals(told)
    hidden = suppressed(table, K)
    small = {place for place, number in table.items() if number < K}

    assert (TOTAL, TOTAL) not in hidden
    assert len(hidden) < 3 * len(small)
    told_calls = sum(n for p, n in told.items() if p not in hidden)
    assert told_calls > 0.9 * table[TOTAL, TOTAL]


def test_where_next_to_nothing_was_counted_nothing_is_told() -> None:
    with pytest.raises(CannotProtect):
        suppressed(with_totals({}) | {("A", TOTAL): 3}, K)


@pytest.fixture
def month(books: Books, nation: Parties) -> TrafficMonth:
    """Much by one, three calls by another; a confidential grant; one that named no service."""
    at = month_start(YEAR, NUMBER)
    registry, window = nation.registry.x_road_id, nation.window.x_road_id
    bank = nation.foreign.x_road_id
    secret = nation.grant
    secret.__class__.objects.filter(pk=secret.pk).update(state="obsolete")
    confidential = secret.__class__.objects.create(
        consumer=nation.window,
        service=nation.secret,
        confidential=True,
        data_items=[],
        purpose="secret",
        legal_basis="x",
        approval_number="1",
        approval_date=at.date(),
        quota_per_minute=1,
        not_before=at,
        content_hash="x",
    )

    def calls(number: int, consumer: str, service: str, **facts: Any) -> list[Any]:
        who = {"consumer": consumer, "provider": registry, "service": service, "grant_id": 1}
        return [record(at, **(who | facts)) for _ in range(number)]

    books.keep(
        [
            *calls(200, window, "person"),
            *calls(3, bank, "person"),
            *calls(150, window, "family"),
            *calls(40, bank, "family"),
            *calls(500, window, "balance", provider=bank, grant_id=confidential.pk),
            failed("provider", TIMEOUT, at, consumer=window, provider=registry, grant_id=1),
            failed("consumer", "x", at, consumer=window, provider="", service=""),
        ]
    )
    return publish_month(YEAR, NUMBER)


def as_table(client: Client) -> dict[Place, dict[str, str]]:
    text = client.get(f"/open-data/traffic/{CODE}.csv").content.decode()
    return {(row["consumer"], row["service"]): row for row in csv.DictReader(io.StringIO(text))}


@pytest.mark.req("OPD-04", "NIX-24")
def test_a_month_is_published_without_its_small_counts(
    client: Client, nation: Parties, month: TrafficMonth
) -> None:
    table = as_table(client)
    window, bank = nation.window.member.x_road_id, nation.foreign.member.x_road_id
    person, family = nation.person.x_road_id, nation.family.x_road_id

    for hidden in ((bank, person), (bank, family), (window, person), (window, family)):
        assert (table[hidden]["calls"], table[hidden]["suppressed"]) == ("", "1")
    assert table[TOTAL, person]["calls"] == "204"
    assert table[bank, TOTAL]["calls"] == "43"
    assert table[TOTAL, TOTAL]["calls"] == "394"
    assert table[TOTAL, person]["answered_percent"] == "100"
    assert table[bank, TOTAL]["answered_percent"] == ""


def test_confidential_activities_are_in_no_row_and_no_total(
    client: Client, nation: Parties, month: TrafficMonth
) -> None:
    assert not [place for place in as_table(client) if "balance" in place[1]]
    assert "500" not in client.get(f"/open-data/traffic/{CODE}.json").content.decode()


def test_what_was_published_never_changes(
    books: Books, client: Client, nation: Parties, month: TrafficMonth
) -> None:
    before = client.get(f"/open-data/traffic/{CODE}.json")
    books.keep([record(month_start(YEAR, NUMBER)) for _ in range(50)])
    publish_month(YEAR, NUMBER)

    after = client.get(f"/open-data/traffic/{CODE}.json")
    assert (after.content, after["ETag"]) == (before.content, before["ETag"])


@pytest.mark.req("OPD-03", "OPD-08")
def test_the_files_are_described_for_people_and_machines(
    client: Client, nation: Parties, month: TrafficMonth
) -> None:
    page = client.get("/en/open-data/").content.decode()
    (dataset,) = client.get("/open-data/catalogue.jsonld").json()["dcat:dataset"]

    assert f"/open-data/traffic/{CODE}.csv" in page
    assert dataset["dct:identifier"] == f"traffic-{CODE}"
    for file in dataset["dcat:distribution"]:
        path = "/" + file["dcat:downloadURL"].partition("//")[2].partition("/")[2]
        assert client.get(path).status_code == 200
        assert file["dct:license"].startswith("https://")


def test_a_month_without_traffic_is_an_empty_file(client: Client, nation: Parties) -> None:
    publish_month_before(clock.now())

    assert TrafficMonth.objects.get().rows == "[]"


@pytest.mark.parametrize("path", ["1399-01.csv", f"{CODE}.exe", "x.json"])
def test_what_was_not_published_is_not_there(
    client: Client, nation: Parties, month: TrafficMonth, path: str
) -> None:
    assert client.get(f"/open-data/traffic/{path}").status_code == 404
