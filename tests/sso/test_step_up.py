"""Step-up: which level a request gets, how a person is led there, and that it is never lowered."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from conftest import Clock
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from exchange_side import SEX, ExchangeSide
from people import (
    CALLBACK,
    HOST,
    Walk,
    authorize,
    back_at_client,
    citizen,
    claims_of,
    code_for,
    journey_in,
    redeem,
    register_client,
    registered,
    sign_in,
)

from panjereh.common import clock as the_clock
from panjereh.sandbox.faces.camera import camera_picture
from panjereh.sso.levels import Level
from panjereh.sso.models import AttainedLevel, Person, Session
from panjereh.sso.people.actions import attain
from panjereh.sso.provider.decision import SignedIn, Wish, decide, delivered
from panjereh.sso.provider.subjects import subject
from panjereh.sso.sessions.actions import Arrival, begin_session, use_session

LEVEL_1, LEVEL_2, LEVEL_3 = (f"urn:panjereh:level:{level}" for level in (1, 2, 3))
UNMET, LOGIN = "unmet_authentication_requirements", "login_required"

# reference/identity.md, section 5: rows are the session, columns the request.
LEVELS = [
    Level(1, "one", {}, ["sms"], True),
    Level(2, "two", {}, ["face"], True),
    Level(3, "three", {}, ["signature"], False),
]
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def at(level: int | None, minutes_ago: int = 5) -> SignedIn | None:
    if level is None:
        return None
    then = NOW - timedelta(minutes=minutes_ago)
    return SignedIn(reached=dict.fromkeys(range(1, level + 1), then), subject="me")


def wish(level: int, prompt: str = "", max_age: int | None = None) -> Wish:
    words = frozenset(prompt.split())
    return Wish(minimum=1, levels=[level], named_levels=True, prompt=words, max_age=max_age)


@pytest.mark.req("SSO-12")
@pytest.mark.parametrize(
    ("session", "asked_for", "verdict"),
    [
        # no session: login, whatever the level; the step-up follows it
        (None, wish(1), "sign-in"),
        (None, wish(2), "sign-in"),
        (None, wish(3), "sign-in"),
        (None, wish(1, "login"), "sign-in"),
        (None, wish(1, max_age=60), "sign-in"),
        (None, wish(1, "none"), LOGIN),
        (None, wish(3, "none"), LOGIN),
        # level 1 or 2
        (1, wish(1), "pass"),
        (2, wish(1), "pass"),
        (2, wish(2), "pass"),
        (1, wish(3), "step-up"),
        (2, wish(3), "step-up"),
        (1, wish(2), "step-up"),
        (1, wish(1, "login"), "sign-in"),
        (2, wish(2, "login"), "sign-in"),
        (1, wish(3, "login"), "sign-in"),
        (1, wish(1, max_age=60), "sign-in"),
        (2, wish(2, max_age=60), "sign-in"),
        (1, wish(1, max_age=600), "pass"),
        (2, wish(2, max_age=600), "pass"),
        (1, wish(2, max_age=600), "step-up"),
        (1, wish(1, "none"), "pass"),
        (2, wish(2, "none"), "pass"),
        (1, wish(1, "none", max_age=60), LOGIN),
        (1, wish(2, "none"), UNMET),
        (2, wish(3, "none"), UNMET),
        # level 3: a signature is never lent, the levels below it are
        (3, wish(1), "pass"),
        (3, wish(2), "pass"),
        (3, wish(3), "step-up"),
        (3, wish(3, "login"), "sign-in"),
        (3, wish(3, max_age=60), "sign-in"),
        (3, wish(3, max_age=600), "step-up"),
        (3, wish(3, "none"), LOGIN),
        (3, wish(1, "none"), "pass"),
        # more than there is
        (3, wish(4), UNMET),
        (None, wish(4), UNMET),
        (None, wish(4, "none"), UNMET),
    ],
)
def test_every_cell_of_the_matrix(session: int | None, asked_for: Wish, verdict: str) -> None:
    assert decide(asked_for, at(session), levels=LEVELS, now=NOW) == verdict


def test_what_was_proved_on_the_way_of_this_very_request_counts_as_fresh() -> None:
    since = NOW - timedelta(minutes=10)
    for level, asked_for in ((1, wish(1, "login")), (2, wish(2, max_age=1)), (3, wish(3))):
        assert decide(asked_for, at(level), levels=LEVELS, now=NOW, fresh_since=since) == "pass"


def test_a_fresh_login_does_not_freshen_an_older_face_or_signature() -> None:
    since = NOW - timedelta(minutes=10)
    old, new = NOW - timedelta(hours=1), NOW - timedelta(minutes=1)
    face = SignedIn(reached={1: new, 2: old}, subject="me")
    assert decide(wish(2, "login"), face, levels=LEVELS, now=NOW, fresh_since=since) == "step-up"
    assert decide(wish(2, max_age=300), face, levels=LEVELS, now=NOW) == "step-up"
    signed = SignedIn(reached={1: new, 2: old, 3: old}, subject="me")
    assert decide(wish(3), signed, levels=LEVELS, now=NOW, fresh_since=since) == "step-up"


def test_level_and_time_of_a_token_are_of_the_same_proof() -> None:
    old, new = NOW - timedelta(hours=1), NOW - timedelta(minutes=1)
    face = SignedIn(reached={1: new, 2: old}, subject="me")
    given = delivered(wish(1), face, levels=LEVELS, now=NOW)
    assert given
    assert (given.level.level, given.authenticated_at) == (2, old)
    fresh = delivered(wish(1, max_age=300), face, levels=LEVELS, now=NOW)
    assert fresh
    assert (fresh.level.level, fresh.authenticated_at) == (1, new)


# The same over HTTP


def photo(number: int = 1) -> SimpleUploadedFile:
    return SimpleUploadedFile("me.jpg", camera_picture(citizen(number).national_id, SEX))


def led(client: Client, exchange: ExchangeSide, **asked_for: str | None) -> Walk:
    return Walk(client, exchange, journey_in(authorize(client, **asked_for)["Location"]))


def show_face(walk: Walk) -> Any:
    return walk.client.post(walk.at("face"), {"photo": photo()}, **HOST)


def tokens_after(walk: Walk, response: Any) -> dict[str, Any]:
    code = back_at_client(walk.client.get(response["Location"], **HOST)).told["code"]
    return claims_of(walk.client, redeem(walk.client, code).json()["id_token"])


def prove(client: Client, person: Person, way: str) -> None:
    """A further way in the running session, as its page would note it."""
    running = use_session(client.cookies["sso"].value) if "sso" in client.cookies else None
    arrival = Arrival(way=way, browser_sha256="b" * 64, browser="Firefox, Linux")
    client.cookies["sso"] = begin_session(person, arrival, renewing=running)


@pytest.mark.req("SSO-12")
@pytest.mark.django_db
@pytest.mark.usefixtures("window", "person")
def test_login_and_step_up_are_one_way(browser: Client, exchange: ExchangeSide) -> None:
    mother = exchange.add(citizen())
    walk = led(browser, exchange, acr_values=LEVEL_2)
    walk.post("login", national_id=mother.national_id)
    entered = walk.post("login/code", code=walk.code_sent_to(mother.mobile))
    assert entered["Location"] == walk.at("continue")
    assert walk.get("continue")["Location"] == walk.at("step-up")
    assert walk.at("face") in walk.get("step-up").content.decode()
    claims = tokens_after(walk, show_face(walk))
    assert (claims["acr"], claims["amr"]) == (LEVEL_2, ["sms", "face"])


@pytest.mark.django_db
def test_only_what_is_missing_is_asked_and_the_session_goes_on_under_a_new_key(
    inside: Client, exchange: ExchangeSide
) -> None:
    exchange.add(citizen())
    sid, before = Session.objects.get().id, inside.cookies["sso"].value
    walk = led(inside, exchange, acr_values=LEVEL_2)
    assert "/step-up/" in authorize(inside, acr_values=LEVEL_2)["Location"]
    claims = tokens_after(walk, show_face(walk))
    assert claims["sid"] == str(sid)
    assert Session.objects.get().id == sid
    assert inside.cookies["sso"].value != before
    assert use_session(before) is None


@pytest.mark.django_db
def test_nothing_on_the_way_lowers_the_level(inside: Client, exchange: ExchangeSide) -> None:
    exchange.add(citizen())
    walk = led(inside, exchange, acr_values=LEVEL_2)
    for page in ("continue", "login"):
        assert walk.get(page)["Location"] == walk.at("step-up")
    assert walk.get("consent")["Location"] == walk.at("continue")
    lower = inside.get(walk.at("continue") + f"?acr_values={LEVEL_1}", **HOST)
    assert lower["Location"] == walk.at("step-up")
    assert inside.post(walk.at("step-up"), {"level": "1"}, **HOST).status_code == 405


@pytest.mark.django_db
def test_a_clients_own_minimum_leads_to_the_step_up_too(
    browser: Client, exchange: ExchangeSide
) -> None:
    register_client(minimum_level=2)
    exchange.add(citizen())
    sign_in(browser, registered(citizen()))
    walk = led(browser, exchange)
    assert tokens_after(walk, show_face(walk))["acr"] == LEVEL_2


@pytest.mark.django_db
def test_auth_time_is_of_the_proof_that_the_level_rests_on(
    inside: Client, person: Person, clock: Clock, exchange: ExchangeSide
) -> None:
    attain(person.id, 2, "test")
    prove(inside, person, "face")
    of_face = int(Session.objects.get().authenticated_at.timestamp())
    clock.forward(minutes=10)
    sign_in_again(inside, person)
    claims = claims_of(inside, redeem(inside, code_for(inside)).json()["id_token"])
    assert (claims["acr"], claims["auth_time"]) == (LEVEL_2, of_face)
    recent = claims_of(inside, redeem(inside, code_for(inside, max_age="60")).json()["id_token"])
    assert (recent["acr"], recent["auth_time"]) == (LEVEL_1, of_face + 600)
    walk = led(inside, exchange, acr_values=LEVEL_2, max_age="60")
    assert "/step-up/" in walk.get("continue")["Location"]


def sign_in_again(client: Client, person: Person) -> None:
    prove(client, person, "sms")


@pytest.mark.req("SSO-13")
@pytest.mark.django_db
def test_an_old_signature_opens_nothing(
    inside: Client, person: Person, exchange: ExchangeSide
) -> None:
    attain(person.id, 3, "test")
    prove(inside, person, "signature")
    assert Session.objects.get().level == 3
    told = back_at_client(authorize(inside, acr_values=LEVEL_3, prompt="none")).told
    assert told["error"] == LOGIN
    walk = led(inside, exchange, acr_values=LEVEL_3)
    prove(inside, person, "sms")  # a fresh login beside it changes nothing
    assert walk.get("continue")["Location"] == walk.at("step-up")
    prove(inside, person, "signature")
    told = back_at_client(walk.get("continue")).told
    claims = claims_of(inside, redeem(inside, told["code"]).json()["id_token"])
    assert (claims["acr"], claims["amr"]) == (LEVEL_3, ["sms", "pop"])
    assert "code" in back_at_client(authorize(inside, acr_values=LEVEL_2, prompt="none")).told


@pytest.mark.django_db
def test_giving_up_is_told_to_the_service_and_lowers_nothing(
    inside: Client, exchange: ExchangeSide
) -> None:
    walk = led(inside, exchange, acr_values=LEVEL_2)
    back = back_at_client(walk.client.post(walk.at("step-up/give-up"), **HOST))
    assert back.address == CALLBACK
    assert back.told["error"] == UNMET
    assert back.told["state"] == "state-of-the-client"
    assert "code" not in back.told
    assert Session.objects.get().level == 1, "still signed in"
    assert walk.get("step-up").status_code == 410


@pytest.mark.django_db
def test_a_person_without_any_way_reads_what_to_do(
    inside: Client, exchange: ExchangeSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("panjereh.sso.step_up.ways.WAYS", ())
    page = led(inside, exchange, acr_values=LEVEL_2).get("step-up").content.decode()
    assert "پیشخوان" in page
    assert "give-up" in page


@pytest.mark.django_db
def test_the_pages_are_for_who_is_signed_in_on_this_browser(
    inside: Client, exchange: ExchangeSide
) -> None:
    walk = led(inside, exchange, acr_values=LEVEL_2)
    stranger = Walk(Client(), exchange, walk.journey)
    assert stranger.get("step-up").status_code == 410
    assert stranger.post("step-up/give-up").status_code == 410
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = inside.cookies
    assert strict.post(walk.at("step-up/give-up"), **HOST).status_code == 403
    Session.objects.update(ended_at=the_clock.now())
    assert "/login/" in walk.get("step-up")["Location"]


@pytest.mark.django_db
def test_pressing_back_after_the_step_up_does_no_harm(
    inside: Client, exchange: ExchangeSide
) -> None:
    exchange.add(citizen())
    walk = led(inside, exchange, acr_values=LEVEL_2)
    done = show_face(walk)
    assert walk.get("face")["Location"] == walk.at("continue"), "before the way has ended"
    tokens_after(walk, done)
    for page in ("face", "step-up", "continue"):
        ended = walk.get(page)
        assert ended.status_code == 410
        assert "/fa/" in ended.content.decode()
    assert Session.objects.get().level == 2


@pytest.mark.django_db
@pytest.mark.usefixtures("window")
def test_a_hint_of_somebody_else_is_an_error_and_never_a_switch(browser: Client) -> None:
    me, other = registered(citizen(1)), registered(citizen(2))
    sign_in(browser, me)
    for hint in (subject(other.id, "ito"), other.national_id):
        assert back_at_client(authorize(browser, login_hint=hint)).told["error"] == LOGIN
        told = back_at_client(authorize(browser, login_hint=hint, prompt="none")).told
        assert told["error"] == LOGIN
    for mine in (subject(me.id, "ito"), me.national_id, "somebody@example.ir", "09121234567"):
        assert "code" in back_at_client(authorize(browser, login_hint=mine)).told


@pytest.mark.django_db
@pytest.mark.usefixtures("window")
def test_after_a_login_with_a_hint_the_person_must_be_the_hinted_one(
    browser: Client, exchange: ExchangeSide
) -> None:
    mother, other = exchange.add(citizen(1)), registered(citizen(2))
    registered(mother)
    walk = led(browser, exchange, login_hint=subject(other.id, "ito"))
    walk.post("login", national_id=mother.national_id)
    walk.post("login/code", code=walk.code_sent_to(mother.mobile))
    assert back_at_client(walk.get("continue")).told["error"] == LOGIN


@pytest.mark.django_db
def test_a_level_is_attained_once_and_told_once(person: Person) -> None:
    assert attain(person.id, 2, "first")
    assert not attain(person.id, 2, "second")
    assert AttainedLevel.objects.get(person=person, level=2).proof == "first"


@pytest.mark.django_db
def test_a_session_that_has_just_ended_is_not_revived_by_a_further_way(
    inside: Client, person: Person
) -> None:
    running = use_session(inside.cookies["sso"].value)
    Session.objects.update(ended_at=the_clock.now())
    arrival = Arrival(way="face", browser_sha256="b" * 64, browser="Firefox, Linux")
    found = use_session(begin_session(person, arrival, renewing=running))
    assert running
    assert found
    assert (found.sid != running.sid, found.ways) == (True, ["face"])


@pytest.mark.django_db(transaction=True)
def test_two_ways_proved_at_once_both_count(person: Person) -> None:
    first = Arrival(way="sms", browser_sha256="b" * 64, browser="Firefox, Linux")
    running = use_session(begin_session(person, first))
    assert running

    def prove_one(way: str) -> UUID:
        try:
            arrival = Arrival(way=way, browser_sha256="b" * 64, browser="Firefox, Linux")
            begin_session(person, arrival, renewing=running)
            return running.sid
        finally:
            connection.close()

    ways = ["face", "passkey", "totp", "recovery"]
    with ThreadPoolExecutor(len(ways)) as pool:
        list(pool.map(prove_one, ways))
    assert set(Session.objects.get().ways) == {"sms", *ways}
