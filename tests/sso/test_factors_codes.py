"""Codes of an authenticator app and recovery codes: good once, counted, sealed, nobody's hint."""

import base64
import logging
import os
import re
import subprocess
import sys
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from conftest import Clock
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from exchange_side import ExchangeSide
from factor_walks import (
    at,
    by_passkey,
    code_now,
    elsewhere,
    enrolled,
    here,
    newest_session,
    secret_on,
    sheet_of,
    signed_in,
    with_app,
)
from fido2.utils import websafe_encode
from hypothesis import given
from hypothesis import strategies as st
from people import Walk, citizen, registered
from test_one_time_codes import in_parallel, wrong

from panjereh.sso.digests import new_secret, sha256
from panjereh.sso.factors import jobs, recovery, totp, vault
from panjereh.sso.factors.models import AuthenticatorApp, RecoveryCode, RecoverySet
from panjereh.sso.factors.proving import NotProved, app_place, prove_app, prove_recovery
from panjereh.sso.models import KnownBrowser, Person
from panjereh.sso.safety.models import Notice
from panjereh.sso.sessions.visitor import Visitor

pytestmark = pytest.mark.django_db

WHO = Visitor(browser_key="k" * 43, fresh=False, browser="Firefox, Linux", address="192.0.2.0/24")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def short_sheets(settings: Any) -> None:
    """Making a code is slow on purpose."""
    settings.SSO_POLICY = {"recovery_codes": 2}


def type_code(walk: Walk, person: Person, code: str) -> Any:
    return walk.post("login/app", national_id=person.national_id, code=code)


def recover(walk: Walk, national_id: str, code: str) -> Any:
    return walk.post("login/recovery", national_id=national_id, code=code)


@pytest.fixture
def known(inside: Client, person: Person) -> Client:
    """A browser on which the person has signed in, with the cookie that says so."""
    key = new_secret()
    inside.cookies["browser"] = key
    KnownBrowser.objects.filter(person=person).update(browser_sha256=sha256(key))
    return inside


# The craft


@given(st.integers(1_000, 4_000_000_000), st.integers(-600, 600))
def test_a_code_is_good_in_its_half_minute_and_the_two_beside(at_second: int, off: int) -> None:
    secret = totp.new_secret()
    shown = totp.code_at(secret, datetime.fromtimestamp(at_second, UTC))
    moment = datetime.fromtimestamp(at_second + off, UTC)
    step, now = at_second // 30, int(moment.timestamp()) // 30
    if abs(step - now) <= 1:
        assert totp.step_of(secret, shown, moment) is not None
    elif totp.step_of(secret, shown, moment) is not None:  # one in 300,000: two alike by chance
        beside = [moment + timedelta(seconds=seconds) for seconds in (-30, 0, 30)]
        assert shown in {totp.code_at(secret, one) for one in beside}


