"""Giving, accepting and ending mandates; what nobody may do in another's name."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from acting_walks import (
    ANY,
    CARD,
    CERTIFICATE,
    COMPANY,
    LEGAL_ID,
    act,
    ask,
    browser_of,
    child_of,
    choices,
    company_of,
    helper,
    name,
    other,
    register_site,
    site,
    sub_of,
    told_by_userinfo,
)
from conftest import Clock
from django.db import connections
from django.test import Client
from exchange_side import Citizen, ExchangeSide
from people import (
    HOST,
    authorize,
    back_at_client,
    citizen,
    claims_of,
    registered,
    sign_in,
    userinfo,
)

from panjereh.common.text import fold
from panjereh.sdk.feeds.following.actions import Match
from panjereh.sso.acting.actions import end_mandate
from panjereh.sso.acting.jobs import end_what_is_over
from panjereh.sso.acting.models import Mandate, MandateUse
from panjereh.sso.models import Grant, LogoutNotice, Person
from panjereh.sso.registry_news.actions import close_account
from panjereh.sso.safety.models import Notice

__all__ = ["site"]

pytestmark = pytest.mark.django_db

GIVE = "/fa/account/acting/give/"


@pytest.fixture
def aunt() -> Person:
    return other(9)


def typed(agent: Person | Citizen, **changed: str) -> dict[str, str]:
    usual = {
        "national_id": agent.national_id,
        "scope": "some",
        "services": CERTIFICATE,
        "days": "30",
    }
    return usual | changed


def give(browser: Client, agent: Person | Citizen, path: str = GIVE, **changed: str) -> Any:
    """To the page of the code; the mandate is written down and holds nothing yet."""
    return browser.post(path, typed(agent, **changed), **HOST)


def consent(browser: Client, page: Any, code: str) -> Any:
    return browser.post(page["Location"], {"code": code}, **HOST)


def given(giver: Person, agent: Person, exchange: ExchangeSide, **changed: str) -> Mandate:
    browser = browser_of(giver)
    known = exchange.count_to(giver.mobile)
    page = give(browser, agent, **changed)
    assert page.status_code == 302, page.context["form"].errors
    consent(browser, page, exchange.wait_for_sms(giver.mobile, after=known).code)
    return Mandate.objects.latest("asked_at")


# Giving


@pytest.mark.req("WIN-30")
def test_a_helper_acts_after_the_code_of_the_own_phone_and_the_helpers_yes(
    site: Client, person: Person, aunt: Person, exchange: ExchangeSide
) -> None:
    mandate = given(aunt, person, exchange)
    assert mandate.proof == "one-time-code"
    assert list(choices(ask(site, service=CERTIFICATE))) == ["oneself"], "not accepted yet"
    assert name(aunt) in site.get("/fa/account/acting/", **HOST).text
    site.post(f"/fa/account/acting/{mandate.id}/accept/", **HOST)
    assert name(aunt) in choices(ask(site, service=CERTIFICATE))
    assert Notice.objects.filter(person=aunt, kind="mandate-given").count() == 1


def test_without_the_code_nothing_holds(
    site: Client, person: Person, aunt: Person, exchange: ExchangeSide
) -> None:
    browser = browser_of(aunt)
    page = give(browser, person)
    code = exchange.wait_for_sms(aunt.mobile).code
    for wrong in ("000000", "111111"):
        if wrong != code:
            assert consent(browser, page, wrong).status_code == 200
    mandate = Mandate.objects.get()
    assert mandate.given_at is None
    site.post(f"/fa/account/acting/{mandate.id}/accept/", **HOST)
    mandate.refresh_from_db()
    assert mandate.accepted_at is None


def test_a_code_consents_to_its_own_mandate_and_once(
    person: Person, aunt: Person, exchange: ExchangeSide
) -> None:
    browser = browser_of(aunt)
    first = give(browser, person)
    code = exchange.wait_for_sms(aunt.mobile).code
    second = give(browser, person, services=CARD)
    consent(browser, second, code)
    assert not Mandate.objects.exclude(given_at=None).exists(), "the code was for the first one"
    consent(browser, first, code)
    assert Mandate.objects.exclude(given_at=None).get().services == [CERTIFICATE]
    assert consent(browser, first, code)["Location"].endswith("/account/acting/"), "nothing left"
    assert Notice.objects.filter(kind="mandate-given").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_code_sent_at_once_from_many_places_gives_one_mandate(
    person: Person, aunt: Person, exchange: ExchangeSide
) -> None:
    browser = browser_of(aunt)
    page = give(browser, person)
    code = exchange.wait_for_sms(aunt.mobile).code

    def try_it(_: int) -> None:
        consent(browser, page, code)
        connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(try_it, range(8)))
    assert Notice.objects.filter(kind="mandate-given").count() == 1
    assert Mandate.objects.exclude(given_at=None).count() == 1


def test_nothing_tells_whether_the_other_one_has_an_account(
    person: Person, aunt: Person, exchange: ExchangeSide
) -> None:
    browser = browser_of(aunt)
    nobody = citizen(77)
    known, unknown = (give(browser, whom) for whom in (person, nobody))
    assert known.status_code == unknown.status_code == 302
    texts = [
        browser.get(page["Location"], **HOST).text.replace(whom.national_id, "")
        for page, whom in ((known, person), (unknown, nobody))
    ]
    assert name(person) not in texts[0]
    assert len(texts[0]) == len(texts[1])


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"national_id": ""}, "national_id"),
        ({"services": ""}, "services"),
        ({"services": "99999"}, "services"),
        ({"services": " ".join(["10001"] * 21)}, "services"),
        ({"days": "9999"}, "days"),
        ({"scope": "everything"}, "scope"),
    ],
)
def test_what_makes_no_mandate_is_said_at_the_field(
    person: Person, aunt: Person, exchange: ExchangeSide, changed: dict[str, str], field: str
) -> None:
    page = give(browser_of(aunt), person, **changed)
    assert field in page.context["form"].errors
    assert not Mandate.objects.exists()


def test_nobody_gives_a_mandate_to_themselves(aunt: Person, exchange: ExchangeSide) -> None:
    page = give(browser_of(aunt), aunt)
    assert "national_id" in page.context["form"].errors


def test_only_whom_it_was_offered_to_accepts_and_only_the_two_end_it(
    person: Person, aunt: Person, exchange: ExchangeSide
) -> None:
    mandate = given(aunt, person, exchange)
    stranger = browser_of(other(8))
    path = f"/fa/account/acting/{mandate.id}"
    stranger.post(f"{path}/accept/", **HOST)
    assert stranger.post(f"{path}/end/", **HOST).status_code == 404
    assert Client().post(f"{path}/end/", **HOST).status_code == 302, "to the sign-in"
    mandate.refresh_from_db()
    assert (mandate.accepted_at, mandate.ended_at) == (None, None)
    strict = Client(enforce_csrf_checks=True)
    sign_in(strict, aunt)
    assert strict.post(f"{path}/end/", **HOST).status_code == 403
    browser_of(person).post(f"{path}/end/", **HOST)
    mandate.refresh_from_db()
    assert mandate.end_reason == "given-back"
    assert stranger.get(f"{path}/code/", **HOST)["Location"].endswith("/account/acting/")


def test_history_stays_when_it_is_over(
    site: Client, person: Person, aunt: Person, exchange: ExchangeSide
) -> None:
    mandate = helper(aunt, person, services=[CERTIFICATE])
    act(site, name(aunt), service=CERTIFICATE)
    browser = browser_of(aunt)
    browser.post(f"/fa/account/acting/{mandate.id}/end/", **HOST)
    page = browser.get("/fa/account/acting/", **HOST).text
    assert "پس گرفته شد" in page
    assert "گواهی تولد" in page
    assert Notice.objects.filter(person=aunt, kind="mandate-ended").count() == 1


# Companies


@pytest.mark.req("SSO-06")
def test_a_chief_executive_sends_staff_and_either_ends_it(
    site: Client, person: Person, aunt: Person, exchange: ExchangeSide
) -> None:
    register_site(granted_claims=COMPANY)
    company = company_of(aunt, exchange)
    browser = browser_of(aunt)
    page = give(browser, person, f"{GIVE}{company.id}/", scope="all")
    consent(browser, page, exchange.wait_for_sms(aunt.mobile).code)
    mandate = Mandate.objects.get()
    site.post(f"/fa/account/acting/{mandate.id}/accept/", **HOST)
    told = told_by_userinfo(site, act(site, company.name, scope=f"{ANY} organisation"))
    assert (told["legal_id"], told["mandate"]["kind"]) == (LEGAL_ID, "staff")
    assert Notice.objects.filter(person=aunt, kind="acted-for-you").exists(), "the chief is told"
    end_mandate(mandate.id, actor=aunt)
    assert list(choices(ask(site))) == ["oneself"]


def test_nobody_gives_for_a_company_of_another_or_one_they_no_longer_lead(
    person: Person, aunt: Person, exchange: ExchangeSide
) -> None:
    company = company_of(aunt, exchange)
    path = f"{GIVE}{company.id}/"
    assert give(browser_of(person), aunt, path).status_code == 404
    exchange.companies[LEGAL_ID].chief_executive_national_id = person.national_id
    page = give(browser_of(aunt), person, path)
    assert "national_id" in page.context["form"].errors
    assert not Mandate.objects.exists()


# What nobody does in another's name (section 9 row 28)


def test_a_token_of_somebody_who_acts_opens_no_page_of_the_represented(
    site: Client, person: Person, aunt: Person
) -> None:
    """Accounts, factors and mandates belong to the session, and that is always one's own."""
    helper(aunt, person)
    tokens = act(site, name(aunt))
    account = fold(site.get("/fa/account/", **HOST).text)
    assert fold(person.national_id) in account
    assert fold(aunt.national_id) not in account
    bearer = {"headers": {"Authorization": f"Bearer {tokens['access_token']}"}}
    stranger = Client()
    for path in ("/fa/account/", "/fa/account/acting/give/", "/fa/account/ways/"):
        answer = stranger.get(path, **HOST, **bearer)
        assert answer.status_code in (302, 404), path
    mandate = Mandate.objects.get()
    assert mandate.given_by == aunt, "and no further mandate came of it"


