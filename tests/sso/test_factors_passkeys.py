"""Passkeys: one key, one site, one person, one use of each challenge; each refusal is caused."""

import json
import uuid
from contextlib import suppress
from typing import Any

import pytest
from conftest import Clock
from device import FLAG, Device
from django.db import connection
from django.test import Client
from exchange_side import ExchangeSide
from factor_walks import (
    at,
    by_passkey,
    elsewhere,
    enrolled,
    here,
    newest_session,
    options_on,
    session_of,
    signed_in,
)
from fido2.utils import websafe_decode, websafe_encode
from hypothesis import given
from hypothesis import strategies as st
from people import (
    Walk,
    authorize,
    back_at_client,
    begin,
    citizen,
    journey_in,
    registered,
    sign_in,
)
from test_one_time_codes import in_parallel

from panjereh.sso.factors import webauthn
from panjereh.sso.factors.challenges import issue_challenge, spend_challenge
from panjereh.sso.factors.models import Handle, Passkey
from panjereh.sso.factors.webauthn import Refused, check_claim, check_new_key, read_claim
from panjereh.sso.models import AttainedLevel, Person, Session
from panjereh.sso.policy import policy
from panjereh.sso.safety.models import Notice

pytestmark = pytest.mark.django_db

CHALLENGE = bytes(range(32))


def asked_to_sign_in() -> dict[str, Any]:
    return webauthn.options_to_sign_in(CHALLENGE)


def asked_to_add() -> dict[str, Any]:
    return webauthn.options_to_add(CHALLENGE, handle=bytes(32), shown_name="زهرا", known=[])


def made(device: Device) -> bytes:
    return check_new_key(device.create(asked_to_add()), CHALLENGE).public_key


def notices() -> list[str]:
    told = Notice.objects.filter(kind__startswith="passkey").order_by("at")
    return list(told.values_list("kind", flat=True))


# Sign in


@pytest.mark.req("SSO-05")
def test_a_passkey_signs_in_without_national_id_and_without_sms(
    inside: Client, person: Person, exchange: ExchangeSide
) -> None:
    device = enrolled(inside)
    assert signed_in(by_passkey(elsewhere(exchange), device))
    session = newest_session(person)
    assert (session.person_id, session.ways, session.level) == (person.id, ["passkey"], 1)
    assert exchange.messages == [] or all("code" not in m.text for m in exchange.messages)


def test_after_it_the_site_gets_its_answer(
    inside: Client, exchange: ExchangeSide, window: str
) -> None:
    device = enrolled(inside)
    stranger = Client()
    walk = Walk(stranger, exchange, journey_in(authorize(stranger)["Location"]))
    by_passkey(walk, device)
    assert "code" in back_at_client(walk.get("continue")).told


def test_it_goes_on_while_every_registry_and_the_sms_centre_are_away(
    inside: Client, exchange: ExchangeSide
) -> None:
    """Section 9 row 31: a known device and a passkey need nobody else."""
    device = enrolled(inside)
    exchange.away.update({"shahkar", "messaging", "civil-registry"})
    assert signed_in(by_passkey(here(inside, exchange), device))


def test_a_session_of_level_1_cannot_give_itself_level_2(
    inside: Client, person: Person, exchange: ExchangeSide
) -> None:
    """The level in which it was added is the most that it proves, also when more is attained."""
    device = enrolled(inside)
    AttainedLevel.objects.create(
        person=person, level=2, proof="face", attained_at=person.registered_at
    )
    by_passkey(elsewhere(exchange), device)
    assert newest_session(person).level == 1


def test_the_key_of_the_session_changes_when_somebody_signs_in_again(
    inside: Client, exchange: ExchangeSide, clock: Clock
) -> None:
    device = enrolled(inside)
    before, sid = inside.cookies["sso"].value, session_of(inside).sid
    clock.forward(minutes=11)
    walk = Walk(inside, exchange, journey_in(at(inside, "passkeys/add/")["Location"]))
    assert signed_in(by_passkey(walk, device))
    assert inside.cookies["sso"].value != before
    assert session_of(inside).sid == sid


