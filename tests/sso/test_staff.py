"""Officers of the sign-on: who may open what, and that no deed of theirs goes unwritten."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.test import Client
from people import HOST, citizen, registered, sign_in

from panjereh.sso.models import Person, Session
from panjereh.sso.staff.actions import (
    appoint_officer,
    dismiss_officer,
    record_act,
    require_role,
    the_installation,
)
from panjereh.sso.staff.models import Act, Officer
from panjereh.sso.staff.queries import acts

pytestmark = pytest.mark.django_db

BOOK = "/fa/staff/acts/"


def appointed(person: Person, *roles: str) -> Officer:
    return appoint_officer(
        actor=the_installation(), national_id=person.national_id, name="مینا راد", roles=roles
    )


def signed_in(person: Person, level: int = 2) -> Client:
    browser = Client(enforce_csrf_checks=True)
    sign_in(browser, person)
    Session.objects.filter(person=person).update(level=level)
    return browser


@pytest.fixture
def auditor(person: Person) -> Officer:
    return appointed(person, "auditor")


def test_the_book_of_acts_is_open_to_an_auditor(person: Person, auditor: Officer) -> None:
    record_act(auditor, "client.approved", "bakery", decision="12/1405")
    page = signed_in(person).get(BOOK, **HOST).content.decode()
    assert "client.approved" in page
    assert "12/1405" in page
    assert "مینا راد" in page


def test_the_book_is_searched_by_deed_subject_and_name(auditor: Officer) -> None:
    record_act(auditor, "client.approved", "bakery")
    assert [act.subject for act in acts("client.")] == ["bakery"]
    assert [act.deed for act in acts("bakery")] == ["client.approved"]
    assert acts("مینا").count() == 1
    assert not acts("somebody else").exists()


@pytest.mark.parametrize("role", ["registrar", "support"])
def test_another_office_does_not_open_it(person: Person, role: str) -> None:
    appointed(person, role)
    assert signed_in(person).get(BOOK, **HOST).status_code == 403


def test_whoever_holds_no_office_stays_outside(person: Person) -> None:
    answer = signed_in(person).get(BOOK, **HOST)
    assert answer.status_code == 403
    assert "ویژهٔ یک سمت" in answer.content.decode()


def test_without_a_session_one_is_led_to_the_sign_in(db: None) -> None:
    answer = Client().get(BOOK, **HOST)
    assert (answer.status_code, answer["Location"]) == (302, "/fa/login/")


def test_a_code_by_sms_is_not_enough_for_an_office(
    person: Person, auditor: Officer, settings: Any
) -> None:
    assert signed_in(person, level=1).get(BOOK, **HOST).status_code == 403
    settings.SSO_POLICY = {"staff_level": 1}  # as the sandbox has it
    assert signed_in(person, level=1).get(BOOK, **HOST).status_code == 200


def test_a_dismissed_officer_is_outside_from_the_next_page_on(
    person: Person, auditor: Officer
) -> None:
    browser = signed_in(person)
    assert browser.get(BOOK, **HOST).status_code == 200
    dismiss_officer(actor=the_installation(), officer=auditor)
    assert browser.get(BOOK, **HOST).status_code == 403
    assert list(acts().values_list("deed", flat=True)) == [
        "officer.dismissed",
        "officer.appointed",
    ]


def test_no_officer_makes_another_one(auditor: Officer) -> None:
    with pytest.raises(PermissionDenied):
        appoint_officer(actor=auditor, national_id="x", name="x", roles=["support"])
    with pytest.raises(PermissionDenied):
        dismiss_officer(actor=auditor, officer=auditor)
    with pytest.raises(PermissionDenied):
        require_role(auditor, "registrar")


def test_an_office_that_does_not_exist_is_not_given(person: Person) -> None:
    with pytest.raises(ValueError, match="king"):
        appointed(person, "king")


@pytest.mark.parametrize(
    "statement", ["UPDATE sso_staff_act SET deed = 'nothing'", "DELETE FROM sso_staff_act"]
)
def test_the_database_itself_keeps_acts(auditor: Officer, statement: str) -> None:
    record_act(auditor, "client.approved", "bakery")
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert acts("bakery").count() == 1


def test_an_act_goes_when_its_deed_does(auditor: Officer) -> None:
    """It is written in the transaction of the deed, not beside it."""
    before = Act.objects.count()
    with pytest.raises(RuntimeError), transaction.atomic():
        record_act(auditor, "client.approved", "bakery")
        raise RuntimeError
    assert Act.objects.count() == before


def test_no_national_id_of_an_officer_is_kept(person: Person, auditor: Officer) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT o::text FROM sso_staff_officer o")
        assert person.national_id not in str(cursor.fetchall())


def test_the_own_page_leads_an_officer_to_the_desk(person: Person, auditor: Officer) -> None:
    assert BOOK in signed_in(person).get("/fa/account/", **HOST).content.decode()
    stranger = registered(citizen(5))
    assert BOOK not in signed_in(stranger).get("/fa/account/", **HOST).content.decode()
