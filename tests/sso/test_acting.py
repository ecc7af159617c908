"""Acting for another at a site: for whom, and what the token says."""

from typing import Any

import pytest
from acting_walks import (
    ANY,
    CARD,
    CERTIFICATE,
    COMPANY,
    act,
    answer,
    ask,
    browser_of,
    child_of,
    choices,
    company_of,
    helper,
    mandate,
    name,
    other,
    register_site,
    site,
    sub_of,
    told_by_userinfo,
)
from django.http import QueryDict
from django.test import Client
from exchange_side import ExchangeSide
from people import (
    HOST,
    authorize,
    back_at_client,
    claims_of,
    redeem,
    register_client,
)

from panjereh.sso.acting.models import MandateUse
from panjereh.sso.acting.using import Chosen
from panjereh.sso.models import Person, Release, RelyingParty
from panjereh.sso.provider.errors import ClientError
from panjereh.sso.provider.representing import for_whom
from panjereh.sso.relying_parties.actions import (
    RegistrationRefused,
)
from panjereh.sso.safety.models import Notice

__all__ = ["site"]

pytestmark = pytest.mark.django_db

# Choosing


@pytest.mark.req("SSO-22")
def test_a_guardian_acts_for_the_child_that_the_civil_registry_names(
    site: Client, person: Person, exchange: ExchangeSide
) -> None:
    child = child_of(person, exchange)
    page = ask(site)
    assert list(choices(page)) == ["oneself", name(child)]
    tokens = act(site, name(child))
    told = claims_of(site, tokens["id_token"])
    assert told["sub"] == sub_of(child)
    assert told["act"] == {"sub": sub_of(person)}
    info = told_by_userinfo(site, tokens)
    assert (info["sub"], info["national_id"]) == (sub_of(child), child.national_id)
    assert info["act"]["national_id"] == person.national_id
    assert info["mandate"] == {"kind": "guardian", "services": ["*"]}


def test_oneself_is_the_first_choice_and_leaves_no_trace(
    site: Client, person: Person, exchange: ExchangeSide
) -> None:
    child_of(person, exchange)
    tokens = act(site, "oneself")
    told = claims_of(site, tokens["id_token"])
    assert told["sub"] == sub_of(person)
    assert "act" not in told
    assert not MandateUse.objects.exists()


def test_a_site_that_does_not_ask_is_told_of_oneself_only(
    site: Client, person: Person, exchange: ExchangeSide
) -> None:
    child_of(person, exchange)
    assert "code" in back_at_client(authorize(site)).told


def test_the_choice_holds_for_one_request(
    site: Client, person: Person, exchange: ExchangeSide
) -> None:
    act(site, name(child_of(person, exchange)))
    assert "/on-whose-behalf/" in authorize(site, scope=ANY)["Location"]


@pytest.mark.req("SSO-06", "SSO-07")
def test_for_a_company_the_site_learns_of_it_and_of_who_signs_cut_to_the_grant(
    site: Client, person: Person, exchange: ExchangeSide
) -> None:
    register_site(granted_claims=COMPANY)
    company = company_of(person, exchange)
    scope = "openid profile national_id phone organisation representee.*"
    info = told_by_userinfo(site, act(site, company.name, scope=scope))
    assert info["sub"] == sub_of(company)
    assert (info["legal_id"], info["legal_name"]) == (company.legal_id, company.name)
    assert "legal_kind" not in info, "not granted"
    assert "national_id" not in info, "a company has none"
    assert info["act"] == {
        "sub": sub_of(person),
        "national_id": person.national_id,
        "given_name": person.given_name,
        "family_name": person.family_name,
        "father_name": person.father_name,
        "birth_date": person.birth_date.isoformat(),
        "phone_number": person.mobile,
    }


def test_a_site_that_may_not_know_companies_is_offered_none(
    site: Client, person: Person, exchange: ExchangeSide
) -> None:
    company_of(person, exchange)
    assert list(choices(ask(site))) == ["oneself"]