def test_the_page_says_nothing_about_anybody(inside: Client, exchange: ExchangeSide) -> None:
    enrolled(inside)
    options = options_on(elsewhere(exchange).get("login/passkey"))
    assert set(options) == {"challenge", "timeout", "rpId", "userVerification"}
    assert options["userVerification"] == "required"


def test_the_challenge_is_new_on_each_page_and_long(exchange: ExchangeSide) -> None:
    walk = elsewhere(exchange)
    seen = {options_on(walk.get("login/passkey"))["challenge"] for _ in range(3)}
    assert len(seen) == 3
    assert all(len(websafe_decode(one)) == 32 for one in seen)


# Refused


def test_an_answer_works_once(inside: Client, exchange: ExchangeSide) -> None:
    device, walk = enrolled(inside), elsewhere(exchange)
    answer = device.get(options_on(walk.get("login/passkey")))
    assert signed_in(walk.post("login/passkey", answer=answer))
    del walk.client.cookies["sso"]
    again = walk.post("login/passkey", answer=answer)
    assert "یک بار دیگر امتحان کنید" in again.content.decode()
    assert not signed_in(again)


@pytest.mark.django_db(transaction=True)
def test_one_of_many_parallel_answers_gets_the_challenge() -> None:
    journey = uuid.uuid4()
    for _ in range(5):
        issued = issue_challenge("sign-in", journey)
        got = in_parallel(lambda _: spend_challenge("sign-in", journey), 12)
        assert [one for one in got if one] == [issued]


def test_a_challenge_for_adding_is_none_for_signing_in() -> None:
    whose = uuid.uuid4()
    issue_challenge("add", whose)
    assert spend_challenge("sign-in", whose) is None
    assert spend_challenge("add", whose)


def test_an_answer_from_another_tab_or_browser_is_refused(
    inside: Client, exchange: ExchangeSide
) -> None:
    device, mine, other = enrolled(inside), elsewhere(exchange), elsewhere(exchange)
    answer = device.get(options_on(mine.get("login/passkey")))
    other.get("login/passkey")
    assert not signed_in(other.post("login/passkey", answer=answer))
    stranger = Walk(other.client, exchange, mine.journey)
    assert stranger.post("login/passkey", answer=answer).status_code == 410


def test_a_challenge_lives_five_minutes(
    inside: Client, exchange: ExchangeSide, clock: Clock
) -> None:
    device, walk = enrolled(inside), elsewhere(exchange)
    answer = device.get(options_on(walk.get("login/passkey")))
    clock.forward(minutes=5, seconds=1)
    assert not signed_in(walk.post("login/passkey", answer=answer))


def test_a_wrong_answer_burns_the_challenge(inside: Client, exchange: ExchangeSide) -> None:
    device, walk = enrolled(inside), elsewhere(exchange)
    answer = device.get(options_on(walk.get("login/passkey")))
    walk.post("login/passkey", answer="{}")
    assert not signed_in(walk.post("login/passkey", answer=answer))


FORGED = {
    "another origin": {"origin": "https://sso.evil.example"},
    "an origin that begins like ours": {"origin": "http://sso.localhost:8100.evil.example"},
    "the same host on another port": {"origin": "http://sso.localhost:9999"},
    "another site": {"rp_id": "localhost"},
    "in a frame of another site": {"cross_origin": True},
    "nobody touched it": {"flags": FLAG.UV},
    "no finger, face or PIN": {"flags": FLAG.UP},
    "made for adding a key": {"type": "webauthn.create"},
    "another challenge": {"challenge": websafe_encode(bytes(32))},
    "signed by another key": {"signature": b"0" * 70},
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED.keys())
def test_what_does_not_fit_is_refused(forged: dict[str, Any]) -> None:
    device = Device()
    key = made(device)
    with pytest.raises(Refused):
        check_claim(read_claim(device.get(asked_to_sign_in(), **forged)), key, CHALLENGE)
    check_claim(read_claim(device.get(asked_to_sign_in())), key, CHALLENGE)


@pytest.mark.parametrize("forged", [*list(FORGED.values())[:-2], {"challenge": "AAAA"}])
def test_a_new_key_is_judged_as_strictly(forged: dict[str, Any]) -> None:
    forged = forged | ({"type": "webauthn.get"} if "type" in forged else {})
    with pytest.raises(Refused):
        check_new_key(Device().create(asked_to_add(), **forged), CHALLENGE)


