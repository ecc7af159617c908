"""Register once in life: three questions, two registries, a code, a look at the data."""

import json

import pytest
from django.test import Client
from exchange_side import ExchangeSide
from people import (
    BORN_TYPED,
    HOST,
    Walk,
    asked,
    begin,
    citizen,
    code_for,
    journey_in,
    registered,
    sign_in,
)

from panjereh.common.outbox.models import OutboxEvent
from panjereh.sso.models import AttainedLevel, Journey, Person

pytestmark = pytest.mark.django_db


def shown(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


@pytest.mark.req("SSO-01", "SSO-02", "SSO-03")
def test_a_person_registers_with_three_answers_a_code_and_a_yes(
    registration: Walk, exchange: ExchangeSide
) -> None:
    mother = exchange.add(citizen())
    response = registration.answer_all(mother)
    assert response["Location"] == registration.at("register/code")
    code = registration.code_sent_to(mother.mobile)

    response = registration.post("register/code", code=code)
    assert response["Location"] == registration.at("register/confirm")
    page = shown(registration.get("register/confirm"))
    for fact in ("مریم", "کریمی", "حسن", "۱۷ مهر ۱۳۷۰"):
        assert fact in page
    assert not Person.objects.exists(), "nothing is active before the yes"

    response = registration.post("register/confirm")
    assert response["Location"] == registration.at("continue")
    assert registration.get("continue")["Location"] == "/fa/account/"
    person = Person.objects.get()
    assert (person.national_id, person.mobile) == (mother.national_id, mother.mobile)
    assert str(person.birth_date) == mother.birth_date
    assert AttainedLevel.objects.get().level == 1
    assert "کریمی" in shown(registration.client.get("/fa/account/", **HOST))


def test_the_news_of_a_registration_names_nobody(
    registration: Walk, exchange: ExchangeSide
) -> None:
    mother = exchange.add(citizen())
    registration.answer_all(mother)
    registration.post("register/code", code=registration.code_sent_to(mother.mobile))
    registration.post("register/confirm")
    event = OutboxEvent.objects.get(type="sso.person.registered")
    body = json.loads(bytes(event.body))
    assert list(body["data"]) == ["sub"]
    assert mother.national_id not in str(body)
    assert str(Person.objects.get().id) not in str(body)


def test_both_registries_are_asked_and_only_once(
    registration: Walk, exchange: ExchangeSide
) -> None:
    registration.answer_all(exchange.add(citizen()))
    assert sorted(exchange.calls) == [
        ("civil-registry", "person"),
        ("messaging", "send-sms"),
        ("shahkar", "ownership"),
    ]


@pytest.mark.req("SSO-01")
@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("0012345678", "یک رقم"),
        ("1111111111", "شمارهٔ ملی نیست"),
        ("12345", "۱۰ رقم"),
        ("", "شمارهٔ ملی"),
    ],
)
def test_a_wrong_number_is_told_at_the_field(registration: Walk, typed: str, told: str) -> None:
    page = shown(registration.post("register/national-id", national_id=typed))
    assert "govuk-error-summary" in page
    assert 'aria-invalid="true"' in page
    assert Journey.objects.get().national_id == ""


@pytest.mark.req("SSO-02")
def test_an_unknown_person_is_told_at_the_national_id(
    registration: Walk, exchange: ExchangeSide
) -> None:
    response = registration.answer_all(citizen())
    assert response["Location"] == registration.at("register/national-id")
    assert "govuk-error-message" in shown(registration.get("register/national-id"))
    assert exchange.messages == []


@pytest.mark.req("SSO-02")
def test_a_wrong_birth_date_is_told_at_the_date_and_says_nothing_of_the_number(
    registration: Walk, exchange: ExchangeSide
) -> None:
    mother = exchange.add(citizen())
    mother.birth_date = "1980-01-01"
    stranger = citizen()
    stranger.mobile = "+989350000000"
    response = registration.answer_all(stranger)
    assert response["Location"] == registration.at("register/birth-date")
    page = shown(registration.get("register/birth-date"))
    assert "govuk-error-message" in page
    assert 'value="17"' in page, "what was typed is kept"
    assert exchange.messages == []


