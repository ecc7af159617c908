"""Which sign-ins are told (the rules of FranceConnect), known browsers, and "this was not me"."""

from typing import Any

import pytest
from conftest import Clock
from django.test import Client
from exchange_side import ExchangeSide
from people import HOST, Walk, begin, citizen, code_for, redeem, registered, sign_in, userinfo

from panjereh.common import clock as the_clock
from panjereh.sso.factors.models import Passkey
from panjereh.sso.models import KnownBrowser, Person, Session
from panjereh.sso.safety.models import MisuseReport, Notice, NumberChange, NumberStanding
from panjereh.sso.safety.sign_in_notices import SignInMoment, notice_of
from panjereh.sso.sessions.actions import Arrival, begin_session

pytestmark = pytest.mark.django_db

NEW, SHARED, ODD = "new-browser", "shared-browser", "suspicious-sign-in"


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({}, NEW),
        ({"shared": True}, NEW),
        ({"known": True}, None),
        ({"known": True, "shared": True}, SHARED),
        ({"continued": True}, None),
        ({"continued": True, "known": True, "shared": True}, None),
        ({"first": True}, None),
        ({"suspicious": True}, ODD),
        ({"suspicious": True, "known": True}, ODD),
        ({"suspicious": True, "continued": True, "known": True}, ODD),
        ({"suspicious": True, "first": True}, ODD),
    ],
)
def test_which_sign_ins_are_told(facts: dict[str, bool], told: str | None) -> None:
    assert notice_of(SignInMoment(**facts)) == told


def arrive(person: Person, browser: str = "b", **facts: Any) -> None:
    arrival = Arrival(way="sms", browser_sha256=browser * 64, browser="Firefox, Linux", **facts)
    begin_session(person, arrival)


def told() -> list[str]:
    return list(Notice.objects.order_by("at").values_list("kind", flat=True))


def test_the_first_browser_is_known_and_another_one_is_told(person: Person) -> None:
    arrive(person)
    arrive(person)
    assert told() == []
    arrive(person, "c")
    assert told() == [NEW]
    assert Notice.objects.get().facts == {"browser": "Firefox, Linux"}
    arrive(person, "c")
    assert told() == [NEW]


def test_after_half_a_year_a_browser_is_a_new_one(person: Person, clock: Clock) -> None:
    arrive(person)
    clock.forward(days=181)
    arrive(person)
    assert told() == [NEW]


def test_a_browser_of_many_people_is_told_each_time(person: Person) -> None:
    arrive(person)
    for number in range(2, 5):
        arrive(registered(citizen(number)))
    arrive(person)
    assert told() == [SHARED]


def test_two_in_a_household_do_not_make_a_shared_browser(person: Person) -> None:
    arrive(person)
    arrive(registered(citizen(2)))
    arrive(person)
    assert told() == []


@pytest.mark.parametrize(("hops", "kinds"), [(1, [ODD]), (0, [])])
def test_only_our_own_edge_may_doubt(
    settings: Any, exchange: ExchangeSide, browser: Client, hops: int, kinds: list[str]
) -> None:
    mother = exchange.add(citizen())
    registered(mother)
    walk = begin(browser, exchange)
    walk.post("login", national_id=mother.national_id)
    settings.PROXY_HOPS = hops
    answer = browser.post(
        walk.at("login/code"),
        {"code": walk.code_sent_to(mother.mobile)},
        headers={"X-Edge-Doubts": "1", "X-Forwarded-For": "203.0.113.9"},
        **HOST,
    )
    assert answer.status_code == 302
    assert told() == kinds


def account(client: Client, language: str = "fa") -> str:
    return str(client.get(f"/{language}/account/", **HOST).content.decode())


def test_browsers_have_names_and_are_forgotten_on_request(inside: Client, person: Person) -> None:
    assert "Firefox, Linux" in account(inside)
    known = KnownBrowser.objects.get()
    inside.post(f"/fa/account/browsers/{known.id}/forget/", **HOST)
    assert not KnownBrowser.objects.exists()
    arrive(person)
    assert told() == [NEW]


def test_nobody_forgets_the_browser_of_another(inside: Client) -> None:
    theirs = registered(citizen(2))
    arrive(theirs, "c")
    known = KnownBrowser.objects.get(person=theirs)
    assert inside.post(f"/fa/account/browsers/{known.id}/forget/", **HOST).status_code == 404
    assert KnownBrowser.objects.filter(id=known.id).exists()