@pytest.mark.parametrize(
    ("second", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_the_codes_are_those_of_rfc_6238(second: int, code: str) -> None:
    secret = base64.b32encode(b"12345678901234567890").decode()
    assert totp.code_at(secret, datetime.fromtimestamp(second, UTC)) == code


@pytest.mark.parametrize("rubbish", ["", "12345", "1234567", "abcdef", "۱۲۳۴۵۶", "１２３４５６"])
def test_what_is_no_code_is_wrong_and_breaks_nothing(rubbish: str) -> None:
    assert totp.step_of(totp.new_secret(), rubbish, NOON) is None


def test_a_sealed_text_opens_only_in_its_place() -> None:
    sealed = vault.seal("secret", place="row 1")
    assert vault.unseal(sealed, place="row 1") == "secret"
    name, _, body = sealed.partition(".")
    flipped = ("A" if body[20] != "A" else "B") + body[21:]
    for changed, place in (
        (sealed, "row 2"),
        (f"{name}.{body[:20]}{flipped}", "row 1"),
        (f"00000000.{body}", "row 1"),
    ):
        with pytest.raises(vault.SealBroken):
            vault.unseal(changed, place=place)


@pytest.mark.req("PRV-13")
def test_the_key_of_the_seals_can_be_changed(settings: Any, inside: Client) -> None:
    secret = with_app(inside)
    old = django_settings.SSO_FACTOR_KEYS
    settings.SSO_FACTOR_KEYS = f"a-new-line-on-top\n{old}"
    app = AuthenticatorApp.objects.get()
    assert not app.secret.startswith(vault.newest())
    assert jobs.reseal_old() == 1
    assert jobs.reseal_old() == 0
    settings.SSO_FACTOR_KEYS = "a-new-line-on-top"
    app.refresh_from_db()
    assert vault.unseal(app.secret, place=app_place(app.person_id)) == secret


def test_a_secret_whose_key_is_lost_opens_nothing_and_breaks_nothing(
    settings: Any, known: Client, person: Person, exchange: ExchangeSide
) -> None:
    secret = with_app(known)
    settings.SSO_FACTOR_KEYS = "another-line"
    assert jobs.reseal_old() == 0
    assert not signed_in(type_code(here(known, exchange), person, code_now(secret)))


# An app, at the door


@pytest.mark.req("SSO-05")
def test_on_a_known_browser_the_code_of_the_app_is_enough(
    known: Client, person: Person, exchange: ExchangeSide
) -> None:
    secret = with_app(known)
    assert signed_in(type_code(here(known, exchange), person, code_now(secret)))
    assert newest_session(person).ways == ["totp"]
    assert newest_session(person).level == 1


def test_on_another_browser_it_is_not_and_the_page_is_the_same_for_everybody(
    known: Client, person: Person, exchange: ExchangeSide
) -> None:
    """800-63B: guessing at everybody's six digits must not be silent and cheap."""
    secret = with_app(known)
    pages = [
        type_code(elsewhere(exchange), who, code)
        for who, code in (
            (person, code_now(secret)),
            (person, "000000"),
            (registered(citizen(2)), "000000"),
            (Person(national_id=citizen(3).national_id), "000000"),
        )
    ]
    texts = {re.sub(r"[0-9a-f-]{36}", "", page.content.decode()) for page in pages}
    assert len(texts) == 1
    assert "این‌جا کد رمزساز به‌تنهایی کافی نیست" in texts.pop()
    assert AuthenticatorApp.objects.get().strange_misses == 0


@pytest.mark.req("SSO-05")
def test_a_code_works_once(known: Client, person: Person, exchange: ExchangeSide) -> None:
    secret = with_app(known)
    code = code_now(secret)
    assert signed_in(type_code(here(known, exchange), person, code))
    again = type_code(here(known, exchange), person, code)
    assert not signed_in(again)
    assert "پیش‌تر به کار رفته است" in again.content.decode()


def test_the_code_that_added_the_app_is_spent(inside: Client, person: Person, clock: Clock) -> None:
    secret = secret_on(at(inside, "app/add/"))
    code = code_now(secret)
    at(inside, "app/add/", code=code, name="رمزساز")
    with pytest.raises(NotProved, match="used"):
        prove_app(person, code=code, who=WHO, known=True)


def test_an_older_code_is_refused_after_a_newer_one(inside: Client, person: Person) -> None:
    secret = with_app(inside)
    now = datetime.now(UTC)
    prove_app(person, code=totp.code_at(secret, now), who=WHO, known=True)
    with pytest.raises(NotProved):
        prove_app(
            person, code=totp.code_at(secret, now - timedelta(seconds=30)), who=WHO, known=True
        )


@pytest.mark.django_db(transaction=True)
def test_one_of_many_parallel_uses_of_a_code_wins(inside: Client, person: Person) -> None:
    secret = with_app(inside)
    code = code_now(secret)

    def attempt(number: int) -> str:
        who = Visitor(f"{number:043d}", False, "", f"192.0.{number}.0/24")
        try:
            prove_app(person, code=code, who=who, known=True)
        except NotProved as error:
            return error.trouble
        return "right"

    verdicts = in_parallel(attempt, 12)
    assert verdicts.count("right") == 1
    assert set(verdicts) == {"right", "used"}


@pytest.mark.django_db(transaction=True)
def test_a_code_used_in_one_process_is_used_in_the_other(inside: Client, person: Person) -> None:
    """Section 9 row 36: the mark is in the table and not in a worker's memory."""
    secret = with_app(inside)
    code = code_now(secret)
    ask = (
        "import os, django; django.setup()\n"
        "from panjereh.sso.models import Person\n"
        "from panjereh.sso.factors.proving import NotProved, prove_app\n"
        "from panjereh.sso.sessions.visitor import Visitor\n"
        "try:\n"
        f"    prove_app(Person.objects.get(), code='{code}', known=True,"
        " who=Visitor('k' * 43, False, '', '192.0.2.0/24'))\n"
        "    print('right')\n"
        "except NotProved as error:\n"
        "    print(error.trouble)\n"
    )
    database = connection.settings_dict
    address = f"postgresql:///{database['NAME']}?host={database['HOST']}&user={database['USER']}"
    environment = os.environ | {"PANJEREH_SSO_DATABASE_URL": address}
    said = [
        subprocess.run(
            [sys.executable, "-c", ask], env=environment, capture_output=True, text=True, check=True
        ).stdout.strip()
        for _ in range(2)
    ]
    assert said == ["right", "used"]


def test_the_table_shows_no_secret(inside: Client) -> None:
    secret = with_app(inside)
    codes = sheet_of(inside)
    with connection.cursor() as cursor:
        for table in ("authenticatorapp", "appdraft", "recoverycode", "recoveryset"):
            cursor.execute(f"SELECT * FROM sso_factors_{table}")
            rows = str(cursor.fetchall())
            raw = base64.b32decode(secret)
            assert secret not in rows and str(raw) not in rows and raw.hex() not in rows
            assert not any(code in rows for code in codes)


def test_the_address_for_the_app_holds_no_national_id(inside: Client, person: Person) -> None:
    page = at(inside, "app/add/").content.decode()
    assert person.national_id not in page


def test_the_page_shows_the_same_secret_again_but_not_after_its_time(
    inside: Client, clock: Clock, settings: Any
) -> None:
    settings.SSO_POLICY = {"app_draft": timedelta(minutes=5)}
    first = secret_on(at(inside, "app/add/"))
    assert secret_on(at(inside, "app/add/")) == first
    clock.forward(minutes=5, seconds=1)
    assert secret_on(at(inside, "app/add/")) != first


def test_a_wrong_first_code_adds_nothing(inside: Client) -> None:
    secret = secret_on(at(inside, "app/add/"))
    response = at(inside, "app/add/", code=wrong(code_now(secret)), name="رمزساز")
    assert "کد دیگری نشان می‌دهد" in response.content.decode()
    assert not AuthenticatorApp.objects.exists()


# Guessing


def misses(person: Person, times: int, *, known: bool, who: Visitor = WHO) -> list[str]:
    said: list[str] = []
    for _ in range(times):
        try:
            prove_app(person, code="000000", who=who, known=known)
        except NotProved as error:
            said.append(error.trouble)
    return said


@pytest.fixture
def patient(settings: Any) -> None:
    settings.SSO_POLICY |= {"app_tries_per_hour": 10_000, "app_tries_per_address_and_hour": 10_000}


def test_after_a_hundred_wrong_codes_in_a_row_the_right_one_is_wrong_too(
    patient: None, inside: Client, person: Person
) -> None:
    """800-63B 5.2.2."""
    secret = with_app(inside)
    assert set(misses(person, 100, known=True)) == {"wrong"}
    with pytest.raises(NotProved, match="wrong"):
        prove_app(person, code=code_now(secret), who=WHO, known=True)


def test_strangers_lock_only_strangers_out(patient: None, inside: Client, person: Person) -> None:
    secret = with_app(inside)
    misses(person, 101, known=False)
    with pytest.raises(NotProved):
        prove_app(person, code=code_now(secret), who=WHO, known=False)
    assert prove_app(person, code=code_now(secret), who=WHO, known=True).person == person
    app = AuthenticatorApp.objects.get()
    assert (app.misses, app.strange_misses) == (0, 0), "the owner's own code opens it again"


@pytest.mark.django_db(transaction=True)
def test_fifty_parallel_guesses_count_fifty(patient: None, inside: Client, person: Person) -> None:
    with_app(inside)
    in_parallel(lambda _: misses(person, 1, known=True), 50)
    assert AuthenticatorApp.objects.get().misses == 50


def test_ten_guesses_an_hour_then_a_page_that_says_how_long(
    known: Client, person: Person, exchange: ExchangeSide
) -> None:
    with_app(known)
    walk = here(known, exchange)
    answers = [type_code(walk, person, "000000").status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]


# Recovery codes


@pytest.mark.req("SSO-05")
def test_a_recovery_code_lets_in_who_has_lost_the_phone_and_is_told(
    settings: Any, inside: Client, person: Person, exchange: ExchangeSide
) -> None:
    settings.SSO_POLICY = {}
    codes = sheet_of(inside)
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"\d{20}", code) for code in codes)
    assert signed_in(recover(elsewhere(exchange), person.national_id, codes[3]))
    assert newest_session(person).ways == ["recovery"]
    assert Notice.objects.filter(kind="recovery-used").count() == 1
    assert "۹ کد از برگهٔ شما" in at(inside).content.decode()