@pytest.mark.req("SSO-02")
def test_after_mending_the_date_nothing_else_is_asked_again(
    registration: Walk, exchange: ExchangeSide
) -> None:
    mother = exchange.add(citizen())
    registration.post("register/national-id", national_id=mother.national_id)
    registration.post("register/birth-date", **(BORN_TYPED | {"birth_date_0": "18"}))
    response = registration.post("register/mobile", mobile=mother.mobile)
    assert response["Location"] == registration.at("register/birth-date")
    response = registration.post("register/birth-date", **BORN_TYPED)
    assert response["Location"] == registration.at("register/code")


@pytest.mark.req("SSO-02")
def test_a_mobile_of_somebody_else_is_told_at_the_mobile(
    registration: Walk, exchange: ExchangeSide
) -> None:
    exchange.add(citizen(1)).mobile = "+989350000000"
    response = registration.answer_all(citizen(1))
    assert response["Location"] == registration.at("register/mobile")
    assert "govuk-error-message" in shown(registration.get("register/mobile"))
    assert exchange.messages == []


def test_a_deceased_person_gets_no_account(registration: Walk, exchange: ExchangeSide) -> None:
    exchange.add(citizen(vital_status="deceased"))
    response = registration.answer_all(citizen())
    assert response["Location"] == registration.at("register/check")
    page = shown(registration.get("register/check"))
    assert "ثبت احوال" in page
    assert "<form" not in page.partition("<main")[2], "trying again is no use"
    assert exchange.messages == []


@pytest.mark.parametrize("system", ["civil-registry", "shahkar", "messaging"])
def test_when_a_service_is_away_the_answers_are_kept(
    registration: Walk, exchange: ExchangeSide, system: str
) -> None:
    mother = exchange.add(citizen())
    exchange.away.add(system)
    response = registration.answer_all(mother)
    assert response["Location"] == registration.at("register/check")
    page = registration.get("register/check")
    assert page.status_code == 503

    exchange.away.clear()
    response = registration.post("register/check")
    assert response["Location"] == registration.at("register/code")
    response = registration.post("register/code", code=registration.code_sent_to(mother.mobile))
    assert response["Location"] == registration.at("register/confirm")


@pytest.mark.req("WIN-02")
def test_a_second_registration_is_led_to_login_but_only_after_the_code(
    registration: Walk, exchange: ExchangeSide
) -> None:
    mother = exchange.add(citizen())
    registered(mother)
    pages = [shown(registration.answer_all(mother)), shown(registration.get("register/code"))]
    known = "پیش‌تر ثبت‌نام"
    assert all(known not in page for page in pages)
    registration.post("register/code", code=registration.code_sent_to(mother.mobile))
    page = shown(registration.get("register/confirm"))
    assert known in page
    assert known in shown(registration.post("register/confirm"))
    assert Person.objects.count() == 1

    response = registration.post("register/login")
    assert response["Location"] == registration.at("login/code")
    code = registration.code_sent_to(mother.mobile, after=1)
    response = registration.post("login/code", code=code)
    assert response["Location"] == registration.at("continue")


def test_a_changed_answer_drops_what_rested_on_it(
    registration: Walk, exchange: ExchangeSide
) -> None:
    mother = exchange.add(citizen())
    registration.answer_all(mother)
    registration.post("register/code", code=registration.code_sent_to(mother.mobile))
    exchange.away.add("civil-registry")
    registration.post("register/national-id", national_id=citizen(2).national_id)
    response = registration.post("register/confirm")
    assert response["Location"] == registration.at("register")
    assert not Person.objects.exists()


def test_an_account_is_made_of_one_verified_identity_even_if_answers_change_meanwhile(
    registration: Walk, exchange: ExchangeSide
) -> None:
    """A late write of an inquiry must not marry one person's answers with another's identity."""
    attacker, victim = exchange.add(citizen(1)), exchange.add(citizen(2))
    registration.answer_all(attacker)
    verified = Journey.objects.values("identity").get()["identity"]
    registration.post("register/national-id", national_id=victim.national_id)
    Journey.objects.update(identity=verified)  # what a slow parallel inquiry would write
    registration.post("register/code", code=registration.code_sent_to(attacker.mobile))
    registration.post("register/confirm")
    assert not Person.objects.filter(national_id=victim.national_id).exists()