def test_a_mandate_of_somebody_else_is_not_mine_to_use(site: Client, aunt: Person) -> None:
    third = other(8)
    helper(aunt, third)
    told = back_at_client(authorize(site, scope=f"openid representee.{sub_of(aunt)}")).told
    assert told["error"] == "access_denied"


# The watch


@pytest.mark.req("SSO-22")
def test_a_site_that_never_refreshes_is_told_when_the_registry_says_no(
    site: Client, person: Person, exchange: ExchangeSide, clock: Clock
) -> None:
    tokens = act(site, name(child_of(person, exchange)))
    exchange.wards.clear()
    end_what_is_over()
    assert not LogoutNotice.objects.exists(), "it was asked a moment ago"
    clock.forward(minutes=16)
    exchange.away.add("civil-registry")
    assert end_what_is_over() == 0
    exchange.away.clear()
    assert end_what_is_over() == 1
    sid = claims_of(site, tokens["id_token"])["sid"]
    assert str(LogoutNotice.objects.get().session) == sid
    assert end_what_is_over() == 0


def test_the_watch_ends_what_has_run_out_and_leaves_the_rest(
    site: Client, person: Person, aunt: Person, clock: Clock
) -> None:
    helper(aunt, person)
    helper(other(8), person, ends_at=clock.now())
    act(site, name(aunt))
    assert end_what_is_over() == 1
    assert Mandate.objects.filter(ended_at=None).get().principal == aunt