@given(
    st.text(max_size=200) | st.binary(max_size=200).map(lambda b: json.dumps({"rawId": b.hex()}))
)
def test_rubbish_is_refused_and_never_breaks_the_page(rubbish: str) -> None:
    for check in (read_claim, lambda text: check_new_key(text, CHALLENGE)):
        with pytest.raises(Refused):
            check(rubbish)


@given(st.data())
def test_a_changed_byte_is_refused_and_never_breaks_the_page(data: st.DataObject) -> None:
    answer = Device().create(asked_to_add())
    place = data.draw(st.integers(0, len(answer) - 1))
    changed = answer[:place] + data.draw(st.characters(codec="ascii")) + answer[place + 1 :]
    with suppress(Refused):  # without attestation nobody signs the key, so some changes stand
        check_new_key(changed, CHALLENGE)


def test_an_endless_answer_is_not_read() -> None:
    with pytest.raises(Refused):
        read_claim("[" * 30_000)


def test_the_key_of_one_person_never_opens_the_account_of_another(
    inside: Client, exchange: ExchangeSide, person: Person
) -> None:
    mine = enrolled(inside)
    other_browser, other = Client(), registered(citizen(2))
    sign_in(other_browser, other)
    theirs = enrolled(other_browser)
    answer = by_passkey(elsewhere(exchange), mine, handle=theirs.handle)
    assert not signed_in(answer)
    mine.handle, mine.credential_id = theirs.handle, theirs.credential_id
    assert not signed_in(by_passkey(elsewhere(exchange), mine))
    assert not Session.objects.filter(ways=["passkey"]).exists()


def test_a_running_session_is_never_switched_to_another_person(
    inside: Client, exchange: ExchangeSide, clock: Clock
) -> None:
    other_browser = Client()
    sign_in(other_browser, registered(citizen(2)))
    theirs = enrolled(other_browser)
    clock.forward(minutes=11)
    walk = Walk(inside, exchange, journey_in(at(inside, "app/add/")["Location"]))
    assert by_passkey(walk, theirs).status_code == 409


def test_an_unknown_key_and_one_of_a_closed_account_get_the_same_page(
    inside: Client, exchange: ExchangeSide, person: Person
) -> None:
    device = enrolled(inside)
    Person.objects.filter(id=person.id).update(closed_at=person.registered_at)
    unknown = Device(handle=bytes(32))
    pages = [by_passkey(elsewhere(exchange), one) for one in (device, unknown)]
    assert all("این‌جا حسابی را باز نمی‌کند" in page.content.decode() for page in pages)


def test_a_counter_that_goes_back_stops_the_key_and_is_told(
    inside: Client, exchange: ExchangeSide
) -> None:
    device = enrolled(inside)
    assert signed_in(by_passkey(elsewhere(exchange), device))
    answer = by_passkey(elsewhere(exchange), device, count=1)
    assert "نسخهٔ دیگری" in answer.content.decode()
    assert not signed_in(answer)
    device.count = 1000
    assert not signed_in(by_passkey(elsewhere(exchange), device)), "the other copy is stopped, too"
    assert notices() == ["passkey-added", "passkey-stopped"]
    assert "از کار افتاده" in at(inside).content.decode()


def test_a_maker_that_does_not_count_is_welcome(inside: Client, exchange: ExchangeSide) -> None:
    device = enrolled(inside, Device(count=None))
    for _ in range(3):
        assert signed_in(by_passkey(elsewhere(exchange), device))


def test_tries_are_limited_by_address_with_a_page_that_says_how_long(
    settings: Any, exchange: ExchangeSide
) -> None:
    settings.SSO_POLICY = {"passkey_tries_per_address_and_hour": 3}
    walk = elsewhere(exchange)
    answers = [walk.post("login/passkey", answer="{}").status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]


# Add, rename, remove


def test_the_name_on_the_device_and_the_handle_say_nothing_of_the_national_id(
    inside: Client, person: Person
) -> None:
    options = options_on(at(inside, "passkeys/add/"))
    assert person.national_id not in str(options)
    handle = websafe_decode(options["user"]["id"])
    assert len(handle) == 32
    assert handle == bytes(Handle.objects.get(person=person).handle)
    assert str(person.id).replace("-", "") not in handle.hex()
    assert options["rp"]["id"] == "sso.localhost"
    assert options["attestation"] == "none"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"


