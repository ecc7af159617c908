"""Acting for another at a site: when it ends, and who is told."""

from typing import Any

import pytest
from acting_walks import (
    ANY,
    COMPANY,
    OFFLINE,
    act,
    answer,
    ask,
    child_of,
    choices,
    company_of,
    helper,
    name,
    other,
    refresh,
    register_site,
    site,
    sub_of,
    told_by_userinfo,
)
from conftest import Clock
from django.test import Client
from exchange_side import ExchangeSide
from people import (
    HOST,
    authorize,
    back_at_client,
    claims_of,
    redeem,
    userinfo,
)

from panjereh.sso.acting.actions import end_mandate
from panjereh.sso.acting.models import Mandate
from panjereh.sso.models import Grant, LogoutNotice, Person, Session
from panjereh.sso.relying_parties.actions import (
    close_relying_party,
    cut_claims,
)
from panjereh.sso.sessions.actions import end_session

__all__ = ["site"]

pytestmark = pytest.mark.django_db

# Ending


def acting_tokens(site: Client, person: Person, exchange: ExchangeSide) -> dict[str, Any]:
    return act(site, name(child_of(person, exchange)), scope=OFFLINE)


@pytest.mark.req("SSO-22")
def test_refresh_asks_the_registry_again_and_goes_on_while_it_agrees(
    site: Client, person: Person, exchange: ExchangeSide
) -> None:
    tokens = acting_tokens(site, person, exchange)
    before = len(exchange.calls)
    again = refresh(site, tokens["refresh_token"]).json()
    assert ("civil-registry", "wards") in exchange.calls[before:]
    assert claims_of(site, again["id_token"])["act"] == {"sub": sub_of(person)}


@pytest.mark.req("SSO-06")
def test_a_chief_executive_dismissed_at_noon_is_out_at_the_next_refresh(
    site: Client, person: Person, exchange: ExchangeSide
) -> None:
    register_site(granted_claims=COMPANY)
    company = company_of(person, exchange)
    tokens = act(site, company.name, scope=OFFLINE)
    exchange.companies[company.legal_id].chief_executive_national_id = "0000000000"
    refused = refresh(site, tokens["refresh_token"])
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert userinfo(site, tokens["access_token"]).status_code == 401
    notice = LogoutNotice.objects.get()
    assert notice.subject == sub_of(company)
    assert str(notice.session) == claims_of(site, tokens["id_token"])["sid"]
    assert Mandate.objects.get().end_reason == "registry"
    exchange.companies[company.legal_id].chief_executive_national_id = person.national_id
    assert refresh(site, tokens["refresh_token"]).status_code == 400, "back in office, not in"


def test_a_registry_that_is_away_decides_nothing_and_burns_no_token(
    site: Client, person: Person, exchange: ExchangeSide
) -> None:
    tokens = acting_tokens(site, person, exchange)
    exchange.away.add("civil-registry")
    away = refresh(site, tokens["refresh_token"])
    assert (away.status_code, away.json()["error"]) == (503, "temporarily_unavailable")
    exchange.away.clear()
    assert refresh(site, tokens["refresh_token"]).status_code == 200