def test_it_may_be_typed_in_persian_with_blanks_or_dashes(
    inside: Client, person: Person, exchange: ExchangeSide
) -> None:
    persian = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
    first, second, *_ = sheet_of(inside)
    assert signed_in(recover(elsewhere(exchange), person.national_id, first.translate(persian)))
    dashed = "-".join(second[i : i + 4] for i in range(0, 20, 4))
    assert signed_in(recover(elsewhere(exchange), person.national_id, f" {dashed} "))


def test_each_recovery_code_works_once(
    inside: Client, person: Person, exchange: ExchangeSide
) -> None:
    code = sheet_of(inside)[0]
    assert signed_in(recover(elsewhere(exchange), person.national_id, code))
    assert not signed_in(recover(elsewhere(exchange), person.national_id, code))


@pytest.mark.django_db(transaction=True)
def test_one_of_many_parallel_uses_of_a_recovery_code_wins(inside: Client, person: Person) -> None:
    code = sheet_of(inside)[0]

    def attempt(number: int) -> bool:
        who = Visitor(f"{number:043d}", False, "", f"192.0.{number}.0/24")
        try:
            prove_recovery(person.national_id, code=code, who=who)
        except NotProved:
            return False
        return True

    assert in_parallel(attempt, 12).count(True) == 1
    assert Notice.objects.filter(kind="recovery-used").count() == 1