def test_the_code_of_one_identity_does_not_confirm_another(
    registration: Walk, exchange: ExchangeSide
) -> None:
    attacker, victim = exchange.add(citizen(1)), exchange.add(citizen(2))
    registration.answer_all(attacker)
    code = registration.code_sent_to(attacker.mobile)
    identity = Journey.objects.values("identity").get()["identity"]
    theirs = {"national_id": victim.national_id, "mobile": victim.mobile}
    Journey.objects.update(identity=identity | theirs)
    response = registration.post("register/code", code=code)
    assert response.status_code == 200
    assert Journey.objects.get().confirmed is None


def test_pages_of_a_journey_open_only_in_its_browser_and_in_time(
    registration: Walk, exchange: ExchangeSide
) -> None:
    elsewhere = Client()
    assert elsewhere.get(registration.at("register/mobile"), **HOST).status_code == 410
    Journey.objects.all().delete()
    assert registration.get("register/mobile").status_code == 410


def test_a_step_ahead_of_its_time_leads_back(registration: Walk) -> None:
    for page in ("register/code", "register/confirm"):
        assert registration.get(page)["Location"] == registration.at("register")
    assert registration.get("register")["Location"] == registration.at("register/national-id")


def test_registering_on_the_way_to_a_client_ends_at_the_client(
    window: str, browser: Client, exchange: ExchangeSide
) -> None:
    mother = exchange.add(citizen())
    response = browser.get("/oauth2/authorize", asked(prompt="create"), **HOST)
    walk = Walk(browser, exchange, journey_in(response["Location"]))
    assert response["Location"] == walk.at("register")
    walk.answer_all(mother)
    walk.post("register/code", code=walk.code_sent_to(mother.mobile))
    walk.post("register/confirm")
    response = walk.get("continue")
    assert response.status_code == 303
    assert response["Location"].startswith("https://window.example/signin/callback?code=")
    assert Person.objects.get().registered_through == window


def test_two_tabs_do_not_disturb_each_other(browser: Client, exchange: ExchangeSide) -> None:
    one, two = exchange.add(citizen(1)), exchange.add(citizen(2))
    first, second = begin(browser, exchange, "register"), begin(browser, exchange, "register")
    first.post("register/national-id", national_id=one.national_id)
    second.post("register/national-id", national_id=two.national_id)
    for walk in (first, second):
        walk.post("register/birth-date", **BORN_TYPED)
    first.post("register/mobile", mobile=one.mobile)
    second.post("register/mobile", mobile=two.mobile)
    code = first.code_sent_to(one.mobile)
    assert first.post("register/code", code=code)["Location"] == first.at("register/confirm")


def test_somebody_already_signed_in_is_not_replaced(
    registration: Walk, exchange: ExchangeSide
) -> None:
    other = registered(citizen(9))
    mother = exchange.add(citizen())
    registration.answer_all(mother)
    registration.post("register/code", code=registration.code_sent_to(mother.mobile))
    sign_in(registration.client, other)
    key = registration.client.cookies["sso"].value
    response = registration.post("register/confirm")
    assert response.status_code == 409
    assert registration.client.cookies["sso"].value == key


def test_the_code_of_a_registration_is_no_login(
    registration: Walk, exchange: ExchangeSide, window: str
) -> None:
    """Purposes are kept apart: the same journey, the same person, another purpose."""
    mother = exchange.add(citizen())
    registered(mother)
    registration.answer_all(mother)
    code = registration.code_sent_to(mother.mobile)
    registration.post("login", national_id=mother.national_id)
    exchange.wait_for_sms(mother.mobile, after=1)
    response = registration.post("login/code", code=code)
    assert response.status_code == 200
    assert "sso" not in registration.client.cookies
    with pytest.raises(AssertionError):
        code_for(registration.client)
