"""The counter: clerks, and the code of the citizen for one request."""

from typing import Any

import pytest
from acting_walks import (
    ANY,
    CARD,
    CERTIFICATE,
    answer,
    ask,
    browser_of,
    choices,
    name,
    other,
    refresh,
    site,
    sub_of,
)
from conftest import Clock
from django.test import Client
from exchange_side import ExchangeSide
from people import (
    HOST,
    authorize,
    back_at_client,
    citizen,
    claims_of,
    redeem,
)

from panjereh.common.text import fold
from panjereh.sso.acting.counters import end_clerk, register_clerk
from panjereh.sso.acting.models import Clerk, Mandate
from panjereh.sso.models import Person, Session
from panjereh.sso.safety.models import Notice
from panjereh.sso.staff.actions import appoint_officer, the_installation
from panjereh.sso.staff.models import Act, Officer

__all__ = ["site"]

pytestmark = pytest.mark.django_db

CLERKS = "/fa/staff/clerks/"


@pytest.fixture
def aunt() -> Person:
    return other(9)


def consent(browser: Client, page: Any, code: str) -> Any:
    return browser.post(page["Location"], {"code": code}, **HOST)


# The counter


@pytest.fixture
def counter(person: Person) -> Clerk:
    """The signed-in person works at a counter of the agency of the site."""
    return register_clerk(
        national_id=person.national_id,
        agency="ito",
        office="پیشخوان ۷۲ تهران",
        services=[CERTIFICATE],
        actor=the_installation(),
    )


def to_citizen(site: Client, **asked: str | None) -> str:
    page = ask(site, **{"service": CERTIFICATE} | asked)
    assert page.context["found"].clerk
    chosen = site.post(page.request["PATH_INFO"], {"for": "citizen"}, **HOST)
    return str(chosen["Location"])


def ask_citizen(site: Client, whom: Any, **asked: str | None) -> Any:
    return site.post(to_citizen(site, **asked), {"national_id": whom.national_id}, **HOST)


def finish(site: Client, page: Any, code: str) -> Any:
    response = consent(site, page, code)
    while response.status_code == 302:
        response = site.get(response["Location"], **HOST)
    return response


@pytest.mark.req("PIS-01")
def test_a_clerk_begins_one_request_with_the_citizens_own_code(
    site: Client, person: Person, counter: Clerk, aunt: Person, exchange: ExchangeSide
) -> None:
    page = ask_citizen(site, aunt)
    sms = exchange.wait_for_sms(aunt.mobile)
    for said in (name(person), counter.office, "گواهی تولد"):
        assert said in sms.text
    tokens = redeem(site, back_at_client(finish(site, page, sms.code)).told["code"]).json()
    told = claims_of(site, tokens["id_token"])
    assert (told["sub"], told["act"]) == (sub_of(aunt), {"sub": sub_of(person)})
    assert told["mandate"] == {"kind": "clerk", "services": [CERTIFICATE]}
    mandate = Mandate.objects.get()
    assert (mandate.proof, mandate.office) == ("one-time-code", counter.office)
    assert Notice.objects.filter(person=aunt, kind="acted-for-you").count() == 1


def test_the_next_request_of_the_same_citizen_needs_a_new_code(
    site: Client, counter: Clerk, aunt: Person, exchange: ExchangeSide
) -> None:
    page = ask_citizen(site, aunt)
    finish(site, page, exchange.wait_for_sms(aunt.mobile).code)
    assert list(choices(ask(site, service=CERTIFICATE))) == ["oneself"]
    named = f"openid representee.{sub_of(aunt)}"
    again = ask(site, service=CERTIFICATE)
    assert answer(site, again, sub_of(aunt)).status_code == 409
    told = back_at_client(authorize(site, scope=named, service=CERTIFICATE)).told
    assert told["error"] == "access_denied"


def test_a_counter_is_only_for_its_services_its_agency_and_who_was_registered(
    site: Client, person: Person, counter: Clerk, aunt: Person, exchange: ExchangeSide
) -> None:
    path = to_citizen(site)
    other_service = ask_citizen(site, aunt, service=CARD)
    assert "/on-whose-behalf/" in other_service["Location"]
    assert not Mandate.objects.exists()
    end_clerk(counter.id, actor=the_installation())
    assert ask(site, service=CERTIFICATE).context["found"].clerk is None
    after = site.post(path, {"national_id": aunt.national_id}, **HOST)
    assert "/citizen/" not in after["Location"].removeprefix(path)
    assert not Mandate.objects.exists()
    assert not exchange.messages


