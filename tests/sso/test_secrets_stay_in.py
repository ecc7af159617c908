"""No secret, national id, number or code in a log line, an address or a header that is kept."""

import logging
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from exchange_side import ExchangeSide
from people import (
    BORN_TYPED,
    HOST,
    SECRET,
    VERIFIER,
    Walk,
    asked,
    back_at_client,
    begin,
    citizen,
    journey_in,
    redeem,
    userinfo,
)

pytestmark = pytest.mark.django_db


class Recorder:
    """A browser that notes every address and every header of the answers."""

    def __init__(self, client: Client) -> None:
        self.addresses: list[str] = []
        self.answers: list[Any] = []
        self.request = client.request
        client.request = self  # type: ignore[method-assign,assignment]

    def __call__(self, **environment: Any) -> Any:
        answer = self.request(**environment)
        query = environment.get("QUERY_STRING", "")
        self.addresses += [f"{environment['PATH_INFO']}?{query}", answer.get("Location", "")]
        self.answers.append(answer)
        return answer


def whole_life(browser: Client, exchange: ExchangeSide) -> set[str]:
    """Register, sign in, fail, be released, sign out. Returns what must stay inside."""
    mother = exchange.add(citizen())
    response = browser.get("/oauth2/authorize", asked(), **HOST)
    walk = Walk(browser, exchange, journey_in(response["Location"]))
    walk.answer_all(mother)
    exchange.away.add("messaging")
    walk.post("register/resend")
    exchange.away.clear()
    codes = [walk.code_sent_to(mother.mobile)]
    walk.post("register/resend")
    codes.append(walk.code_sent_to(mother.mobile, after=1))
    walk.post("register/code", code="123")
    walk.post("register/code", code=codes[-1])
    walk.post("register/confirm")
    code = back_at_client(walk.get("continue")).told["code"]
    redeem(browser, code, client_secret="wrong" + SECRET)
    tokens = redeem(browser, code).json()
    userinfo(browser, tokens["access_token"])
    redeem(browser, code)
    browser.get("/fa/account/", **HOST)
    key = browser.cookies["sso"].value
    browser.get("/oauth2/logout", {"id_token_hint": "x.y.z"}, **HOST)
    browser.post("/fa/sign-out/", **HOST)

    again = begin(browser, exchange)
    known = exchange.count_to(mother.mobile)
    again.post("login", national_id=mother.national_id)
    codes.append(again.code_sent_to(mother.mobile, after=known))
    again.post("login/code", code=codes[-1])
    exchange.away.update({"civil-registry", "shahkar", "messaging"})
    other = begin(Client(), exchange, "register")
    other.answer_all(mother)
    other.post("register/birth-date", **BORN_TYPED)
    personal = {mother.national_id, mother.mobile[3:], mother.family_name, mother.birth_date}
    return personal | {*codes, key, tokens["access_token"], SECRET, VERIFIER}


def test_logs_and_addresses_hold_nothing_personal(
    window: str, browser: Client, exchange: ExchangeSide, caplog: pytest.LogCaptureFixture
) -> None:
    recorder = Recorder(browser)
    with caplog.at_level(logging.INFO):
        secrets = whole_life(browser, exchange)
    logged = "\n".join(record.getMessage() + str(record.args) for record in caplog.records)
    assert "sso.inquiry.failed" in logged, "the failures of this life were logged"
    for secret in secrets:
        assert secret not in logged
        assert not [address for address in recorder.addresses if secret in address]


def test_at_every_level_authlib_keeps_its_tokens_to_itself(
    window: str, browser: Client, exchange: ExchangeSide, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        secrets = whole_life(browser, exchange)
    logged = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("authlib"))
    assert not [secret for secret in secrets if secret in logged]


def test_the_database_keeps_digests_of_secrets(
    window: str, browser: Client, exchange: ExchangeSide
) -> None:
    secrets = whole_life(browser, exchange)
    keys = {s for s in secrets if len(s) > 20}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = 'public' AND table_name LIKE 'sso_%'"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            rows = "\n".join(row for (row,) in cursor.fetchall())
            assert not [secret for secret in keys if secret in rows], table


def test_every_answer_is_guarded_by_its_headers(
    window: str, browser: Client, exchange: ExchangeSide
) -> None:
    recorder = Recorder(browser)
    whole_life(browser, exchange)
    for answer in recorder.answers:
        assert answer["Cache-Control"] == "no-store"
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Referrer-Policy"] == "same-origin"
        policy = answer["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        for cookie in filter(lambda kept: kept.value, answer.cookies.values()):
            assert cookie["httponly"]
            assert cookie["samesite"] == "Lax"


def test_keys_and_discovery_may_be_cached(browser: Client, db: None) -> None:
    for path in ("/oauth2/jwks", "/.well-known/openid-configuration"):
        assert "public" in browser.get(path, **HOST)["Cache-Control"]


def test_in_production_cookies_are_bound_to_host_and_encryption(
    browser: Client, exchange: ExchangeSide, settings: Any, db: None
) -> None:
    settings.SESSION_COOKIE_SECURE = True
    response = browser.get("/fa/login/", secure=True, **HOST)
    cookie = response.cookies["__Host-browser"]
    assert cookie["secure"]
    assert cookie["path"] == "/"
    assert not cookie["domain"]


def test_the_only_personal_thing_a_client_address_ever_holds_is_a_code(
    inside: Client,
) -> None:
    back = back_at_client(inside.get("/oauth2/authorize", asked(), **HOST))
    assert set(back.told) == {"code", "state", "iss"}
    assert re.fullmatch(r"[\w-]{43}", back.told["code"])
    assert parse_qs(urlsplit(back.address).query) == {}