def test_a_mandate_taken_back_is_dead_everywhere_at_once(site: Client, person: Person) -> None:
    aunt = other(9)
    given = helper(aunt, person)
    tokens = act(site, name(aunt), scope=OFFLINE)
    end_mandate(given.id, actor=aunt)
    assert userinfo(site, tokens["access_token"]).status_code == 401
    assert refresh(site, tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert LogoutNotice.objects.get().subject == sub_of(aunt)
    assert "code" in back_at_client(authorize(site)).told, "oneself is not signed out"


def test_a_mandate_runs_out_by_itself(site: Client, person: Person, clock: Clock) -> None:
    aunt = other(9)
    given = helper(aunt, person)
    tokens = act(site, name(aunt), scope=OFFLINE)
    Mandate.objects.filter(id=given.id).update(ends_at=given.given_at)
    assert userinfo(site, tokens["access_token"]).status_code == 401
    assert refresh(site, tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert Mandate.objects.get().end_reason == "run-out"


def test_a_closed_account_is_represented_by_nobody(site: Client, person: Person) -> None:
    aunt = other(9)
    helper(aunt, person)
    tokens = act(site, name(aunt), scope=OFFLINE)
    Person.objects.filter(id=aunt.id).update(closed_at=aunt.registered_at)
    assert userinfo(site, tokens["access_token"]).status_code == 401
    assert refresh(site, tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert list(choices(ask(site))) == ["oneself"]


def test_a_mandate_that_ends_while_the_page_is_open_is_not_taken_up(
    site: Client, person: Person
) -> None:
    aunt = other(9)
    given = helper(aunt, person)
    page = ask(site)
    end_mandate(given.id, actor=aunt)
    assert answer(site, page, sub_of(aunt)).status_code == 409
    assert not Grant.objects.exists()


def test_a_mandate_that_ends_between_choice_and_code_gives_none(
    site: Client, person: Person
) -> None:
    aunt = other(9)
    given = helper(aunt, person)
    page = ask(site)
    chosen = site.post(page.request["PATH_INFO"], {"for": sub_of(aunt)}, **HOST)
    end_mandate(given.id, actor=person)
    told = back_at_client(site.get(chosen["Location"], **HOST)).told
    assert told["error"] == "access_denied"


def test_a_mandate_that_ends_between_code_and_token_gives_no_token(
    site: Client, person: Person
) -> None:
    aunt = other(9)
    given = helper(aunt, person)
    page = ask(site)
    code = back_at_client(answer(site, page, sub_of(aunt))).told["code"]
    end_mandate(given.id, actor=aunt)
    refused = redeem(site, code)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


def test_signing_out_ends_what_was_acted_and_logout_knows_its_sid(
    site: Client, person: Person, exchange: ExchangeSide
) -> None:
    child = child_of(person, exchange)
    tokens = act(site, name(child))
    sid = claims_of(site, tokens["id_token"])["sid"]
    session = Session.objects.get()
    assert sid != str(session.id)
    leave = {"id_token_hint": tokens["id_token"]}
    site.get("/oauth2/logout", leave, **HOST)
    session.refresh_from_db()
    assert session.ended_at is not None
    assert userinfo(site, tokens["access_token"]).status_code == 401
    (notice,) = LogoutNotice.objects.all()
    assert (notice.subject, str(notice.session)) == (sub_of(child), sid)


def test_both_are_told_when_a_session_ends_that_was_used_for_both(
    site: Client, person: Person, exchange: ExchangeSide
) -> None:
    child = child_of(person, exchange)
    act(site, name(child))
    redeem(site, back_at_client(authorize(site)).told["code"])
    end_session(Session.objects.get().id, actor=person.id)
    told = set(LogoutNotice.objects.values_list("subject", flat=True))
    assert told == {sub_of(child), sub_of(person)}


def test_a_site_that_is_closed_is_told_of_what_is_acted_there(
    site: Client, person: Person, exchange: ExchangeSide
) -> None:
    child = child_of(person, exchange)
    tokens = act(site, name(child))
    close_relying_party("window", actor="registrar")
    (notice,) = LogoutNotice.objects.all()
    assert (notice.subject, str(notice.session)) == (
        sub_of(child),
        claims_of(site, tokens["id_token"])["sid"],
    )


def test_a_cut_grant_cuts_company_claims_and_keeps_the_others(
    site: Client, person: Person, exchange: ExchangeSide
) -> None:
    register_site(granted_claims=COMPANY)
    company = company_of(person, exchange)
    tokens = act(site, company.name, scope=f"{ANY} organisation")
    cut_claims("window", ["legal_id", "family_name"], actor="registrar")
    told = told_by_userinfo(site, tokens)
    assert told["legal_id"] == company.legal_id
    assert "legal_name" not in told
    assert told["act"] == {"sub": sub_of(person), "family_name": person.family_name}
