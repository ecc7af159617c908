"""What staff see, who they are, and what the person sees of their looking."""

from collections.abc import Callable

import pytest
from django.test import Client
from people import CLERK, MOTHER, STRANGER
from playing_exchange import PlayingExchange
from walking import fill_in, submit
from working import work_off

from panjereh.agency.actions import appoint_staff, open_window
from panjereh.agency.cases.queries import calls_of
from panjereh.agency.models import Case, CaseLook, StaffMember

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(mother: Client) -> Case:
    fill_in(mother)
    made = submit(mother)
    work_off()
    made.refresh_from_db()
    return made


@pytest.fixture
def desk(clerk: StaffMember, browser_of: Callable[..., Client]) -> Client:
    return browser_of(CLERK)


def test_only_staff_of_the_agency_see_its_desk(
    case: Case, clerk: StaffMember, browser_of: Callable[..., Client]
) -> None:
    for address in ("/fa/staff/", f"/fa/staff/{case.tracking_id}/"):
        assert browser_of(CLERK).get(address).status_code == 200
        assert browser_of(STRANGER).get(address).status_code == 403
        assert browser_of(MOTHER).get(address).status_code == 403
    assert browser_of(STRANGER).post(f"/fa/staff/{case.tracking_id}/retry/").status_code == 403


def test_staff_of_another_agency_see_nothing_of_it(
    case: Case, browser_of: Callable[..., Client]
) -> None:
    other = open_window(
        slug="other-agency", name={"fa": "دیگر", "en": "Other"}, member_code="1",
        colour="#112233", actor="test",
    )  # fmt: skip
    appoint_staff(agency=other, national_id=CLERK.national_id, post="کارشناس", actor="test")
    browser = browser_of(CLERK)
    assert browser.get(f"/fa/staff/{case.tracking_id}/").status_code == 403
    there = {"host": "other-agency.agency.localhost:8102"}
    assert browser.get("/fa/staff/", headers=there).status_code == 200
    assert browser.get(f"/fa/staff/{case.tracking_id}/", headers=there).status_code == 404


@pytest.mark.req("SMT-09", "TRK-05")
def test_a_clerk_sees_timeline_decision_and_calls_without_their_content(
    case: Case, desk: Client, exchange: PlayingExchange
) -> None:
    page = desk.get(f"/fa/staff/{case.tracking_id}/").content.decode()
    assert "on-time" in page
    calls = calls_of(case)
    assert len(calls) == 7
    for call in calls:
        assert call["request_id"] in page
        assert set(call) == {"system", "service", "status", "request_id", "at"}
    assert MOTHER.national_id not in page


def test_every_look_is_written_down_and_the_person_sees_it(
    case: Case, desk: Client, mother: Client
) -> None:
    before = mother.get(f"/fa/requests/{case.tracking_id}/").content.decode()
    assert "کارشناس امور هویتی" not in before
    desk.get(f"/fa/staff/{case.tracking_id}/")
    desk.get(f"/fa/staff/{case.tracking_id}/")
    assert CaseLook.objects.filter(case=case).count() == 2
    after = mother.get(f"/fa/requests/{case.tracking_id}/").content.decode()
    assert "چه کسانی درخواست شما را دیده‌اند" in after
    assert after.count("کارشناس امور هویتی") == 2


def test_the_desk_finds_what_is_stuck_and_retries_it(
    mother: Client, desk: Client, exchange: PlayingExchange
) -> None:
    fill_in(mother)
    exchange.refusing = {"documents/issue"}
    case = submit(mother)
    work_off()
    listed = desk.get("/fa/staff/?only=stuck").content.decode()
    assert case.tracking_id in listed
    exchange.refusing = set()
    assert desk.post(f"/fa/staff/{case.tracking_id}/retry/").status_code == 302
    work_off()
    case.refresh_from_db()
    assert case.status == "delivered"
    assert case.tracking_id not in desk.get("/fa/staff/?only=stuck").content.decode()


def test_staff_are_kept_by_a_hash_and_never_by_their_number(clerk: StaffMember) -> None:
    assert CLERK.national_id not in clerk.person_key
    assert len(clerk.person_key) == 64
