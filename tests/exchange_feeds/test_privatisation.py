"""The monthly list of the privatisation organisation, and how the exchange comes to know it."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from conftest import Clock
from country import Country, carry
from django.conf import settings
from django.db import transaction
from django.utils.timezone import get_current_timezone
from test_register import legal_id

from panjereh.common.identifiers import InvalidIdentifier
from panjereh.exchange.feeds.models import ListPeriod
from panjereh.exchange.feeds.tokens import list_token
from panjereh.registries.privatisation import actions, jobs
from panjereh.registries.privatisation.models import Enterprise, Period, Row, Unpublished
from panjereh.sandbox.privatisation import sheet_announced
from panjereh.sdk.exchange import Rejected, call
from panjereh.sdk.published_lists import publish_period

TODAY = date(2026, 11, 24)  # 3 Azar 1405
ENTERED = TODAY - timedelta(days=90)


@pytest.fixture(autouse=True)
def third_of_azar(clock: Clock, country: Country) -> None:
    clock.at(datetime(2026, 11, 24, 12, tzinfo=get_current_timezone()))
    with transaction.atomic():
        sheet_announced()
    carry()
    country.speak_as("privatisation")


def enterprise(**more: Any) -> Enterprise:
    facts: dict[str, Any] = {
        "name": "فولاد نمونه",
        "status": "subject",
        "entered_on": ENTERED,
        "legal_id": legal_id(),
    }
    return actions.enter_enterprise(**(facts | more))


def listed_at_the_exchange() -> set[bytes]:
    current = ListPeriod.objects.get(state="current")
    return {bytes(t) for t in current.entries.values_list("token", flat=True)}


def token(of: Enterprise) -> bytes:
    return list_token(settings.LIST_SECRET, actions.LIST, of.legal_id or "")


@pytest.mark.req("NIX-10")
def test_the_list_of_a_month_is_published_once_and_told_to_the_exchange(country: Country) -> None:
    ours = enterprise()
    period = actions.publish_month(actor="test")

    assert actions.tell_exchange(period)

    assert period.month == "1405-09"
    assert listed_at_the_exchange() == {token(ours)}
    period.refresh_from_db()
    assert not actions.tell_exchange(period)  # nothing new
    enterprise()
    assert actions.publish_month(actor="test").rows.count() == 1  # the next month has two


@pytest.mark.req("NIX-10")
def test_only_enterprises_with_a_national_id_are_published_and_the_others_are_studied(
    country: Country, clock: Clock
) -> None:
    enterprise()
    without = enterprise(legal_id=None, name="بدون شناسه")
    period = actions.publish_month(actor="test")
    actions.tell_exchange(period)

    assert [row.name for row in period.rows.all()] == ["فولاد نمونه"]
    studied = Unpublished.objects.get()
    assert studied.study_until == TODAY + timedelta(weeks=3)
    reported = ListPeriod.objects.get()
    assert (reported.rows, reported.exceptions) == (1, 1)
    assert reported.exceptions_due_on == studied.study_until

    clock.forward(days=31)
    again = actions.publish_month(actor="test")
    assert (again.exceptions, Unpublished.objects.count()) == (1, 1)  # its term does not begin anew
    actions.identify(without, legal_id=legal_id(), finding="registered at the deeds organisation")
    clock.forward(days=31)
    third = actions.publish_month(actor="test")
    assert (third.exceptions, third.rows.count()) == (0, 2)


def test_an_id_with_a_wrong_check_digit_is_never_kept(country: Country) -> None:
    for wrong in ("12345678901", "1400", "11111111111"):
        with pytest.raises(InvalidIdentifier):
            enterprise(legal_id=wrong)
    with pytest.raises(InvalidIdentifier):
        actions.identify(enterprise(legal_id=None), legal_id="12345678901", finding="f")
    assert not Enterprise.objects.exclude(legal_id=None).exists()


@pytest.mark.req("NIX-09")
def test_who_leaves_within_the_month_is_off_the_exchanges_list_on_that_day(
    country: Country, clock: Clock
) -> None:
    ours, leaving = enterprise(), enterprise()
    actions.record_exit(leaving, on=TODAY + timedelta(days=2))
    period = actions.publish_month(actor="test")
    actions.tell_exchange(period)
    assert listed_at_the_exchange() == {token(ours), token(leaving)}

    clock.forward(days=2)
    period.refresh_from_db()

    assert actions.tell_exchange(period)
    assert listed_at_the_exchange() == {token(ours)}
    assert ListPeriod.objects.get(state="current").revision == 2


@pytest.mark.req("NIX-10")
def test_of_earlier_periods_three_are_kept(country: Country) -> None:
    ours = enterprise(entered_on=date(2020, 1, 1))
    for year in range(2021, 2026):
        ours.refresh_from_db()
        actions.record_exit(ours, on=date(year, 1, 1))
        actions.record_entry(ours, on=date(year, 6, 1), status="in-progress")

    ours.refresh_from_db()
    assert ours.last_entry == date(2025, 6, 1)
    assert ours.previous_periods == [
        ["2024-06-01", "2025-01-01"],
        ["2023-06-01", "2024-01-01"],
        ["2022-06-01", "2023-01-01"],
    ]
    with pytest.raises(ValueError, match="after it has left"):
        actions.record_entry(ours, on=date(2026, 1, 1), status="subject")


@pytest.mark.req("NIX-10")
def test_its_reader_gets_the_columns_of_the_approval_and_three_earlier_lists(
    country: Country, clock: Clock
) -> None:
    ours = enterprise(entered_on=date(2020, 1, 1))
    actions.record_exit(ours, on=date(2021, 1, 1))
    actions.record_entry(ours, on=date(2022, 1, 1), status="in-progress")
    months = []
    for _ in range(6):
        months.append(actions.publish_month(actor="test").month)
        clock.forward(days=31)
    country.speak_as("social-insurance")

    answer = call("privatisation", "privatisation-list", {})

    (row,) = answer["enterprises"]
    assert row == {
        "enterprise_national_id": ours.legal_id,
        "name": "فولاد نمونه",
        "status": "in-progress",
        "last_entry": "2022-01-01",
        "last_exit": None,
        "previous_periods": [["2020-01-01", "2021-01-01"]],
    }
    assert call("privatisation", "privatisation-list", {"period": months[-4]})
    with pytest.raises(Rejected, match="period-unknown"):
        call("privatisation", "privatisation-list", {"period": months[0]})


def test_a_list_that_was_published_never_changes(country: Country) -> None:
    ours = enterprise()
    period = actions.publish_month(actor="test")
    actions.record_exit(ours, on=TODAY)

    assert Row.objects.get(period=period).last_exit is None
    assert Period.objects.get().digest == period.digest


def test_an_exchange_that_is_away_is_told_later(country: Country, settings: Any) -> None:
    enterprise()
    right = settings.EXCHANGE_URL
    settings.EXCHANGE_URL = "http://127.0.0.1:9"
    assert not jobs._publish()

    settings.EXCHANGE_URL = right
    assert jobs._publish()
    assert ListPeriod.objects.get().rows == 1


def test_an_id_that_is_no_id_stops_the_period_at_the_door_of_the_exchange(
    country: Country,
) -> None:
    with pytest.raises(Rejected, match="body-invalid"):
        publish_period(
            list_code=actions.LIST,
            period="1405-09",
            identifiers=["12345678901"],
            rows=1,
            digest="d",
        )
    assert not ListPeriod.objects.exists()
