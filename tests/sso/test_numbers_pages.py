"""The page of numbers is for auditors; what everybody may read betrays nobody."""

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from conftest import Clock
from django.test import Client
from django.utils import timezone
from people import HOST, citizen, register_client, registered

from panjereh.sso.models import AttainedLevel, Person
from panjereh.sso.numbers.actions import count_due
from panjereh.sso.numbers.models import PublishedMonth
from panjereh.sso.numbers.open_data.actions import days_of, publish_due, publish_month
from panjereh.sso.numbers.open_data.tables import cells_of_month
from panjereh.sso.staff.actions import appoint_officer, the_installation
from panjereh.ui.jalali import to_jalali

pytestmark = pytest.mark.django_db

PAGE, FILE, OPEN = "/fa/staff/numbers/", "/fa/staff/numbers/sites.csv", "/fa/open-data/numbers/"


@pytest.fixture
def auditor(inside: Client, person: Person, settings: Any) -> Client:
    settings.SSO_POLICY = {"staff_level": 1}
    appoint_officer(
        actor=the_installation(),
        national_id=person.national_id,
        name="ممیز",
        roles=["auditor"],
    )
    return inside


def shown(client: Client, path: str = PAGE, **query: str) -> str:
    answer = client.get(path, query, **HOST)
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.mark.req("SSO-26", "SSO-28")
def test_an_auditor_sees_who_is_registered_on_a_date_and_what_it_means(auditor: Client) -> None:
    for number in range(2, 5):
        registered(citizen(number), registered_through="window")
    page = shown(auditor)
    assert "۴ نفر" in page
    assert "پنجرهٔ آزمون" in page
    assert "حسابی که در پایان آن روز" in page
    assert "۰ نفر" in shown(auditor, day_0="1", day_1="1", day_2="1400")
    rows = list(csv.reader(io.StringIO(shown(auditor, FILE))))
    assert rows[1][2:] == ["window", "3", "0"]


def test_a_date_that_is_none_is_told_at_the_field(auditor: Client) -> None:
    assert "govuk-error-summary" in shown(auditor, day_0="31", day_1="12", day_2="1404")
    assert "govuk-error-summary" in shown(auditor, day_0="1", day_1="1", day_2="1500")


@pytest.mark.parametrize("path", [PAGE, FILE])
def test_numbers_are_not_for_others(inside: Client, person: Person, path: str) -> None:
    assert Client().get(path, **HOST).status_code == 302
    assert inside.get(path, **HOST).status_code == 403
    appoint_officer(
        actor=the_installation(),
        national_id=person.national_id,
        name="پشتیبان",
        roles=["support", "registrar"],
    )
    assert inside.get(path, **HOST).status_code == 403


# For everybody


def many(number: int, **facts: Any) -> None:
    known, foreign = Person.objects.count(), facts.get("kind") == "fida"
    people = Person.objects.bulk_create(
        Person(
            national_id=f"{known + n:0{12 if foreign else 10}d}",
            birth_date="1991-10-09",
            registered_at=timezone.now() - timedelta(days=60),
            **facts,
        )
        for n in range(number)
    )
    AttainedLevel.objects.bulk_create(
        AttainedLevel(person=p, level=1, proof="test", attained_at=p.registered_at) for p in people
    )


def month_of(days_ago: int) -> str:
    year, number, _ = to_jalali(timezone.localdate() - timedelta(days=days_ago))
    return f"{year}-{number:02d}"


def test_stocks_are_told_in_tens_so_that_one_person_more_changes_nothing() -> None:
    many(101)
    first, last = days_of(month_of(60))
    before = cells_of_month(first, last)
    many(1)
    after = cells_of_month(first, last)
    stock = [cell for cell in before if cell.table == "registered"]
    assert stock == [cell for cell in after if cell.table == "registered"]
    assert {cell.count for cell in stock} == {100}


def test_small_flows_are_left_out_and_totals_do_not_give_them_away() -> None:
    for name, number in (("one", 40), ("two", 30), ("three", 3)):
        many(number, registered_through=name)
    many(25, registered_through="one", kind="fida")
    many(15, registered_through="two", kind="fida")
    many(12, registered_through="three", kind="fida")
    many(50, registered_through="tried-test")
    register_client("tried-test", stage="test")
    cells = {
        (cell.row, cell.column): cell
        for cell in cells_of_month(*days_of(month_of(60)))
        if cell.table == "registrations"
    }
    assert cells["three", "national"].suppressed
    assert cells["three", "national"].count is None
    assert sum(cell.suppressed for cell in cells.values()) >= 4, "its row and column cover it"
    assert not any("test" in row for row, _ in cells), "a test client is no entry point"


def test_a_month_is_published_once_when_it_stands_and_never_changed(
    db: None, client: Client, clock: Clock
) -> None:
    many(120, registered_through="window")
    assert publish_due() == 0
    assert not PublishedMonth.objects.exists(), "its days are not counted yet"
    while count_due():
        pass
    publish_due()
    month = PublishedMonth.objects.get()
    many(500)
    assert publish_month(month.month).tables == month.tables
    told = client.get(f"/open-data/numbers/{month.month}.json", **HOST)
    assert told["Access-Control-Allow-Origin"] == "*"
    assert json.loads(told.content)[0]["table"] == "registered"
    rows = client.get(f"/open-data/numbers/{month.month}.csv", **HOST).content.decode()
    assert rows.startswith("table,row,column,count,suppressed")
    page = shown(client, OPEN)
    assert "۱۲۰" in page
    assert f"/open-data/numbers/{month.month}.csv" in page


def test_what_was_not_published_is_not_there(client: Client) -> None:
    assert client.get("/open-data/numbers/1399-01.json", **HOST).status_code == 404
    assert "هنوز آمار" in shown(client, OPEN)