@pytest.mark.req("SSO-06")
def test_staff_act_while_the_chief_executive_who_sent_them_leads(
    site: Client, person: Person, exchange: ExchangeSide
) -> None:
    register_site(granted_claims=COMPANY)
    chief = other(9)
    company = company_of(chief, exchange)
    mandate("staff", person, organisation=company, given_by=chief)
    assert company.name in choices(ask(site))
    exchange.companies[company.legal_id].chief_executive_national_id = "0000000000"
    assert list(choices(ask(site))) == ["oneself"]


@pytest.mark.req("WIN-30")
def test_a_helper_acts_within_the_services_of_the_mandate(
    site: Client, person: Person, exchange: ExchangeSide
) -> None:
    aunt = other(9)
    helper(aunt, person, services=[CERTIFICATE])
    assert name(aunt) in choices(ask(site, service=CERTIFICATE))
    assert list(choices(ask(site, service=CARD))) == ["oneself"], "not in the mandate"
    assert list(choices(ask(site))) == ["oneself"], "single services must be named"
    info = told_by_userinfo(site, act(site, name(aunt), service=CERTIFICATE))
    assert info["mandate"] == {"kind": "helper", "services": [CERTIFICATE]}


def test_a_registry_that_is_away_is_told_and_oneself_goes_on(
    site: Client, person: Person, exchange: ExchangeSide
) -> None:
    child = child_of(person, exchange)
    exchange.away.add("civil-registry")
    page = ask(site)
    assert page.context["found"].away
    assert list(choices(page)) == ["oneself"]
    refused = answer(site, page, sub_of(child))
    assert refused.status_code == 409, "not on the page"
    assert "code" in back_at_client(answer(site, page, "")).told


# What a site may ask for


@pytest.mark.parametrize("scope", ["representee.*", "representee_list", "representee." + "A" * 43])
def test_without_the_grant_it_is_an_error_and_not_silence(inside: Client, scope: str) -> None:
    told = back_at_client(authorize(inside, scope=f"openid {scope}")).told
    assert told["error"] == "invalid_scope"


def test_a_concrete_id_needs_the_wider_grant(
    site: Client, person: Person, exchange: ExchangeSide
) -> None:
    child = child_of(person, exchange)
    concrete = f"openid representee.{sub_of(child)}"
    assert "code" in back_at_client(authorize(site, scope=concrete)).told
    register_site(representee_scopes=["representee_list"])
    assert back_at_client(authorize(site, scope=concrete)).told["error"] == "invalid_scope"


def test_one_at_a_time(site: Client, person: Person, exchange: ExchangeSide) -> None:
    both = [child_of(person, exchange, number) for number in (50, 51)]
    scope = " ".join(["openid", *(f"representee.{sub_of(child)}" for child in both)])
    assert back_at_client(authorize(site, scope=scope)).told["error"] == "invalid_scope"


def test_a_forged_or_foreign_id_is_refused_with_one_answer(
    site: Client, person: Person, exchange: ExchangeSide
) -> None:
    stranger = other(9)
    somebody_elses = child_of(stranger, exchange)
    answers = [
        back_at_client(authorize(site, scope=f"openid representee.{one}")).told
        for one in ("x" * 43, sub_of(somebody_elses), sub_of(stranger))
    ]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0]["error"] == "access_denied"
    page = ask(site)
    assert answer(site, page, sub_of(somebody_elses)).status_code == 409
    assert not MandateUse.objects.exists()


def test_acting_for_oneself_through_a_loop_is_being_oneself(
    site: Client, person: Person, exchange: ExchangeSide
) -> None:
    aunt = other(9)
    helper(aunt, person)
    helper(person, aunt)
    code = back_at_client(authorize(site, scope=f"openid representee.{sub_of(person)}")).told[
        "code"
    ]
    assert "act" not in claims_of(site, redeem(site, code).json()["id_token"])
    for _ in range(2):
        assert list(choices(ask(site))) == ["oneself", name(aunt)], "no chain behind the aunt"


