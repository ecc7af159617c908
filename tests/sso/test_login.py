"""Sign in with national id and code; nothing tells a stranger who is registered."""

import re
import time
from typing import Any

import pytest
from conftest import Clock
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from exchange_side import ExchangeSide
from people import (
    HOST,
    Walk,
    authorize,
    back_at_client,
    begin,
    citizen,
    code_for,
    journey_in,
    register_client,
    registered,
    sign_in,
)

from panjereh.sso.models import Grant, Session, SignIn
from panjereh.sso.provider.store import NewGrant, SessionEnded, save_grant
from panjereh.sso.sessions.actions import end_session

pytestmark = pytest.mark.django_db


def shown(response: Any) -> str:
    """The page without what differs from visit to visit."""
    text = response.content.decode()
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|value=\"\w{64}\"", "", text)


@pytest.mark.req("SSO-04")
def test_national_id_and_the_code_of_the_sms_are_enough(
    login: Walk, exchange: ExchangeSide
) -> None:
    mother = exchange.add(citizen())
    registered(mother)
    assert login.post("login", national_id=mother.national_id)["Location"] == login.at("login/code")
    response = login.post("login/code", code=login.code_sent_to(mother.mobile))
    assert response["Location"] == login.at("continue")
    assert login.get("continue")["Location"] == "/fa/account/"
    assert SignIn.objects.get().person.national_id == mother.national_id


def test_ids_and_codes_may_be_typed_in_persian(login: Walk, exchange: ExchangeSide) -> None:
    mother = exchange.add(citizen())
    registered(mother)
    persian = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
    login.post("login", national_id=mother.national_id.translate(persian))
    code = login.code_sent_to(mother.mobile).translate(persian)
    assert login.post("login/code", code=code)["Location"] == login.at("continue")


@pytest.mark.req("SSO-05")
def test_the_code_goes_only_to_the_confirmed_number(login: Walk, exchange: ExchangeSide) -> None:
    mother = exchange.add(citizen())
    registered(mother, mobile="+989350001122")
    mother.mobile = "+989350001122"
    login.post("login", national_id=mother.national_id)
    sms = exchange.wait_for_sms("+989350001122")
    assert [m.mobile for m in exchange.messages] == ["+989350001122"]
    assert (sms.lane, sms.expires_in) == ("one-time", 120)


def test_the_sms_names_our_host_and_fits_into_one_message(
    login: Walk, exchange: ExchangeSide
) -> None:
    mother = exchange.add(citizen())
    registered(mother)
    login.post("login", national_id=mother.national_id)
    sms = exchange.wait_for_sms(mother.mobile)
    assert re.fullmatch(r"@sso\.localhost #\d{6}", sms.text.splitlines()[-1])
    assert sms.code in sms.text.splitlines()[0]
    assert len(sms.text) <= 70


def test_known_and_unknown_people_get_equal_pages(browser: Client, exchange: ExchangeSide) -> None:
    known, closed = exchange.add(citizen(1)), exchange.add(citizen(2))
    registered(known)
    registered(closed, closed_at="2026-01-01T00:00:00Z")
    answers = []
    for who in (known, closed, citizen(3)):
        walk = begin(browser, exchange)
        first = walk.post("login", national_id=who.national_id)
        pages = [walk.get("login/code")] + [walk.post("login/code", code="000000")] * 3
        answers.append([(first.status_code, *((p.status_code, shown(p)) for p in pages))])
    assert answers[0] == answers[1] == answers[2]


def test_known_and_unknown_people_cost_the_same_work_and_wait_for_no_sms(
    transactional_db: None, browser: Client, exchange: ExchangeSide
) -> None:
    known = exchange.add(citizen(1))
    registered(known)
    exchange.slow = 0.5
    work = []
    for who in (known, citizen(2)):
        walk = begin(browser, exchange)
        with CaptureQueriesContext(connection) as queries:
            walk.post("login", national_id=who.national_id)
        work.append([re.sub(r"'[^']*'", "''", q["sql"]) for q in queries])
        assert exchange.messages == [], "the page was answered before the message was accepted"
    assert len(work[0]) == len(work[1])
    exchange.wait_for_sms(known.mobile)


def test_trouble_with_sms_is_told_to_everybody_alike(
    transactional_db: None, browser: Client, exchange: ExchangeSide
) -> None:
    known = exchange.add(citizen(1))
    registered(known)
    exchange.away.add("messaging")
    begin(browser, exchange).post("login", national_id=known.national_id)
    stranger = begin(Client(), exchange)
    stranger.post("login", national_id=citizen(2).national_id)
    for _ in range(100):
        if "app-notice--trouble" in shown(stranger.get("login/code")):
            return
        time.sleep(0.1)  # the message goes aside, and only its failure is told
    raise AssertionError("nobody was told")


@pytest.mark.req("WIN-03")
def test_a_running_session_leads_straight_back_to_the_client(window: str, browser: Client) -> None:
    sign_in(browser, registered(citizen()))
    back = back_at_client(authorize(browser))
    assert back.address == "https://window.example/signin/callback"
    assert back.told["state"] == "state-of-the-client"


def test_without_a_session_the_client_gets_its_answer_after_the_login(
    window: str, browser: Client, exchange: ExchangeSide
) -> None:
    mother = exchange.add(citizen())
    registered(mother)
    response = authorize(browser)
    walk = Walk(browser, exchange, journey_in(response["Location"]))
    assert "پنجرهٔ آزمون" in shown(walk.get("login"))
    walk.post("login", national_id=mother.national_id)
    walk.post("login/code", code=walk.code_sent_to(mother.mobile))
    assert "code" in back_at_client(walk.get("continue")).told
    assert walk.get("continue").status_code == 410, "a journey ends once"
    assert SignIn.objects.get().client_id == window


