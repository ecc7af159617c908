"""Looks come from records, once each, in the collector's transaction, and go with the term."""

from datetime import UTC, datetime, timedelta

import pytest
from collector import Collector, call_about, withheld
from django.conf import settings
from nation import CLERK, FATHER, MOTHER, Nation

from panjereh.common import clock
from panjereh.exchange.usage import jobs, queries
from panjereh.exchange.usage.models import Look
from panjereh.exchange.usage.persons import Month, months, names_in
from panjereh.exchange.usage.queries import Selection


def looks_of(person: str) -> list[Look]:
    return list(queries.looks_at(Selection(person)).order_by("-at"))


@pytest.mark.req("PRV-02", "NIX-39")
def test_every_person_a_call_names_has_a_look_of_it(nation: Nation, collector: Collector) -> None:
    call = call_about(MOTHER, FATHER, grant=nation.person, user=CLERK, case="c-1")
    collector.keep(call)

    (hers,), (his,) = looks_of(MOTHER), looks_of(FATHER)
    assert str(hers.request_id) == str(his.request_id) == call.request_id
    assert hers.issue == "c-1"
    assert hers.grant_id == nation.person.pk
    assert hers.pseudonym != his.pseudonym
    assert looks_of(CLERK) == []


def test_a_record_that_comes_twice_is_one_look(nation: Nation, collector: Collector) -> None:
    call = call_about(MOTHER, grant=nation.person)
    collector.keep(call, call)
    collector.keep(call)

    assert len(looks_of(MOTHER)) == 1


def test_a_call_that_told_nothing_is_kept_but_not_told(
    nation: Nation, collector: Collector
) -> None:
    failed = {"status": 504, "cause": "provider", "error_code": "server.x"}
    collector.keep(call_about(MOTHER, grant=nation.person, **failed))

    assert looks_of(MOTHER) == []
    assert Look.objects.get().status == 504


def test_an_answer_that_was_withheld_told_nothing(nation: Nation, collector: Collector) -> None:
    call = call_about(MOTHER, grant=nation.person)
    collector.keep(call)
    assert len(looks_of(MOTHER)) == 1

    collector.keep(withheld(call))

    assert looks_of(MOTHER) == []


def test_a_call_without_grant_or_person_is_no_look(nation: Nation, collector: Collector) -> None:
    collector.keep(
        call_about(MOTHER, grant=nation.person, grant_id=None),
        call_about(grant=nation.person),
    )

    assert not Look.objects.exists()


@pytest.mark.req("PRV-01")
def test_no_table_knows_the_person_and_each_month_another_name(
    nation: Nation, collector: Collector
) -> None:
    now = datetime(2026, 11, 3, tzinfo=UTC)
    collector.keep(
        call_about(MOTHER, grant=nation.person, at=now),
        call_about(MOTHER, grant=nation.person, at=now - timedelta(days=4)),
    )

    names = {look.pseudonym for look in Look.objects.all()}
    assert len(names) == 2
    assert names <= set(names_in(MOTHER, now - timedelta(days=4), now))
    assert collector.months() == ["usage_look_2026_10", "usage_look_2026_11"]
    for table in ("usage_look", "exchange_callrecord"):
        text = str(collector.execute(f"SELECT t::text FROM {table} t"))
        assert MOTHER not in text


def test_months_are_those_of_utc_with_both_ends() -> None:
    since = datetime(2026, 6, 30, 23, tzinfo=UTC)
    until = datetime(2027, 1, 1, tzinfo=UTC)

    found = [str(month) for month in months(since, until)]

    assert found == [f"2026-{n:02}" for n in range(6, 13)] + ["2027-01"]
    assert Month(2026, 12).after == Month(2027, 1)


@pytest.mark.req("NIX-04")
def test_a_month_goes_when_all_of_it_is_older_than_the_term(
    nation: Nation, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = datetime(2026, 5, 20, tzinfo=UTC)
    collector.keep(call_about(MOTHER, grant=nation.person, at=begun))
    days = int(settings.EVIDENCE["retention_days"])

    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 5, 31, tzinfo=UTC) + days * DAY)
    assert jobs.drop_old_months() == []
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 6, 1, 1, tzinfo=UTC) + days * DAY)
    assert jobs.drop_old_months() == ["usage_look_2026_05"]

    assert jobs.partitions() == []


DAY = timedelta(days=1)


def test_the_next_month_has_its_room_before_it_comes(
    nation: Nation, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 12, 31, 23, 59, tzinfo=UTC))
    jobs.make_room()
    jobs.make_room()

    assert jobs.partitions() == ["usage_look_2026_12", "usage_look_2027_01"]