def test_nobody_acts_through_somebody_who_acts(
    site: Client, person: Person, exchange: ExchangeSide
) -> None:
    """The aunt's child and company are not the helper's."""
    register_site(granted_claims=COMPANY)
    aunt = other(9)
    helper(aunt, person)
    child, company = child_of(aunt, exchange), company_of(aunt, exchange)
    assert list(choices(ask(site))) == ["oneself", name(aunt)]
    for far in (child, company):
        scope = f"openid representee.{sub_of(far)}"
        assert back_at_client(authorize(site, scope=scope)).told["error"] == "access_denied"


def test_silently_the_question_is_an_error_and_a_named_one_is_not(
    site: Client, person: Person, exchange: ExchangeSide
) -> None:
    child = child_of(person, exchange)
    told = back_at_client(authorize(site, scope=ANY, prompt="none")).told
    assert told["error"] == "interaction_required"
    named = f"openid representee.{sub_of(child)}"
    assert "code" in back_at_client(authorize(site, scope=named, prompt="none")).told


def test_sites_outside_the_government_are_not_granted_it(db: None) -> None:
    with pytest.raises(RegistrationRefused, match="government"):
        register_client("shop", asks_consent=True, representee_scopes=["representee.*"])
    with pytest.raises(RegistrationRefused, match="unknown scopes"):
        register_client("x", representee_scopes=["representee.someone"])


def test_the_page_belongs_to_the_browser_and_person_it_was_asked_of(
    site: Client, person: Person, exchange: ExchangeSide
) -> None:
    child = child_of(person, exchange)
    page = ask(site)
    path = page.request["PATH_INFO"]
    assert Client().post(path, {"for": sub_of(child)}, **HOST).status_code == 410
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = site.cookies
    assert strict.post(path, {"for": sub_of(child)}, **HOST).status_code == 403
    stranger = browser_of(other(9))
    stranger.cookies["browser"] = site.cookies["browser"].value
    refused = answer(stranger, page, sub_of(child))
    assert refused.status_code == 409, "somebody else sits here now and has no such child"


# What it never does


def test_nobody_signs_for_another(site: Client, person: Person, exchange: ExchangeSide) -> None:
    aunt = other(9)
    given = helper(aunt, person)
    party = RelyingParty.objects.get(client_id="window")

    def at_level_3(scope: str, chosen: Chosen | None = None) -> Any:
        return for_whom(QueryDict(f"scope={scope}"), party, person.id, wanted=3, chosen=chosen)

    assert at_level_3("representee.*").signs, "the page offers nobody"
    with pytest.raises(ClientError, match="access_denied"):
        at_level_3(f"representee.{sub_of(aunt)}")
    with pytest.raises(ClientError, match="access_denied"):
        at_level_3("representee.*", Chosen(given.id))
    assert at_level_3("representee.*", Chosen(None)) is None


# Ledger, notices, history


@pytest.mark.req("WIN-30")
def test_each_use_stands_in_the_account_of_the_represented_and_is_told(
    site: Client, person: Person, exchange: ExchangeSide
) -> None:
    aunt = other(9)
    helper(aunt, person, services=[CERTIFICATE])
    told_by_userinfo(site, act(site, name(aunt), service=CERTIFICATE))
    use = MandateUse.objects.get()
    assert (use.service, use.client_id, use.mandate.principal) == (CERTIFICATE, "window", aunt)
    (notice,) = Notice.objects.filter(person=aunt)
    assert notice.kind == "acted-for-you"
    assert notice.facts["who"] == name(person)
    account = browser_of(aunt).get("/fa/account/acting/", **HOST).text
    assert name(person) in account
    assert "گواهی تولد" in account
    assert {line.person_id for line in Release.objects.all()} == {aunt.id, person.id}
