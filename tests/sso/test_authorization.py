"""The authorization endpoint: what is refused, where errors go, which level is delivered."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from conftest import Clock
from django.test import Client
from exchange_side import ExchangeSide
from hypothesis import given
from hypothesis import strategies as st
from people import (
    CALLBACK,
    HOST,
    VERIFIER,
    Walk,
    asked,
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

from panjereh.common.clock import now as clock_now
from panjereh.sso import levels as levels_file
from panjereh.sso.levels import Level
from panjereh.sso.models import AttainedLevel, Grant
from panjereh.sso.provider.decision import SignedIn, Wish, decide, delivered

pytestmark = pytest.mark.django_db

ISSUER = "http://sso.localhost:8101"


def not_trusted(response: Any) -> bool:
    return response.status_code == 400 and "این نشانی ورود کار نمی‌کند" in response.content.decode()


@pytest.mark.parametrize(
    "address",
    [
        CALLBACK + "/",
        CALLBACK + "?x=1",
        CALLBACK + "#x",
        CALLBACK.upper(),
        CALLBACK.replace("https", "http"),
        CALLBACK.replace("window.example", "window.example.evil.test"),
        CALLBACK.replace("window.example", "evil.test"),
        CALLBACK.replace("//window", "//user@window"),
        CALLBACK.replace("window.example", "window.example:443"),
        CALLBACK.replace("/signin/", "/signin/../signin/"),
        CALLBACK.replace("/signin/", "/%73ignin/"),
        "javascript:alert(1)",
        "",
        None,
    ],
)
def test_an_address_that_is_not_registered_letter_by_letter_gets_nothing(
    inside: Client, address: str | None
) -> None:
    response = authorize(inside, redirect_uri=address)
    assert not_trusted(response)
    assert not Grant.objects.exists()


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": "nobody"},
        {"client_id": None},
        {"client_id": "win\udc80dow".encode("utf-8", "replace").decode()},
        {"redirect_uri": 'https://window.example/"\\'},
        {"redirect_uri": "https://پنجره.example/"},
        {"scope": "openid\nset-cookie: x"},
        {"state": "x" * 5000},
        {"response_type": "код"},
    ],
)
def test_what_cannot_be_trusted_ends_on_a_page_in_the_readers_language(
    inside: Client, changed: dict[str, str | None]
) -> None:
    assert not_trusted(authorize(inside, **changed))
    english = authorize(inside, ui_locales="en", **changed)
    assert english.status_code == 400
    assert "This sign-in link does not work" in english.content.decode()


def test_a_parameter_given_twice_is_refused(inside: Client) -> None:
    for name in ("redirect_uri", "client_id", "code_challenge", "state", "scope"):
        query = [*asked().items(), (name, asked()[name])]
        assert not_trusted(inside.get(f"/oauth2/authorize?{urlencode(query)}", **HOST))


@pytest.mark.parametrize(
    "changed",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": None},
        {"code_challenge_method": "plain", "code_challenge": VERIFIER},
        {"code_challenge_method": "s256"},
        {"code_challenge": None},
        {"code_challenge": "short"},
    ],
)
def test_pkce_with_s256_is_asked_of_every_client(
    inside: Client, changed: dict[str, str | None]
) -> None:
    told = back_at_client(authorize(inside, **changed)).told
    assert told["error"] == "invalid_request"
    assert "code" not in told
    assert not Grant.objects.exists()


@pytest.mark.parametrize(
    "response_type", ["token", "id_token", "code token", "code id_token", "id_token token", "none"]
)
def test_only_codes_are_given(inside: Client, response_type: str) -> None:
    told = back_at_client(authorize(inside, response_type=response_type)).told
    assert told["error"] == "unsupported_response_type"
    assert "access_token" not in told
    assert "id_token" not in told


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"scope": "profile"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"request": "x.y.z"}, "request_not_supported"),
        ({"request_uri": "https://window.example/r"}, "request_uri_not_supported"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"prompt": "select_account"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"claims": "{"}, "invalid_request"),
        ({"claims": "[]"}, "invalid_request"),
        ({"nonce": "n" * 300}, "invalid_request"),
        ({"id_token_hint": "a.b.c"}, "invalid_request"),
        ({"acr_values": "urn:panjereh:level:9"}, "unmet_authentication_requirements"),
        ({"acr_values": "gold"}, "unmet_authentication_requirements"),
        (
            {"claims": '{"id_token": {"acr": {"value": "urn:panjereh:level:9"}}}'},
            "unmet_authentication_requirements",
        ),
    ],
)
def test_errors_are_told_to_the_client_with_state_and_issuer(
    inside: Client, changed: dict[str, str | None], error: str
) -> None:
    back = back_at_client(authorize(inside, **changed))
    assert back.address == CALLBACK
    assert back.told["error"] == error
    assert back.told["state"] == "state-of-the-client"
    assert back.told["iss"] == ISSUER


@pytest.mark.req("SSO-17")
def test_a_code_comes_with_state_and_issuer_and_without_caching(inside: Client) -> None:
    response = authorize(inside)
    told = back_at_client(response).told
    assert set(told) == {"code", "state", "iss"}
    assert told["iss"] == ISSUER
    assert response["Cache-Control"] == "no-store"


def test_a_state_with_odd_characters_comes_back_as_it_was(inside: Client) -> None:
    state = 'a b&c=d"\\%25+#'
    assert back_at_client(authorize(inside, state=state)).told["state"] == state


def test_a_request_by_form_is_turned_into_a_link(inside: Client) -> None:
    response = inside.post("/oauth2/authorize", asked(), **HOST)
    assert response.status_code == 303
    assert "code" in back_at_client(inside.get(response["Location"], **HOST)).told


def test_without_session_prompt_none_is_answered_at_once(window: str, browser: Client) -> None:
    assert back_at_client(authorize(browser, prompt="none")).told["error"] == "login_required"


def test_too_old_a_login_is_renewed_or_told(inside: Client, clock: Clock) -> None:
    clock.forward(minutes=10)
    assert "code" in back_at_client(authorize(inside, max_age="601")).told
    assert "/fa/login/" in authorize(inside, max_age="599")["Location"]
    told = back_at_client(authorize(inside, max_age="599", prompt="none")).told
    assert told["error"] == "login_required"


def test_a_hint_of_somebody_else_is_never_a_switch(window: str, browser: Client) -> None:
    other = Client()
    sign_in(other, registered(citizen(2)))
    hint = redeem(other, code_for(other)).json()["id_token"]
    sign_in(browser, registered(citizen(1)))
    told = back_at_client(authorize(browser, id_token_hint=hint)).told
    assert told["error"] == "login_required"
    mine = redeem(browser, code_for(browser)).json()["id_token"]
    assert "code" in back_at_client(authorize(browser, id_token_hint=mine)).told


def test_a_clients_own_minimum_counts_as_a_request(browser: Client) -> None:
    register_client(minimum_level=2)
    sign_in(browser, registered(citizen()))
    told = back_at_client(authorize(browser, prompt="none")).told
    assert told["error"] == "unmet_authentication_requirements"
    assert "/step-up/" in authorize(browser)["Location"]


def test_one_of_several_levels_is_enough(inside: Client) -> None:
    both = "urn:panjereh:level:2 urn:panjereh:level:1"
    assert "code" in back_at_client(authorize(inside, acr_values=both)).told


@pytest.mark.req("SSO-11")
def test_a_level_is_added_and_used_by_data_alone(
    window: str, browser: Client, exchange: ExchangeSide, settings: Any, tmp_path: Path
) -> None:
    ours = Path(levels_file.__file__).with_name("levels.yaml").read_text()
    added = tmp_path / "levels.yaml"
    added.write_text(
        ours + "- {level: 4, acr: 'urn:example:four', name: {fa: چهار, en: Four}, ways: [sms],"
        " single_sign_on: true}\n"
    )
    settings.SSO_LEVELS = added
    metadata = browser.get("/.well-known/openid-configuration", **HOST).json()
    assert metadata["acr_values_supported"][-1] == "urn:example:four"

    mother, neighbour = exchange.add(citizen(1)), exchange.add(citizen(2))
    proved = registered(mother)
    registered(neighbour)
    AttainedLevel.objects.create(person=proved, level=4, proof="test", attained_at=clock_now())
    for who, acr in ((mother, "urn:example:four"), (neighbour, "urn:panjereh:level:1")):
        tab = Client()
        walk = Walk(tab, exchange, journey_in(authorize(tab)["Location"]))
        walk.post("login", national_id=who.national_id)
        walk.post("login/code", code=walk.code_sent_to(who.mobile))
        code = back_at_client(walk.get("continue")).told["code"]
        assert claims_of(tab, redeem(tab, code).json()["id_token"])["acr"] == acr


# The matrix of the reference note, section 5, with three levels; the third needs a fresh sign-in.
LEVELS = [
    Level(1, "one", {}, [], True),
    Level(2, "two", {}, [], True),
    Level(3, "three", {}, [], False),
]
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
UNMET = "unmet_authentication_requirements"


def verdict(wish: Wish, level: int | None, *, age: int = 60, fresh: bool = False) -> str:
    session = None
    if level:
        at = NOW - timedelta(seconds=age)
        session = SignedIn(reached=dict.fromkeys(range(1, level + 1), at), subject="me")
    since = NOW - timedelta(seconds=age + 30) if fresh else None
    return decide(wish, session, levels=LEVELS, now=NOW, fresh_since=since)


def wish(level: int = 1, **facts: Any) -> Wish:
    return Wish(minimum=1, levels=[level], named_levels=True, **facts)


@pytest.mark.parametrize(
    ("session", "asked_for", "prompt", "fresh", "expected"),
    [
        (None, 1, "", False, "sign-in"),
        (None, 3, "", False, "sign-in"),
        (None, 1, "login", False, "sign-in"),
        (None, 1, "none", False, "login_required"),
        (1, 1, "", False, "pass"),
        (2, 1, "", False, "pass"),
        (1, 2, "", False, "step-up"),
        (1, 3, "", False, "step-up"),
        (2, 3, "none", False, UNMET),
        (1, 2, "none", False, UNMET),
        (1, 1, "login", False, "sign-in"),
        (1, 1, "login", True, "pass"),
        (1, 1, "none", False, "pass"),
        (3, 3, "", False, "step-up"),
        (3, 3, "", True, "pass"),
        (3, 3, "none", False, "login_required"),
        (3, 1, "", False, "pass"),
        (2, 4, "", False, UNMET),
    ],
)
def test_every_cell_of_the_matrix(
    session: int | None, asked_for: int, prompt: str, fresh: bool, expected: str
) -> None:
    wanted = wish(asked_for, prompt=frozenset(prompt.split()))
    assert verdict(wanted, session, fresh=fresh) == expected


@given(
    session=st.sampled_from([None, 1, 2, 3]),
    asked_for=st.integers(1, 5),
    prompt=st.sampled_from(["", "none", "login"]),
    max_age=st.none() | st.integers(0, 200),
    fresh=st.booleans(),
    minimum=st.integers(1, 4),
)
def test_a_level_is_never_silently_lower_than_asked(
    session: int | None,
    asked_for: int,
    prompt: str,
    max_age: int | None,
    fresh: bool,
    minimum: int,
) -> None:
    wanted = Wish(
        minimum=minimum,
        levels=[asked_for],
        named_levels=True,
        prompt=frozenset(prompt.split()),
        max_age=max_age,
    )
    if verdict(wanted, session, fresh=fresh) != "pass":
        return
    assert session is not None
    at = NOW - timedelta(seconds=60)
    held = SignedIn(reached=dict.fromkeys(range(1, session + 1), at), subject="me")
    since = at - timedelta(seconds=30) if fresh else None
    given = delivered(wanted, held, levels=LEVELS, now=NOW, fresh_since=since)
    assert given
    assert given.level.level >= max(asked_for, minimum)
    assert fresh or max_age is None or max_age >= 60


def test_the_challenge_is_what_the_client_computed() -> None:
    assert asked()["code_challenge"] == create_s256_code_challenge(VERIFIER)
