"""The doors: each opens to its office, tells others what to do, and hands over who came in."""

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from parties import OPERATOR, OTHER, OURS, STRANGER, Parties

from panjereh.exchange import actions, doors
from panjereh.exchange.models import Operator, Representative
from panjereh.exchange.navigation import links_for, own_links
from panjereh.sdk.signin.person import Person

OFFICES = {
    "operator": doors.operator_page,
    "secretariat": doors.secretariat_page,
    "working-group": doors.group_page,
    "auditor": doors.auditor_page,
}


def visit(door: Any, person: Person | None) -> tuple[HttpResponse, Any]:
    """The answer, and whom the view was given."""
    came: list[Any] = []

    @door
    def view(request: HttpRequest, *given: Any) -> HttpResponse:
        came.extend(given)
        return HttpResponse("inside")

    return view(request_of(person)), came[0] if came else None


def request_of(person: Person | None) -> HttpRequest:
    request = RequestFactory().get("/en/room/")
    request.person, request.session = person, {}  # type: ignore[attr-defined, assignment]
    return request


@pytest.mark.req("PRV-01")
@pytest.mark.parametrize("office", OFFICES)
def test_an_office_door_opens_to_that_office_only(parties: Parties, office: str) -> None:
    actions.appoint_operator(
        actor=parties.operator,
        national_id=STRANGER.national_id,
        name="Officer",
        roles=[office],
    )
    for name, door in OFFICES.items():
        answer, came = visit(door, STRANGER)
        if name == office:
            assert answer.content == b"inside"
            assert isinstance(came, Operator) and came.name == "Officer"
        else:
            assert answer.status_code == 403
            assert came is None


def test_one_person_may_hold_several_offices(parties: Parties) -> None:
    actions.change_roles(
        actor=parties.operator, operator=parties.operator, roles=["operator", "auditor"]
    )

    assert visit(doors.auditor_page, OPERATOR)[0].status_code == 200
    assert visit(doors.operator_page, OPERATOR)[0].status_code == 200
    assert visit(doors.group_page, OPERATOR)[0].status_code == 403


@pytest.mark.req("PRV-01")
def test_the_member_door_says_for_whom_the_person_acts(parties: Parties) -> None:
    for person, member in ((OURS, parties.ours), (OTHER, parties.others)):
        answer, came = visit(doors.member_page, person)
        assert answer.content == b"inside"
        assert isinstance(came, Representative) and came.member == member


@pytest.mark.req("PRV-01")
@pytest.mark.parametrize("person", [OPERATOR, STRANGER])
def test_who_acts_for_no_member_is_told_so(parties: Parties, person: Person) -> None:
    answer, _ = visit(doors.member_page, person)

    assert answer.status_code == 403
    assert "do not act for a member" in answer.content.decode()


@pytest.mark.parametrize("door", [*OFFICES.values(), doors.member_page])
def test_a_visitor_is_led_to_the_sign_in(parties: Parties, door: Any) -> None:
    answer, came = visit(door, None)

    assert answer.status_code == 302
    assert answer["Location"].startswith("/signin/login?next=%2Fen%2Froom%2F")
    assert came is None


def test_a_public_page_is_open_to_everybody(parties: Parties) -> None:
    for person in (None, STRANGER, OPERATOR, OURS):
        assert visit(doors.public_page, person)[0].content == b"inside"


@pytest.mark.req("PRV-01")
def test_a_withdrawn_representative_finds_the_door_shut(parties: Parties) -> None:
    actions.withdraw_representative(actor=parties.operator, representative=parties.representative)

    assert visit(doors.member_page, OURS)[0].status_code == 403


@pytest.mark.req("PRV-01")
def test_a_dismissed_officer_finds_the_door_shut(parties: Parties) -> None:
    officer = actions.appoint_operator(
        actor=parties.operator, national_id=STRANGER.national_id, name="x", roles=["auditor"]
    )
    actions.dismiss_operator(actor=parties.operator, operator=officer)

    assert visit(doors.auditor_page, STRANGER)[0].status_code == 403


@pytest.mark.req("PRV-01")
def test_people_see_the_way_only_to_what_they_may_open(parties: Parties) -> None:
    assert own_links(request_of(None)) == own_links(request_of(STRANGER)) == []
    for person, audience in ((OPERATOR, "operator"), (OURS, "member")):
        seen = {link.audience for link in links_for(request_of(person))}
        assert seen <= {"public", audience}
