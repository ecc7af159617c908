"""What other sites and made-up addresses cannot do: fixation, login CSRF, framing, open redirects,
mix-up (rows 14, 15, 32, 33)."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client, RequestFactory
from exchange_side import ExchangeSide
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from people import (
    HOST,
    Walk,
    asked,
    authorize,
    back_at_client,
    begin,
    citizen,
    code_for,
    journey_in,
    redeem,
    register_client,
    registered,
    sign_in,
)

from panjereh.sso.models import Person, Session
from panjereh.ui.middleware import Appearance

pytestmark = pytest.mark.django_db

OURS = {"", "sso.localhost:8101"}
REGISTERED = "https://window.example/signin/signed-out"

# Pieces of which addresses are made that have fooled others.
PIECES = st.sampled_from(
    [
        "https:", "http:", "javascript:", "//", "/", "\\", "\t", "@", "?", "#", ":", "%2f", "%5c",
        "%0d%0a", ";", "&", "..", ".", "evil.example", "window.example",
        "window.example.evil.example", "sso.localhost:8101", "signin/signed-out", "fa", "en", "۱",
        "\u202e", "\u2025", "x",
    ]
)  # fmt: skip
HOSTILE = st.lists(PIECES, max_size=8).map("".join)
ONCE_FOR_ALL = [HealthCheck.function_scoped_fixture]


def leads(answer: Any) -> str:
    """The host that a browser would go to; "" when it stays."""
    return str(urlsplit(answer.get("Location", "").replace("\\", "/")).netloc)


@pytest.fixture
def hint(inside: Client) -> str:
    return str(redeem(inside, code_for(inside)).json()["id_token"])


@hypothesis_settings(max_examples=50, suppress_health_check=ONCE_FOR_ALL)
@given(target=HOSTILE)
def test_a_logout_leads_to_registered_addresses_only(hint: str, target: str) -> None:
    asked_for = {"id_token_hint": hint, "post_logout_redirect_uri": target}
    answer = Client().get("/oauth2/logout", asked_for, **HOST)
    assert leads(answer) in OURS or answer["Location"].startswith(REGISTERED)
    assert "evil.example" not in answer.content.decode()


@pytest.mark.parametrize("name", ["ui_locales", "login_hint", "claims", "state", "prompt"])
@hypothesis_settings(max_examples=20, suppress_health_check=ONCE_FOR_ALL)
@given(value=HOSTILE)
def test_no_parameter_of_a_request_chooses_where_the_browser_goes(
    window: str, name: str, value: str
) -> None:
    answer = Client().get("/oauth2/authorize", asked() | {name: value}, **HOST)
    place = answer.get("Location", "")
    assert leads(answer) in OURS or place.startswith("https://window.example/signin/callback?")
    assert "\n" not in place
    assert "\r" not in place


@pytest.mark.parametrize("path", ["//evil.example/", "///evil.example", "//evil.example/%2e%2e"])
def test_a_choice_of_appearance_does_not_lead_away(path: str) -> None:
    request = RequestFactory().get("/", {"text": "large"})
    request.path = request.path_info = path
    answer = Appearance(lambda _: None)(request)  # type: ignore[arg-type,return-value]
    assert leads(answer) == ""


def test_a_session_key_that_a_stranger_planted_opens_nothing(
    exchange: ExchangeSide, person: Person
) -> None:
    """Fixation: the key that was there before the sign-in is not the key after it."""
    planted = "A" * 43
    victim, thief = Client(), Client()
    victim.cookies["sso"] = thief.cookies["sso"] = planted
    walk = begin(victim, exchange)
    walk.post("login", national_id=person.national_id)
    walk.post("login/code", code=walk.code_sent_to(person.mobile))
    assert victim.get("/fa/account/", **HOST).status_code == 200
    assert thief.get("/fa/account/", **HOST).status_code == 302


def test_a_login_begun_by_a_stranger_does_not_end_in_anothers_browser(
    exchange: ExchangeSide, person: Person
) -> None:
    """Login CSRF: the journey is bound to the browser in which it began."""
    thief = begin(Client(), exchange)
    thief.post("login", national_id=person.national_id)
    victim = Client()
    answer = victim.post(
        thief.at("login/code"), {"code": thief.code_sent_to(person.mobile)}, **HOST
    )
    assert answer.status_code == 410
    assert "sso" not in victim.cookies
    assert not Session.objects.exists()


@pytest.mark.parametrize("page", ["login", "login/code", "login/resend"])
def test_forms_of_a_login_want_their_token(
    exchange: ExchangeSide, person: Person, page: str
) -> None:
    strict = Client(enforce_csrf_checks=True)
    walk = begin(strict, exchange)
    answer = strict.post(walk.at(page), {"national_id": person.national_id}, **HOST)
    assert answer.status_code == 403
    assert exchange.messages == []


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_a_token_does_not_help_a_form_of_another_origin(person: Person, origin: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    sign_in(strict, person)
    page = strict.get("/fa/sign-out/", **HOST).content.decode()
    token = page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    answer = strict.post(
        "/fa/sign-out/", {"csrfmiddlewaretoken": token}, headers={"Origin": origin}, **HOST
    )
    assert answer.status_code == 403
    assert Session.objects.get().ended_at is None


def test_a_link_from_elsewhere_signs_nobody_out(inside: Client) -> None:
    inside.get("/fa/sign-out/", **HOST)
    inside.get("/oauth2/logout", **HOST)
    assert inside.get("/fa/account/", **HOST).status_code == 200


def test_every_page_of_a_whole_flow_is_guarded(
    window: str, exchange: ExchangeSide, browser: Client
) -> None:
    mother = exchange.add(citizen())
    registered(mother)
    first = authorize(browser)
    walk = Walk(browser, exchange, journey_in(first["Location"]))
    answers = [first, walk.get("login"), walk.post("login", national_id=mother.national_id)]
    answers += [walk.get("login/code")]
    answers += [walk.post("login/code", code=walk.code_sent_to(mother.mobile))]
    answers += [walk.get("continue")]
    answers += [redeem(browser, back_at_client(answers[-1]).told["code"])]
    answers += [browser.get(f"/fa/{page}/", **HOST) for page in ("account", "sign-out")]
    answers += [browser.post("/fa/account/not-me/", **HOST)]
    for answer in answers:
        assert answer["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in answer["Cache-Control"]
        assert answer["Referrer-Policy"] in {"same-origin", "no-referrer"}
        for cookie in answer.cookies.values():
            if cookie["max-age"] != 0:
                assert cookie["httponly"]
                assert cookie["samesite"] == "Lax"


def test_the_code_of_one_client_is_no_use_to_another(inside: Client) -> None:
    """Mix-up: the answer names its issuer, and a code belongs to who asked for it."""
    register_client("other", redirect_uris=["https://other.example/callback"])
    back = back_at_client(authorize(inside))
    assert back.told["iss"] == "http://sso.localhost:8101" or back.told["iss"].startswith("http")
    answer = redeem(inside, back.told["code"], client_id="other")
    assert answer.status_code in {400, 401}
    assert redeem(inside, back.told["code"]).status_code == 200, "nor can another one burn it"


def test_an_error_names_its_issuer_too(inside: Client) -> None:
    back = back_at_client(authorize(inside, prompt="none", max_age="x"))
    assert back.told["error"]
    assert back.told["iss"]


def test_a_stolen_journey_is_nothing_without_its_browser(
    exchange: ExchangeSide, person: Person
) -> None:
    walk = begin(Client(), exchange)
    walk.post("login", national_id=person.national_id)
    stranger = Client()
    pages = ["login", "login/code", "continue", "register/national-id", "register/confirm"]
    assert {stranger.get(walk.at(page), **HOST).status_code for page in pages} == {410}


def test_codes_are_redeemed_once_even_by_their_owner(inside: Client) -> None:
    code = code_for(inside)
    assert [redeem(inside, code).status_code for _ in range(2)] == [200, 400]
