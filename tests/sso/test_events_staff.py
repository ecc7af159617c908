"""The registrar's page of security events."""

from typing import Any

import pytest
from conftest import Clock
from django.test import Client
from people import (
    HOST,
    code_for,
    redeem,
)

from panjereh.sso.events.actions import tell_agencies
from panjereh.sso.events.models import Event, Receiver
from panjereh.sso.models import Person
from panjereh.sso.staff.actions import appoint_officer, the_installation
from panjereh.sso.staff.models import Act

pytestmark = pytest.mark.django_db

RECEIVERS = "/fa/staff/events/"


@pytest.fixture
def registrar(inside: Client, person: Person, settings: Any) -> Client:
    settings.SSO_POLICY = {"staff_level": 1}
    appoint_officer(
        actor=the_installation(),
        national_id=person.national_id,
        name="ثبت‌کننده",
        roles=["registrar"],
    )
    return inside


def test_the_registrar_lets_a_site_take_events_and_sees_how_it_goes(
    registrar: Client, person: Person, clock: Clock
) -> None:
    redeem(registrar, code_for(registrar))
    form = {"client_id": "window", "address": "https://window.example/signin/security-events"}
    assert registrar.post(RECEIVERS, form, **HOST).status_code == 302
    tell_agencies(person.id, "credential-change")
    Event.objects.update(given_up_at=clock.now(), last_outcome="status-500")
    page = registrar.get(RECEIVERS, **HOST).content.decode()
    assert "کنار گذاشته: ۱" in page
    assert "status-500" in page
    assert str(person.id) not in page
    assert registrar.post(f"{RECEIVERS}window/stop/", **HOST).status_code == 302
    assert not Receiver.objects.exists()
    assert set(Act.objects.values_list("deed", flat=True)) >= {"events.taken", "events.stopped"}


@pytest.mark.parametrize(
    "form",
    [
        {"client_id": "nobody"},
        {"client_id": ""},
        {"client_id": "window", "address": "http://10.0.0.1/"},
    ],
)
def test_what_cannot_be_let_in_is_told_at_the_field(
    registrar: Client, form: dict[str, str]
) -> None:
    answer = registrar.post(RECEIVERS, form, **HOST)
    assert "govuk-error-message" in answer.content.decode()
    assert not Receiver.objects.exists()


@pytest.mark.parametrize("path", [RECEIVERS, f"{RECEIVERS}window/stop/"])
def test_others_let_nobody_in(inside: Client, person: Person, path: str) -> None:
    form = {"client_id": "window"}
    assert Client().post(path, form, **HOST).status_code == 302
    assert inside.post(path, form, **HOST).status_code == 403
    appoint_officer(
        actor=the_installation(), national_id=person.national_id, name="م", roles=["auditor"]
    )
    assert inside.post(path, form, **HOST).status_code == 403
    assert not Receiver.objects.exists()
    strict = Client(enforce_csrf_checks=True)
    strict.cookies["sso"] = inside.cookies["sso"].value
    assert strict.post(path, form, **HOST).status_code == 403