POSTED = ["not-me", "close", "number/cancel", "number", "browsers/1/forget"]


@pytest.mark.parametrize("page", POSTED)
def test_who_is_not_signed_in_is_led_to_the_login(browser: Client, db: None, page: str) -> None:
    answer = browser.post(f"/fa/account/{page}/", **HOST)
    assert "/login/" in answer["Location"]


@pytest.mark.parametrize("page", POSTED)
def test_no_other_site_can_press_these_buttons(person: Person, page: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    sign_in(strict, person)
    assert strict.post(f"/fa/account/{page}/", **HOST).status_code == 403
    person.refresh_from_db()
    assert person.closed_at is None
    assert not MisuseReport.objects.exists()


def test_news_stand_in_the_account_in_both_languages(inside: Client, person: Person) -> None:
    for number in range(7):
        arrive(person, "cdefghi"[number])
    assert "در مرورگر تازه‌ای باز شد" in account(inside)
    assert "was opened on a new browser" in account(inside, "en")
    whole = inside.get("/en/account/notices/", **HOST).content.decode()
    assert whole.count("was opened on a new browser") == 7


def test_this_was_not_me_ends_everything_and_locks_the_sms(
    inside: Client, person: Person, exchange: ExchangeSide
) -> None:
    thief = Client()
    sign_in(thief, person)
    token = redeem(thief, code_for(thief)).json()["access_token"]
    NumberChange.objects.create(
        person=person,
        mobile="+989350000000",
        asked_at=person.registered_at,
        confirmed_at=person.registered_at,
    )
    page = inside.post("/fa/account/not-me/", **HOST)
    assert page.status_code == 200
    assert "گزارش شما" in page.content.decode()
    assert not Session.objects.filter(ended_at=None).exists()
    assert userinfo(thief, token).status_code == 401
    assert thief.get("/fa/account/", **HOST)["Location"] == "/fa/login/"
    assert NumberChange.objects.get().cancelled_at
    assert NumberStanding.objects.get().reason == "reported"
    assert told() == ["misuse-reported"]
    walk = begin(Client(), exchange)
    assert walk.post("login", national_id=person.national_id).status_code == 302
    assert exchange.messages == [], "a code by SMS would open nothing"


def test_after_a_report_the_whole_proof_opens_the_account(
    inside: Client, person: Person, exchange: ExchangeSide
) -> None:
    inside.post("/fa/account/not-me/", **HOST)
    walk = proved(Client(), exchange, person)
    assert walk.client.post(f"/fa/prove/{walk.journey}/", **HOST)["Location"].endswith(
        f"/continue/{walk.journey}/"
    )
    assert NumberStanding.objects.get().suspended_at is None
    assert walk.client.get("/fa/account/", **HOST).status_code == 200


def proved(client: Client, exchange: ExchangeSide, person: Person) -> Walk:
    """At the end of a registration by somebody who has an account."""
    walk = begin(client, exchange, "register")
    of = exchange.citizens[person.national_id]
    known = exchange.count_to(of.mobile)
    walk.answer_all(of)
    walk.post("register/code", code=walk.code_sent_to(of.mobile, after=known))
    return walk


def test_without_the_whole_proof_nothing_is_unlocked(
    inside: Client, person: Person, exchange: ExchangeSide
) -> None:
    inside.post("/fa/account/not-me/", **HOST)
    walk = begin(Client(), exchange, "register")
    walk.answer_all(exchange.citizens[person.national_id])
    answer = walk.client.post(f"/fa/prove/{walk.journey}/", **HOST)
    assert f"/register/{walk.journey}/" in answer["Location"], "the code is missing"
    assert NumberStanding.objects.get().suspended_at
    stranger = Client()
    assert stranger.post(f"/fa/prove/{walk.journey}/", **HOST).status_code == 410


def test_what_a_thief_may_have_added_stops_with_the_report(
    inside: Client, person: Person, clock: Clock
) -> None:
    passkey(person, b"old")
    clock.forward(days=15)
    passkey(person, b"new")
    sign_in(inside, person)
    inside.post("/fa/account/not-me/", **HOST)
    left = Passkey.objects.filter(stopped_at=None)
    assert [bytes(one.credential_id) for one in left] == [b"old"]


def passkey(person: Person, number: bytes) -> None:
    Passkey.objects.create(
        person=person,
        credential_id=number,
        public_key=b"",
        name="key",
        proved=1,
        added_at=the_clock.now(),
    )
