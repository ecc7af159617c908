"""The desks from outside: every page and deed tried by the wrong caller."""

from typing import Any

import pytest
from desk import DESK, REGISTRAR, Desk, at_desk, filled, officer, other_developer, post
from django.core.exceptions import PermissionDenied
from django.test import Client
from people import HOST, authorize, back_at_client, registered, sign_in
from people import citizen as invented

from panjereh.common import clock
from panjereh.sso.models import RelyingParty
from panjereh.sso.portal.actions import applications
from panjereh.sso.portal.models import Application, Developer
from panjereh.sso.relying_parties.queries import forget
from panjereh.sso.staff.models import Act

pytestmark = pytest.mark.django_db

CALLBACK = "https://bakery.example/callback"
SITE = f"{DESK}site/bakery/"


@pytest.fixture
def desk(db: None) -> Desk:
    return Desk()


@pytest.fixture
def mother(db: None) -> Client:
    browser = Client()
    sign_in(browser, registered(invented(1)))
    return browser


def _approval(**changed: Any) -> dict[str, Any]:
    date = {"date_0": "1", "date_1": "2", "date_2": "1404"}
    return {"verdict": "approve", "number": "1", "data_items": ["family_name"]} | date | changed


@pytest.mark.parametrize(
    "page",
    [
        "",
        "change/",
        "ask/",
        "test/keys/",
        "test/try/",
        "test/close/",
    ],
)
def test_another_agencys_site_is_not_found(desk: Desk, page: str) -> None:
    desk.enter()
    stranger = other_developer(desk)
    assert stranger.get(SITE + page, **HOST).status_code == 404


@pytest.mark.parametrize(
    "deed",
    ["change/", "ask/", "local-registration/", "test/secret/", "test/secret/drop/", "test/keys/",
     "test/try/", "test/close/"],
)  # fmt: skip
def test_nobody_else_does_a_deed_at_a_site(desk: Desk, deed: str) -> None:
    desk.enter()
    before = list(RelyingParty.objects.values())
    assert post(other_developer(desk), SITE + deed, **filled()).status_code == 404
    assert post(desk.staff, SITE + deed, **filled()).status_code == 403
    assert desk.browser.post(SITE + deed, filled(), **HOST).status_code == 403  # without the token
    assert Client().post(SITE + deed, filled(), **HOST).status_code == 302
    assert list(RelyingParty.objects.values()) == before


@pytest.mark.parametrize("page", ["", "people/", "new/"])
def test_the_desk_is_closed_to_others(desk: Desk, page: str, mother: Client) -> None:
    assert mother.get(DESK + page, **HOST).status_code == 403
    assert Client().get(DESK + page, **HOST)["Location"] == "/fa/login/"


def test_a_code_by_sms_does_not_open_the_desk(desk: Desk) -> None:

    assert at_desk(desk.person, level=1).get(DESK, **HOST).status_code == 403


@pytest.mark.parametrize("page", ["", "agencies/", "agencies/ito/", "sites/bakery/"])
def test_the_registrars_pages_are_closed_to_others(desk: Desk, page: str, mother: Client) -> None:
    desk.enter()
    for stranger in (desk.browser, mother):
        assert stranger.get(REGISTRAR + page, **HOST).status_code == 403
        assert stranger.post(REGISTRAR + page, _approval(), **HOST).status_code in (403, 405)
    assert Client().get(REGISTRAR + page, **HOST)["Location"] == "/fa/login/"
    assert desk.staff.get(REGISTRAR + page, **HOST).status_code == 200


def test_a_developer_decides_nothing(desk: Desk) -> None:
    desk.enter()
    desk.ask()
    waiting = Application.objects.get()
    answer = post(desk.browser, f"{REGISTRAR}applications/{waiting.pk}/", **_approval())
    assert answer.status_code == 403
    auditor = officer(registered(invented(77)), "auditor")
    with pytest.raises(PermissionDenied):
        applications.refuse(actor=auditor, application=waiting, reason="x")
    with pytest.raises(PermissionDenied):
        applications.cut_to(
            actor=auditor,
            site=waiting.site,
            decision=applications.Decision(number="1", date=clock.now().date(), data_items=[]),
        )


def test_a_colleague_is_appointed_and_withdrawn(desk: Desk) -> None:

    colleague = registered(invented(55))
    typed = {"national_id": colleague.national_id, "name": "سارا"}
    assert post(desk.browser, f"{DESK}people/", **typed).status_code == 302
    theirs = at_desk(colleague)
    assert theirs.get(DESK, **HOST).status_code == 200
    twice = post(desk.browser, f"{DESK}people/", **typed)
    assert twice.context["form"].errors["national_id"]
    new = Developer.objects.get(name="سارا")
    stranger = other_developer(desk)
    assert post(stranger, f"{DESK}people/{new.pk}/withdraw/").status_code == 404
    post(desk.browser, f"{DESK}people/{new.pk}/withdraw/")
    assert theirs.get(DESK, **HOST).status_code == 403


def test_the_registrar_opens_an_agency_with_its_first_developer(desk: Desk) -> None:
    given = {"code": "post", "name_fa": "پست", "name_en": "Post", "of_government": "on"}
    post(desk.staff, f"{REGISTRAR}agencies/", **given)
    person = registered(invented(66))
    typed = {"national_id": person.national_id, "name": "کاوه"}
    post(desk.staff, f"{REGISTRAR}agencies/post/", **typed)
    assert Developer.objects.get(name="کاوه").agency_id == "post"
    deeds = set(Act.objects.filter(subject="post").values_list("deed", flat=True))
    assert deeds == {"agency.registered", "developer.appointed"}
    again = post(desk.staff, f"{REGISTRAR}agencies/", **given)
    assert again.context["form"].errors["code"]


def test_a_test_client_lets_in_nobody_but_its_developers_where_people_are_real(
    desk: Desk, mother: Client, settings: Any
) -> None:
    desk.enter()
    settings.PROFILE = "production"
    forget()
    asked = {"client_id": "bakery-test", "redirect_uri": CALLBACK}
    assert back_at_client(authorize(mother, **asked)).told["error"] == "access_denied"
    assert "code" in back_at_client(authorize(desk.browser, **asked)).told
    stranger = other_developer(desk)
    assert back_at_client(authorize(stranger, **asked)).told["error"] == "access_denied"
