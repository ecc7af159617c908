"""Companies are registered and led by their chief executive, as the registry says it now."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from exchange_side import Company, ExchangeSide
from people import HOST, citizen, registered, sign_in

from panjereh.common.identifiers import legal_id_check_digit
from panjereh.common.outbox.models import OutboxEvent
from panjereh.sdk.exchange import ExchangeError
from panjereh.sso.models import Person
from panjereh.sso.organisations.actions import (
    CompanyRefused,
    recheck_leader,
    register_organisation,
)
from panjereh.sso.organisations.models import Leadership, Organisation
from panjereh.sso.organisations.queries import leader_of, led_by, may_lead_now, signatories_now
from panjereh.sso.safety.models import Notice

pytestmark = [pytest.mark.django_db, pytest.mark.req("SSO-06")]

FIRST = "1490000000"
LEGAL_ID = FIRST + legal_id_check_digit(FIRST)


def shown(response: Any) -> str:
    return str(response.content.decode())


@pytest.fixture
def company(exchange: ExchangeSide, person: Person) -> Company:
    found = Company(LEGAL_ID, person.national_id)
    found.signatories = [person.national_id, citizen(2).national_id]
    return exchange.add_company(found)


@pytest.fixture
def office(browser: Client, person: Person) -> Client:
    sign_in(browser, person)
    return browser


def ask(client: Client, legal_id: str = LEGAL_ID) -> Any:
    return client.post("/fa/companies/", {"legal_id": legal_id}, **HOST)


def confirm(client: Client, legal_id: str = LEGAL_ID) -> Any:
    return client.post("/fa/companies/register/", {"legal_id": legal_id}, **HOST)


def somebody(number: int = 5) -> tuple[Person, Client]:
    found, browser = registered(citizen(number)), Client()
    sign_in(browser, found)
    return found, browser


def test_a_chief_executive_registers_the_company(
    office: Client, person: Person, company: Company
) -> None:
    assert office.get("/fa/companies/", **HOST).status_code == 200
    page = shown(ask(office))
    for fact in ("بازرگانی نمونه", "سهامی خاص", "فعال", LEGAL_ID, "همهٔ صاحبان امضا"):
        assert fact in page
    assert not Organisation.objects.exists(), "nothing is registered before the yes"

    response = confirm(office)
    organisation = Organisation.objects.get()
    assert response["Location"] == f"/fa/companies/{organisation.id}/"
    assert "بازرگانی نمونه" in shown(office.get(response["Location"], **HOST))
    assert (organisation.legal_id, organisation.registered_by) == (LEGAL_ID, person)
    assert led_by(person.id) == [organisation]
    assert "بازرگانی نمونه" in shown(office.get("/fa/account/", **HOST))


def test_the_news_of_a_company_name_nobody(office: Client, company: Company) -> None:
    confirm(office)
    body = json.loads(bytes(OutboxEvent.objects.get(type="sso.organisation.registered").body))
    assert list(body["data"]) == ["sub"]
    assert LEGAL_ID not in str(body)


@pytest.mark.parametrize("page", [ask, confirm])
def test_who_is_not_signed_in_comes_to_the_sign_in(
    browser: Client, company: Company, page: Any
) -> None:
    assert page(browser)["Location"] == "/fa/login/"
    assert not Organisation.objects.exists()


@pytest.mark.parametrize("page", [ask, confirm])
def test_a_form_from_elsewhere_registers_nothing(
    person: Person, company: Company, page: Any
) -> None:
    browser = Client(enforce_csrf_checks=True)
    sign_in(browser, person)
    assert page(browser).status_code == 403
    assert not Organisation.objects.exists()


@pytest.mark.parametrize(
    ("typed", "told"),
    [("", "شناسهٔ ملی شرکت"), ("123", "۱۱"), (LEGAL_ID[:-1] + "9", "رقم"), ("11111111111", "نیست")],
)
def test_a_wrong_id_is_told_at_the_field(office: Client, typed: str, told: str) -> None:
    if typed == LEGAL_ID:
        pytest.skip("the ninth happens to be right")
    page = shown(ask(office, typed))
    assert 'aria-invalid="true"' in page
    assert told in page


def test_an_unknown_company_is_told_at_the_field(office: Client, exchange: ExchangeSide) -> None:
    page = shown(ask(office))
    assert "شرکتی با این شناسهٔ ملی نیست" in page
    assert 'aria-invalid="true"' in page


@pytest.mark.parametrize("page", [ask, confirm])
def test_who_is_not_chief_executive_learns_nothing_of_it(
    exchange: ExchangeSide, office: Client, company: Company, page: Any
) -> None:
    """Also a signatory: registering is the chief executive's. That it is registered, or dissolved,
    is not told to others."""
    pages = []
    _, browser = somebody(2)
    for state, known in (("active", False), ("active", True), ("dissolved", True)):
        if known:
            confirm(office)
        company.status = state
        answer = shown(page(browser))
        assert "بازرگانی نمونه" not in answer
        assert "مدیرعامل این شرکت نمی‌شناسد" in answer
        pages.append(answer.partition("govuk-error-summary")[2].partition("csrf")[0])
    assert len(set(pages)) == 1


@pytest.mark.parametrize("state", ["dissolved", "struck-off"])
def test_a_company_that_is_no_more_cannot_be_registered(
    office: Client, company: Company, state: str
) -> None:
    company.status = state
    for page in (ask(office), confirm(office)):
        assert "منحل" in shown(page)
    assert not Organisation.objects.exists()


def test_a_company_in_liquidation_is_registered_and_its_state_is_shown(
    office: Client, company: Company
) -> None:
    company.status = "in-liquidation"
    assert "در حال تصفیه" in shown(ask(office))
    assert confirm(office).status_code == 302


def test_what_changes_between_look_and_yes_is_seen(office: Client, company: Company) -> None:
    ask(office)
    company.chief_executive_national_id = citizen(2).national_id
    response = confirm(office)
    assert response.status_code == 409
    assert "مدیرعامل این شرکت نمی‌شناسد" in shown(response)
    assert not Organisation.objects.exists()


@pytest.mark.parametrize("page", [ask, confirm])
def test_when_the_registry_is_away_nothing_is_registered_and_one_can_go_on(
    exchange: ExchangeSide, office: Client, company: Company, page: Any
) -> None:
    exchange.away.add("legal-persons-registry")
    response = page(office)
    assert response.status_code == 503
    assert 'href="/fa/companies/"' in shown(response)
    exchange.away.clear()
    assert page(office).status_code in (200, 302)


@pytest.mark.req("WIN-02")
def test_a_second_registration_is_led_on(office: Client, company: Company) -> None:
    confirm(office)
    page = shown(ask(office))
    assert "پیش‌تر ثبت‌نام شده" in page
    assert "/fa/account/#companies" in page
    confirm(office)
    assert Organisation.objects.count() == Leadership.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.req("WIN-02")
def test_two_tabs_at_once_register_it_once(person: Person, company: Company) -> None:
    def register(_: int) -> str:
        try:
            return str(register_organisation(person, legal_id=LEGAL_ID).id)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as tabs:
        assert len(set(tabs.map(register, range(4)))) == 1
    assert Leadership.objects.count() == 1
    assert OutboxEvent.objects.filter(type="sso.organisation.registered").count() == 1


def test_a_new_chief_executive_takes_over_and_the_old_one_is_told(
    office: Client, person: Person, company: Company
) -> None:
    confirm(office)
    successor, browser = somebody()
    company.chief_executive_national_id = successor.national_id
    assert not may_lead_now(LEGAL_ID, person.national_id)
    assert may_lead_now(LEGAL_ID, successor.national_id)

    assert "مدیرعامل پیشین" in shown(ask(browser))
    assert confirm(browser).status_code == 302
    organisation = Organisation.objects.get()
    assert leader_of(organisation.id) == successor
    assert (led_by(person.id), led_by(successor.id)) == ([], [organisation])
    notice = Notice.objects.get(person=person)
    assert (notice.kind, notice.facts) == ("company-lost", {"name": "بازرگانی نمونه"})
    assert office.get(f"/fa/companies/{organisation.id}/", **HOST).status_code == 404


def test_who_was_removed_loses_it_at_the_next_look_without_a_successor(
    office: Client, person: Person, company: Company
) -> None:
    confirm(office)
    organisation = Organisation.objects.get()
    assert recheck_leader(organisation)
    company.status = "dissolved"
    assert not recheck_leader(organisation)
    assert led_by(person.id) == []
    assert not recheck_leader(organisation)
    assert Notice.objects.filter(kind="company-lost").count() == 1


def test_no_answer_of_the_registry_is_no_no(
    exchange: ExchangeSide, office: Client, person: Person, company: Company
) -> None:
    confirm(office)
    exchange.away.add("legal-persons-registry")
    with pytest.raises(ExchangeError):
        recheck_leader(Organisation.objects.get())
    assert led_by(person.id)


def test_signatories_are_asked_for_and_never_kept(person: Person, company: Company) -> None:
    found = signatories_now(LEGAL_ID)
    assert (found.rule, found.national_ids) == (
        "all",
        [person.national_id, citizen(2).national_id],
    )
    company.signing_rule, company.signatories = "each", [citizen(3).national_id]
    found = signatories_now(LEGAL_ID)
    assert (found.rule, found.national_ids) == ("each", [citizen(3).national_id])
    company.status = "dissolved"
    assert signatories_now(LEGAL_ID).national_ids == []
    assert signatories_now("10380284790").national_ids == []
    columns = {field.name for field in Organisation._meta.get_fields()}
    assert not {name for name in columns if "signator" in name}


def test_a_minor_registers_no_company(exchange: ExchangeSide) -> None:
    child = registered(citizen(3), birth_date="2020-01-01")
    exchange.add_company(Company(LEGAL_ID, child.national_id))
    with pytest.raises(CompanyRefused):
        register_organisation(child, legal_id=LEGAL_ID)


def test_asking_has_a_limit(office: Client, company: Company, settings: Any) -> None:
    """Nobody reads the register of companies out through this page."""
    settings.SSO_POLICY = {"own_inquiries_per_hour": 2}
    assert [ask(office).status_code for _ in range(3)] == [200, 200, 429]