def test_a_citizen_without_an_account_looks_like_one_with(
    site: Client, counter: Clerk, aunt: Person, exchange: ExchangeSide
) -> None:
    pages = [ask_citizen(site, whom) for whom in (aunt, citizen(77))]
    exchange.wait_for_sms(aunt.mobile)
    answers = [consent(site, page, "000000") for page in pages]
    assert [a.status_code for a in answers] == [200, 200]
    errors = [a.context["form"].errors.as_json() for a in answers]
    assert errors[0] == errors[1]
    assert len(exchange.messages) == 1


def test_the_code_of_one_clerk_is_nothing_to_another_and_ends_with_its_time(
    site: Client, counter: Clerk, aunt: Person, exchange: ExchangeSide, clock: Clock
) -> None:
    page = ask_citizen(site, aunt)
    code = exchange.wait_for_sms(aunt.mobile).code
    stranger = browser_of(other(8))
    stranger.cookies["browser"] = site.cookies["browser"].value
    assert consent(stranger, page, code).status_code == 200
    clock.forward(minutes=3)
    assert consent(site, page, code).status_code == 200
    assert Mandate.objects.get().given_at is None


def test_the_clerks_sign_in_dies_with_the_registration_and_after_half_an_hour(
    site: Client, counter: Clerk, aunt: Person, exchange: ExchangeSide, clock: Clock
) -> None:
    page = ask_citizen(site, aunt, scope=f"{ANY} offline_access")
    code = back_at_client(finish(site, page, exchange.wait_for_sms(aunt.mobile).code)).told["code"]
    tokens = redeem(site, code).json()
    again = refresh(site, tokens["refresh_token"])
    assert again.status_code == 200
    end_clerk(counter.id, actor=the_installation())
    assert refresh(site, again.json()["refresh_token"]).json()["error"] == "invalid_grant"


def test_asking_citizens_is_limited(
    site: Client, counter: Clerk, aunt: Person, exchange: ExchangeSide
) -> None:
    path = to_citizen(site)
    answers = [site.post(path, {"national_id": aunt.national_id}, **HOST) for _ in range(6)]
    assert answers[4].status_code == 302
    assert answers[5].status_code == 429


def test_a_registrar_registers_clerks_and_each_act_is_in_the_book(
    site: Client, person: Person, aunt: Person
) -> None:
    typed = {
        "national_id": aunt.national_id,
        "agency": "ito",
        "office": "72",
        "scope": "all",
    }
    assert site.post(CLERKS, typed, **HOST).status_code == 403, "no officer"
    assert Client().post(CLERKS, typed, **HOST).status_code == 302
    registrar = officer(person)
    assert site.post(CLERKS, typed | {"agency": "elsewhere"}, **HOST).context["form"].errors
    site.post(CLERKS, typed, **HOST)
    clerk = Clerk.objects.get()
    assert (clerk.services, clerk.registered_by) == (["*"], registrar.name)
    assert "72" in fold(site.get(CLERKS, **HOST).text)
    assert aunt.national_id not in fold(site.get(CLERKS, **HOST).text)
    site.post(f"{CLERKS}{clerk.id}/end/", **HOST)
    deeds = list(Act.objects.filter(subject=str(clerk.id)).values_list("deed", flat=True))
    assert sorted(deeds) == ["end-clerk", "register-clerk"]
    assert end_clerk(clerk.id, actor=registrar) is False


def test_a_clerk_without_a_counter_is_nobody() -> None:
    with pytest.raises(ValueError, match="counter"):
        register_clerk(
            national_id="1", agency="ito", office="", services=["*"], actor=the_installation()
        )


def officer(person: Person) -> Officer:
    Session.objects.filter(person=person).update(level=2)
    return appoint_officer(
        actor=the_installation(),
        national_id=person.national_id,
        name=name(person),
        roles=["registrar"],
    )