def test_a_death_ends_all_mandates_of_the_person(
    site: Client, person: Person, aunt: Person, clock: Clock
) -> None:
    helper(aunt, person)
    tokens = act(site, name(aunt))

    told = Match(
        feed="civil-registry/deceased",
        sequence=1,
        request_id="r",
        national_id=aunt.national_id,
        state="deceased",
        change_date=clock.now().date(),
    )
    close_account(aunt, ground="deceased", told=told)
    assert Mandate.objects.get().end_reason == "account-closed"
    assert Grant.objects.get().revoked_at is not None
    assert userinfo(site, tokens["access_token"]).status_code == 401
    assert MandateUse.objects.count() == 1, "what was done stays known"


def test_ten_children_are_ten_choices(site: Client, person: Person, exchange: ExchangeSide) -> None:
    for number in range(50, 60):
        child_of(person, exchange, number)
    assert len(ask(site).context["options"]) == 10


def test_a_child_without_an_account_is_named_and_led_on(
    site: Client, person: Person, exchange: ExchangeSide
) -> None:
    child = exchange.add(citizen(60, given_name="نیکا"))
    child.birth_date = "2020-05-05"
    exchange.let_act(person.national_id, child.national_id)
    page = ask(site)
    assert page.context["found"].unregistered == [f"{child.given_name} {child.family_name}"]
    assert registered(citizen(61)), "others are not touched"
