"""Support sees who said “this was not me”, and writes down once what was done about it."""

import pytest
from django.test import Client
from people import HOST, sign_in
from test_factors_counter import officer

from panjereh.sso.models import Person
from panjereh.sso.safety.models import MisuseReport
from panjereh.sso.staff.models import Act

pytestmark = pytest.mark.django_db

DESK = "/fa/staff/reports/"
DONE = {"settled_with": "تماس گرفته شد"}


@pytest.fixture
def reported(inside: Client, person: Person) -> MisuseReport:
    inside.post("/fa/account/not-me/", **HOST)
    return MisuseReport.objects.get()


def test_support_sees_a_report_and_settles_it_once(reported: MisuseReport, person: Person) -> None:
    desk, who = officer("support")
    assert person.family_name in desk.get(DESK, **HOST).text
    page = desk.get(f"{DESK}{reported.id}/", **HOST).text
    assert person.national_id not in page
    assert person.mobile.removeprefix("+98") not in page

    done = desk.post(f"{DESK}{reported.id}/", DONE, **HOST)

    assert done.headers["Location"] == DESK
    reported.refresh_from_db()
    assert (reported.settled_by, reported.settled_with) == (who.name, "تماس گرفته شد")
    act = Act.objects.latest("at")
    assert (act.deed, act.subject) == ("misuse.settled", str(reported.id))
    assert person.family_name not in desk.get(DESK, **HOST).text
    assert desk.post(f"{DESK}{reported.id}/", DONE, **HOST).status_code == 404


def test_what_was_done_has_to_be_said(reported: MisuseReport) -> None:
    desk, _ = officer("support")
    told = desk.post(f"{DESK}{reported.id}/", {"settled_with": " "}, **HOST)
    assert "بنویسید چه کاری انجام شد" in told.text
    assert MisuseReport.objects.get().settled_at is None


@pytest.mark.parametrize("role", ["registrar", "auditor"])
def test_no_other_office_sees_it(reported: MisuseReport, role: str) -> None:
    desk, _ = officer(role)
    for path in (DESK, f"{DESK}{reported.id}/"):
        assert desk.get(path, **HOST).status_code == 403
    assert desk.post(f"{DESK}{reported.id}/", DONE, **HOST).status_code == 403
    assert MisuseReport.objects.get().settled_at is None


def test_neither_strangers_nor_the_person_nor_a_foreign_form(
    reported: MisuseReport, person: Person
) -> None:
    assert Client().get(DESK, **HOST).status_code in {302, 303}
    own = Client()
    sign_in(own, person)
    assert own.get(DESK, **HOST).status_code == 403
    desk, _ = officer("support")
    forged = Client(enforce_csrf_checks=True)
    forged.cookies = desk.cookies
    assert forged.post(f"{DESK}{reported.id}/", DONE, **HOST).status_code == 403
    assert MisuseReport.objects.get().settled_at is None
