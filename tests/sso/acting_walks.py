"""Who acts for whom in the tests, and the walks that lead there."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from exchange_side import Citizen, Company, ExchangeSide
from people import (
    HOST,
    SECRET,
    authorize,
    back_at_client,
    citizen,
    redeem,
    register_client,
    registered,
    sign_in,
    userinfo,
)

from panjereh.common import clock
from panjereh.sso.acting.models import EVERY_SERVICE, Mandate
from panjereh.sso.models import Person
from panjereh.sso.organisations.models import Leadership, Organisation
from panjereh.sso.provider.subjects import subject

ANY = "openid profile national_id representee.*"
CERTIFICATE, CARD = "10001", "10002"
LEGAL_ID = "14003778990"
CHILD_BORN = "2020-05-05"
GRANTED = ["national_id", "given_name", "family_name"]
COMPANY = [*GRANTED, "father_name", "birth_date", "phone_number", "legal_id", "legal_name"]
OFFLINE = f"{ANY} offline_access"


def child_of(guardian: Person, exchange: ExchangeSide, number: int = 50) -> Person:
    """A child with an account, whose guardian the civil registry names today."""
    told = exchange.add(child_citizen(number))
    exchange.let_act(guardian.national_id, told.national_id)
    return registered(told, mobile="", mobile_confirmed_at=None)


def child_citizen(number: int = 50) -> Citizen:
    child = citizen(number, given_name="نیکا")
    child.birth_date = CHILD_BORN
    return child


def company_of(chief: Person, exchange: ExchangeSide, legal_id: str = LEGAL_ID) -> Organisation:
    told = exchange.add_company(Company(legal_id, chief.national_id))
    now = clock.now()
    company = Organisation.objects.create(
        legal_id=legal_id, name=told.name, kind=told.kind, registered_at=now, registered_by=chief
    )
    Leadership.objects.create(organisation=company, person=chief, began_at=now)
    return company


def mandate(kind: str, agent: Person | None, **facts: Any) -> Mandate:
    """One that holds, made without walking through the pages; without an agent it is offered."""
    now = clock.now()
    usual = {
        "agent_national_id": "",
        "services": [EVERY_SERVICE],
        "asked_at": now,
        "given_at": now,
        "accepted_at": now,
        "ends_at": now + timedelta(days=7),
        "proof": "one-time-code",
    }
    return Mandate.objects.create(kind=kind, agent=agent, **usual | facts)


def helper(principal: Person, agent: Person | None, **facts: Any) -> Mandate:
    return mandate("helper", agent, principal=principal, given_by=principal, **facts)


def ask(browser: Client, **changed: str | None) -> Any:
    """The page «on whose behalf?» of an authorization request."""
    to_page = authorize(browser, **{"scope": ANY} | changed)
    assert "/on-whose-behalf/" in to_page["Location"], to_page["Location"]
    return browser.get(to_page["Location"], **HOST)


def choices(page: Any) -> dict[str, str]:
    """Name -> what the page sends for it."""
    found = {option.name: option.id for option, _ in page.context["options"]}
    return {"oneself": "", **found}


def answer(browser: Client, page: Any, chosen: str) -> Any:
    response = browser.post(page.request["PATH_INFO"], {"for": chosen}, **HOST)
    while response.status_code == 302:
        response = browser.get(response["Location"], **HOST)
    return response


def act(browser: Client, name: str, **changed: str | None) -> dict[str, Any]:
    """The tokens of somebody who acts for the person or company of this name."""
    page = ask(browser, **changed)
    code = back_at_client(answer(browser, page, choices(page)[name])).told["code"]
    return dict(redeem(browser, code).json())


def told_by_userinfo(browser: Client, tokens: dict[str, Any]) -> dict[str, Any]:
    response = userinfo(browser, tokens["access_token"])
    assert response.status_code == 200, response.content
    return dict(response.json())


def other(number: int, **facts: Any) -> Person:
    return registered(citizen(number, **{"given_name": "رضا", "family_name": "احمدی"} | facts))


def browser_of(person: Person) -> Client:
    fresh = Client()
    sign_in(fresh, person)
    return fresh


def name(person: Person) -> str:
    return f"{person.given_name} {person.family_name}"


@pytest.fixture
def site(window: str, inside: Client) -> Client:
    """A browser signed in, and a site where people may act for others."""
    register_site()
    return inside


def register_site(**facts: Any) -> None:
    usual: dict[str, Any] = {
        "representee_scopes": ["representee_list", "representee.*"],
        "granted_claims": GRANTED,
        "may_refresh": True,
        "backchannel_logout_uri": "https://window.example/signin/back-channel-logout",
    }
    register_client(**usual | facts)


def refresh(client: Client, token: str) -> Any:
    form = {
        "grant_type": "refresh_token",
        "refresh_token": token,
        "client_id": "window",
        "client_secret": SECRET,
    }
    return client.post("/oauth2/token", form, **HOST)


def sub_of(represented: Any) -> str:
    return subject(represented.id, "ito")
