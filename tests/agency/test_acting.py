"""A case that somebody files for another: the same process, both names, within the mandate."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from people import CLERK, HOST, MOTHER, SERVICE, STRANGER, sign_in
from playing_exchange import PlayingExchange
from walking import APPLY, fill_in, submit
from working import work_off

from panjereh.agency.cases.actions import submit_request
from panjereh.agency.models import Case, Draft, ServiceVersion, StaffMember
from panjereh.sdk.signin import Acting, Person

pytestmark = pytest.mark.django_db

BrowserOf = Callable[..., Client]


def acting(for_whom: Person, kind: str = "clerk", **facts: Any) -> Person:
    """The stranger sits in front of the screen."""
    who = Acting(
        **{
            "sub": STRANGER.sub,
            "kind": kind,
            "services": [SERVICE],
            "national_id": STRANGER.national_id,
            "given_name": STRANGER.given_name,
            "family_name": STRANGER.family_name,
            "mobile": STRANGER.mobile,
        }
        | facts
    )
    return replace(for_whom, acting=who)


@pytest.fixture
def counter(newborn: ServiceVersion, browser_of: BrowserOf) -> Client:
    return browser_of(acting(MOTHER))


@pytest.mark.req("PIS-01", "WIN-30")
def test_a_clerks_request_is_the_citizens_and_follows_the_same_process(
    counter: Client, mother: Client, exchange: PlayingExchange
) -> None:
    fill_in(counter)
    case = submit(counter)
    work_off()
    case.refresh_from_db()
    assert (case.person, case.status) == (MOTHER.national_id, Case.Status.DELIVERED)
    assert case.representative is not None
    assert case.representative["national_id"] == STRANGER.national_id
    assert mother.get(f"/fa/requests/{case.tracking_id}/").status_code == 200, "it is hers"


def test_every_call_names_who_acts_and_the_history_says_on_what_ground(
    counter: Client, exchange: PlayingExchange
) -> None:
    fill_in(counter)
    case = submit(counter)
    work_off()
    users = {headers.get("x-road-userid", "") for _, _, headers in exchange.calls}
    assert users - {""} == {f"IR{STRANGER.national_id}"}
    assert case.events.order_by("pk")[0].actor == "representative:clerk"


def test_the_person_and_the_staff_read_both_names(
    counter: Client, mother: Client, browser_of: BrowserOf, clerk: StaffMember
) -> None:
    fill_in(counter)
    case = submit(counter)
    for browser, page in (
        (mother, f"/fa/requests/{case.tracking_id}/"),
        (browser_of(CLERK), f"/fa/staff/{case.tracking_id}/"),
    ):
        shown = browser.get(page).text
        assert f"{STRANGER.given_name} {STRANGER.family_name}" in shown
        assert f"{MOTHER.given_name} {MOTHER.family_name}" in shown


def test_every_page_says_for_whom_and_leads_back(counter: Client, mother: Client) -> None:
    shown = counter.get(f"{APPLY}birth/", follow=True).text
    assert "acting-for" in shown
    assert f"{MOTHER.given_name} {MOTHER.family_name}" in shown
    assert "/signin/login?next=" in shown
    assert "acting-for" not in mother.get("/fa/").text


def test_outside_of_the_mandate_nothing_opens(
    newborn: ServiceVersion, browser_of: BrowserOf, mother: Client
) -> None:
    fill_in(mother)
    case = submit(mother)
    elsewhere = browser_of(acting(MOTHER, services=["another.service"]))
    page = elsewhere.get(APPLY)
    assert page.status_code == 403
    assert elsewhere.post(f"{APPLY}review/").status_code == 403
    assert elsewhere.get(f"/fa/requests/{case.tracking_id}/").status_code == 404
    assert case.tracking_id not in elsewhere.get("/fa/requests/").text
    assert browser_of(acting(MOTHER)).get(f"/fa/requests/{case.tracking_id}/").status_code == 200


def test_the_deed_itself_refuses_what_the_page_would(
    counter: Client, exchange: PlayingExchange
) -> None:
    fill_in(counter)
    draft = Draft.objects.get()
    with pytest.raises(PermissionDenied):
        submit_request(draft=draft, actor=acting(MOTHER, services=["another.service"]))
    with pytest.raises(PermissionDenied):
        submit_request(draft=draft, actor=STRANGER)


def test_nobody_works_at_the_agency_in_anothers_name(
    clerk: StaffMember, newborn: ServiceVersion, browser_of: BrowserOf
) -> None:
    assert browser_of(CLERK).get("/fa/staff/").status_code == 200
    helper = browser_of(acting(CLERK, "helper", services=["*"]))
    assert helper.get("/fa/staff/").status_code == 403


def test_nobody_proves_for_another_who_they_are(
    newborn: ServiceVersion, browser_of: BrowserOf
) -> None:
    for kind, status in (("helper", 403), ("clerk", 403), ("guardian", 200)):
        browser = browser_of(acting(MOTHER, kind, services=["*"]))
        assert browser.get("/fa/held/").status_code == status, kind


def test_news_of_a_child_go_to_who_acts_for_it(
    newborn: ServiceVersion, browser_of: BrowserOf, exchange: PlayingExchange
) -> None:
    child = replace(MOTHER, mobile="")
    browser = browser_of(acting(child, "guardian", services=["*"]))
    fill_in(browser)
    submit(browser)
    work_off()
    assert {sms["mobile"] for sms in exchange.sms} == {STRANGER.mobile}


def test_a_company_is_told_that_the_service_is_for_people(
    newborn: ServiceVersion, browser_of: BrowserOf
) -> None:
    company = replace(
        acting(MOTHER, "chief-executive", services=["*"]),
        national_id="",
        legal_id="14003778990",
        legal_name="بازرگانی نمونه",
    )
    assert browser_of(company).get(APPLY).status_code == 403
    assert not Draft.objects.exists()


def test_the_draft_says_who_had_it_last(counter: Client, mother: Client) -> None:
    counter.get(APPLY, follow=True)
    kept = Draft.objects.get().representative
    assert kept is not None
    assert kept["kind"] == "clerk"
    mother.get(APPLY, follow=True)
    assert Draft.objects.get().representative is None


def test_a_higher_level_is_asked_for_the_same_person(
    newborn: ServiceVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    low = sign_in(Client(headers={"host": HOST}), replace(acting(MOTHER), acr="none"))
    address = low.get(APPLY)["Location"]
    assert f"for={MOTHER.sub}" in address
    assert f"service={SERVICE}" in address