def test_only_the_public_key_is_kept(inside: Client) -> None:
    device = enrolled(inside)
    private = device.key.private_numbers().private_value.to_bytes(32, "big")
    row = Passkey.objects.values().get()
    assert private not in bytes(row["public_key"])


def test_a_device_is_added_once(inside: Client) -> None:
    device = enrolled(inside)
    options = options_on(at(inside, "passkeys/add/"))
    excluded = [websafe_decode(one["id"]) for one in options["excludeCredentials"]]
    assert excluded == [device.credential_id]
    answer = at(inside, "passkeys/add/", name="دوباره", answer=device.create(options))
    assert "پیش‌تر افزوده شده" in answer.content.decode()
    assert Passkey.objects.count() == 1


def test_an_answer_made_for_another_session_adds_nothing(inside: Client, person: Person) -> None:
    other = Client()
    sign_in(other, registered(citizen(2)))
    answer = Device().create(options_on(at(other, "passkeys/add/")))
    at(inside, "passkeys/add/")
    response = at(inside, "passkeys/add/", name="x", answer=answer)
    assert "پاسخ دستگاه" in response.content.decode()
    assert Passkey.objects.count() == 0


def test_there_is_an_end_to_their_number(settings: Any, inside: Client) -> None:
    settings.SSO_POLICY = {"passkeys": 2}
    for _ in range(2):
        enrolled(inside)
    answer = Device().create(options_on(at(inside, "passkeys/add/")))
    full = at(inside, "passkeys/add/", name="سومی", answer=answer)
    assert "جا برای گذرکلید بیشتر نیست" in full.content.decode()


def test_rename_and_remove(inside: Client, exchange: ExchangeSide) -> None:
    device, key = enrolled(inside), Passkey.objects.get()
    assert at(inside, f"passkeys/{key.id}/", name="کلید <b>خانه</b>").status_code == 302
    assert "کلید &lt;b&gt;خانه" in at(inside).content.decode()
    assert at(inside, f"passkeys/{key.id}/remove/").status_code == 200
    assert at(inside, f"passkeys/{key.id}/remove/", yes="1").status_code == 302
    assert not signed_in(by_passkey(elsewhere(exchange), device))
    assert notices() == ["passkey-added", "passkey-removed"]


@pytest.mark.parametrize("page", ["", "remove/"])
def test_nobody_touches_the_key_of_another_person(inside: Client, page: str) -> None:
    enrolled(inside)
    key = Passkey.objects.get()
    other = Client()
    sign_in(other, registered(citizen(2)))
    assert at(other, f"passkeys/{key.id}/{page}").status_code == 404
    assert at(other, f"passkeys/{key.id}/{page}", name="mine").status_code == 404
    key.refresh_from_db()
    assert key.name == "گوشی من"


def test_the_tables_of_a_ceremony_are_unlogged(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relpersistence = 'u' AND relkind = 'r'"
            " AND relname LIKE 'sso_factors_%'"
        )
        names = {row[0].removeprefix("sso_factors_") for row in cursor.fetchall()}
    assert names == {"challenge", "appdraft", "firsthalf", "homeward"}


def test_a_policy_number_is_what_the_browser_is_told(exchange: ExchangeSide) -> None:
    options = options_on(elsewhere(exchange).get("login/passkey"))
    assert options["timeout"] == policy().passkey_challenge.total_seconds() * 1000


def test_the_login_page_offers_every_way_to_everybody(exchange: ExchangeSide) -> None:
    page = begin(Client(), exchange).get("login").content.decode()
    for way in ("passkey", "app", "recovery"):
        assert f"/{way}/" in page
    assert "<script" not in page


def test_only_the_pages_with_a_script_may_run_one(exchange: ExchangeSide) -> None:
    walk = elsewhere(exchange)
    policies = {
        page: walk.get(page).headers["Content-Security-Policy"]
        for page in ("login", "login/app", "login/passkey")
    }
    assert "script-src 'self'" in policies["login/passkey"]
    assert all("script-src 'none'" in policies[page] for page in ("login", "login/app"))
    assert "unsafe" not in str(policies)