def test_the_second_tab_goes_on_without_asking(
    window: str, browser: Client, exchange: ExchangeSide
) -> None:
    second = Walk(browser, exchange, journey_in(authorize(browser)["Location"]))
    sign_in(browser, registered(citizen()))
    assert "code" in back_at_client(second.get("login")).told


def test_prompt_login_asks_again_and_is_satisfied_by_a_fresh_login(
    window: str, browser: Client, exchange: ExchangeSide, clock: Clock
) -> None:
    mother = exchange.add(citizen())
    person = registered(mother)
    sign_in(browser, person)
    sid = Session.objects.get().id
    clock.forward(minutes=5)
    walk = Walk(browser, exchange, journey_in(authorize(browser, prompt="login")["Location"]))
    assert walk.get("login").status_code == 200
    walk.post("login", national_id=mother.national_id)
    walk.post("login/code", code=walk.code_sent_to(mother.mobile))
    assert "code" in back_at_client(walk.get("continue")).told
    assert Session.objects.get().id == sid, "clients keep their sid"


def test_a_renewed_login_must_be_the_same_person(
    window: str, browser: Client, exchange: ExchangeSide
) -> None:
    sign_in(browser, registered(citizen(1)))
    other = exchange.add(citizen(2))
    registered(other)
    walk = Walk(browser, exchange, journey_in(authorize(browser, prompt="login")["Location"]))
    walk.post("login", national_id=other.national_id)
    response = walk.post("login/code", code=walk.code_sent_to(other.mobile))
    assert response.status_code == 409
    assert Session.objects.count() == 1


def test_the_session_key_is_new_at_each_login_and_the_old_one_dead(
    browser: Client, exchange: ExchangeSide
) -> None:
    mother = exchange.add(citizen())
    sign_in(browser, registered(mother))
    old = browser.cookies["sso"].value
    walk = Walk(browser, exchange, _forced_journey(browser))
    walk.post("login", national_id=mother.national_id)
    walk.post("login/code", code=walk.code_sent_to(mother.mobile))
    assert browser.cookies["sso"].value != old
    thief = Client()
    thief.cookies["sso"] = old
    assert thief.get("/fa/account/", **HOST)["Location"] == "/fa/login/"


def _forced_journey(browser: Client) -> Any:
    register_client()
    return journey_in(authorize(browser, prompt="login")["Location"])


def test_a_planted_session_key_is_never_taken_over(login: Walk, exchange: ExchangeSide) -> None:
    """Session fixation: an attacker sets the cookie beforehand."""
    mother = exchange.add(citizen())
    registered(mother)
    planted = "p" * 43
    login.client.cookies["sso"] = planted
    login.post("login", national_id=mother.national_id)
    login.post("login/code", code=login.code_sent_to(mother.mobile))
    assert login.client.cookies["sso"].value != planted


def test_a_session_runs_out_when_idle_and_at_its_cap(
    window: str, browser: Client, clock: Clock
) -> None:
    sign_in(browser, registered(citizen()))
    for _ in range(4):
        clock.forward(minutes=14)
        assert "code" in back_at_client(authorize(browser)).told
    clock.forward(minutes=16)
    assert "/fa/login/" in authorize(browser)["Location"]

    sign_in(browser, registered(citizen(2)))
    for _ in range(51):
        clock.forward(minutes=14)
        authorize(browser)
    assert "code" in back_at_client(authorize(browser)).told
    clock.forward(minutes=10)
    assert "/fa/login/" in authorize(browser)["Location"], "twelve hours are the cap"


def test_the_language_of_the_client_is_kept(window: str, browser: Client) -> None:
    response = authorize(browser, ui_locales="en-GB fa")
    assert response["Location"].startswith("/en/login/")
    page = browser.get(response["Location"], **HOST).content.decode()
    assert '<html lang="en" dir="ltr"' in page


def test_forms_are_refused_from_other_sites(login: Walk) -> None:
    careful = Client(enforce_csrf_checks=True)
    careful.cookies = login.client.cookies
    for page in ("login", "login/code", "login/resend", "register/national-id"):
        assert careful.post(login.at(page), {}, **HOST).status_code == 403
    assert careful.post("/fa/sign-out/", {}, **HOST).status_code == 403


def test_the_last_form_may_lead_to_the_client_of_the_journey_only(
    window: str, browser: Client, exchange: ExchangeSide
) -> None:
    walk = Walk(browser, exchange, journey_in(authorize(browser)["Location"]))
    policy = walk.get("login")["Content-Security-Policy"]
    assert "https://window.example" in policy.partition("form-action")[2]
    direct = begin(browser, exchange)
    assert "window.example" not in direct.get("login")["Content-Security-Policy"]


def test_a_code_is_not_given_when_the_session_ends_at_the_same_moment(
    window: str, browser: Client
) -> None:
    person = registered(citizen())
    sign_in(browser, person)
    code_for(browser)
    end_session(Session.objects.get().id, actor=person.id)
    old = Grant.objects.get()
    facts = {name: getattr(old, name) for name in NewGrant.__dataclass_fields__}
    with pytest.raises(SessionEnded):
        save_grant(NewGrant(**facts))