def test_a_new_sheet_ends_the_old_one(
    inside: Client, person: Person, exchange: ExchangeSide
) -> None:
    old = sheet_of(inside)[0]
    sheet_of(inside)
    assert RecoverySet.objects.count() == 1
    assert RecoveryCode.objects.count() == 2
    assert not signed_in(recover(elsewhere(exchange), person.national_id, old))


def test_the_code_of_one_person_opens_nothing_for_another(
    inside: Client, exchange: ExchangeSide
) -> None:
    code = sheet_of(inside)[0]
    other = registered(citizen(2))
    assert not signed_in(recover(elsewhere(exchange), other.national_id, code))


def test_known_unknown_and_closed_people_get_equal_pages_for_equal_work(
    inside: Client, person: Person, exchange: ExchangeSide
) -> None:
    sheet_of(inside)
    closed = registered(citizen(2), closed_at="2026-01-01T00:00:00Z")
    seen = []
    for national_id in (person.national_id, closed.national_id, citizen(3).national_id):
        walk = elsewhere(exchange)
        with CaptureQueriesContext(connection) as queries:
            page = recover(walk, national_id, "0" * 20)
        shown = re.sub(r"[0-9a-f-]{36}|\w{64}", "", page.content.decode()).replace(national_id, "")
        seen.append((shown, len(queries)))
    assert seen[0] == seen[1] == seen[2]


def test_no_number_of_wrong_codes_locks_the_owner_out(
    settings: Any, inside: Client, person: Person, exchange: ExchangeSide
) -> None:
    """66 bits need no lock on the account, so there is none to throw."""
    settings.SSO_POLICY |= {"recovery_tries_per_address_and_hour": 5}
    code = sheet_of(inside)[0]
    thief = elsewhere(exchange)
    answers = [recover(thief, person.national_id, "0" * 20).status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]
    who = Visitor("k" * 43, True, "", "198.51.100.0/24")
    assert prove_recovery(person.national_id, code=code, who=who).person == person


def test_making_sheets_is_limited(settings: Any, inside: Client) -> None:
    settings.SSO_POLICY = {"recovery_codes": 1, "recovery_sheets_per_hour": 2}
    made = [at(inside, "recovery/", go="1").status_code for _ in range(3)]
    assert made == [200, 200, 429]


def test_codes_are_shown_once_with_a_file_to_keep(inside: Client) -> None:
    page = at(inside, "recovery/", go="1")
    assert page.headers["Cache-Control"] == "no-store"
    text = page.content.decode()
    assert 'download="my-government-recovery-codes.txt"' in text
    assert "data:text/plain" in text
    shown = at(inside, "recovery/").content.decode() + at(inside).content.decode()
    assert not re.search(r"(?:[0-9۰-۹]{4} ){4}", shown)


def test_recovery_codes_are_hashed_slowly_and_with_our_key(settings: Any) -> None:
    salt = recovery.new_salt()
    before = recovery.digest("0" * 20, salt)
    assert recovery.digest("0" * 20, recovery.new_salt()) != before
    settings.SSO_KEYED_DIGESTS = str(uuid.uuid4())
    assert recovery.digest("0" * 20, salt) != before


# Nothing leaks


@pytest.mark.req("PRV-13")
def test_no_log_line_and_no_address_tells_a_code_a_secret_or_whose_key_it_was(
    known: Client, person: Person, exchange: ExchangeSide, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    device, secret, codes = enrolled(known), with_app(known), sheet_of(known)
    shown = code_now(secret)
    walk = here(known, exchange)
    answers = [
        type_code(walk, person, wrong(shown)),
        type_code(walk, person, shown),
        recover(elsewhere(exchange), person.national_id, codes[0]),
        by_passkey(elsewhere(exchange), device, origin="https://evil.example"),
        by_passkey(elsewhere(exchange), device),
    ]
    private = {secret, shown, *codes, person.national_id, person.mobile}
    private |= {device.credential_id.hex(), websafe_encode(device.credential_id)}
    told = caplog.text + "".join(answer.get("Location", "") for answer in answers)
    assert not [one for one in private if one in told]
