"""What the person is about to need, why, and how it is switched off (WIN-06 to 08)."""

import pytest
from django.test import Client
from exchange import Exchange
from nation import card_approved, deliver, event, notice, step

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("persian")]

NOTICES = "health-registry/birth-notices"
HEADING = "به‌زودی لازم دارید"


@pytest.fixture(autouse=True)
def catalogue() -> None:
    deliver(card_approved())


def own_page(client: Client) -> str:
    return client.get("/fa/me/").content.decode()


def expected(page: str) -> int:
    return page.count("وزارت بهداشت خبر تولد نوزاد شما")


@pytest.mark.req("WIN-06", "WIN-07", "AGW-17")
def test_a_birth_brings_up_the_certificate_with_the_reason(
    mother: Client, exchange: Exchange
) -> None:
    exchange.answer(NOTICES, {"notices": [notice("n-1", days_ago=5)]})
    page = own_page(mother)
    assert HEADING in page
    assert "وزارت بهداشت خبر تولد نوزاد شما را در تاریخ" in page
    assert "مادهٔ ۱۵" in page
    assert "منبع: وزارت بهداشت" in page
    assert "مهلت گذشته" not in page


@pytest.mark.req("WIN-06")
def test_a_time_that_has_passed_is_said_without_a_threat(
    mother: Client, exchange: Exchange
) -> None:
    exchange.answer(NOTICES, {"notices": [notice("n-1", days_ago=40)]})
    assert "مهلت گذشته است، ولی هنوز می‌توانید انجامش دهید" in own_page(mother)


def test_who_has_no_newborn_sees_nothing_of_it(mother: Client, exchange: Exchange) -> None:
    exchange.answer(NOTICES, {"notices": []})
    assert HEADING not in own_page(mother)


def test_a_birth_that_is_entered_is_not_brought_up_again(
    mother: Client, exchange: Exchange
) -> None:
    exchange.answer(NOTICES, {"notices": [notice("n-1", days_ago=5)]})
    deliver(event("registries.birth.entered", {"notice_id": "n-1"}))
    assert HEADING not in own_page(mother)


def test_a_running_request_answers_one_birth_and_not_its_twin(
    mother: Client, exchange: Exchange
) -> None:
    notices = [notice("n-2", days_ago=5), notice("n-1", days_ago=5)]
    exchange.answer(NOTICES, {"notices": notices})
    deliver(step("received"))
    assert expected(own_page(mother)) == 1
    deliver(step("received", tracking_id="14050902-8B4N-5RT7"))
    assert expected(own_page(mother)) == 0


def test_a_refused_request_leaves_the_need(mother: Client, exchange: Exchange) -> None:
    exchange.answer(NOTICES, {"notices": [notice("n-1", days_ago=5)]})
    deliver(step("received"), step("refused", minutes=1))
    assert expected(own_page(mother)) == 1


def test_a_request_from_before_the_birth_does_not_answer_it(
    mother: Client, exchange: Exchange
) -> None:
    exchange.answer(NOTICES, {"notices": [notice("n-1", days_ago=0)]})
    deliver(step("received", at="2020-01-01T00:00:00+00:00"))
    assert expected(own_page(mother)) == 1


@pytest.mark.req("WIN-08")
def test_who_switches_it_off_is_not_looked_up_any_more(mother: Client, exchange: Exchange) -> None:
    exchange.answer(NOTICES, {"notices": [notice("n-1", days_ago=5)]})
    assert mother.post("/fa/me/choices/", {"predictions": "off"}).headers["Location"] == "/fa/me/"
    assert HEADING not in own_page(mother)
    assert exchange.calls == []
    mother.post("/fa/me/choices/", {"predictions": "on"})
    assert HEADING in own_page(mother)


def test_the_page_of_choices_shows_what_is_chosen(mother: Client, exchange: Exchange) -> None:
    mother.post("/fa/me/choices/", {"predictions": "off"})
    page = mother.get("/fa/me/choices/").content.decode()
    assert 'value="off" checked' in page


def test_an_unknown_choice_is_refused(mother: Client) -> None:
    page = mother.post("/fa/me/choices/", {"predictions": "maybe"}).content.decode()
    assert "<title>خطا:" in page


@pytest.mark.req("WIN-08", "PER-13")
def test_a_registry_that_is_silent_is_told_and_the_rest_is_there(
    mother: Client, exchange: Exchange
) -> None:
    exchange.fail(NOTICES)
    deliver(step("received"))
    page = own_page(mother)
    assert "شاید چیزی اینجا کم باشد" in page
    assert "درخواست‌های در جریان" in page
