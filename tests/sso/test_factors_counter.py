"""Who has lost every way in: a counter, three days, and an owner who may say no."""

from typing import Any

import pytest
from conftest import Clock
from django.core.exceptions import PermissionDenied
from django.test import Client
from exchange_side import ExchangeSide
from factor_walks import at, by_passkey, elsewhere, enrolled, sheet_of, signed_in, sms_refused
from people import HOST, citizen, registered, sign_in
from test_factors_choice import by_sms
from test_one_time_codes import in_parallel

from panjereh.sso.factors.models import NeverSmsAlone, Passkey, RecoverySet, Reset
from panjereh.sso.factors.resetting import NobodyThere, WaitsAlready, ask_for_reset, reset_due
from panjereh.sso.models import Person, Session
from panjereh.sso.safety.models import Notice
from panjereh.sso.staff.actions import appoint_officer, the_installation
from panjereh.sso.staff.models import Act, Officer

pytestmark = pytest.mark.django_db

DESK = "/fa/staff/ways/"


@pytest.fixture(autouse=True)
def short_sheets(settings: Any) -> None:
    settings.SSO_POLICY = {"recovery_codes": 2}


def officer(*roles: str, number: int = 4720) -> tuple[Client, Officer]:
    person = registered(citizen(number))
    found = appoint_officer(
        actor=the_installation(), national_id=person.national_id, name="مینا راد", roles=roles
    )
    client = Client()
    sign_in(client, person)
    Session.objects.filter(person=person).update(level=2)
    return client, found


@pytest.fixture
def lost(window: str, browser: Client, exchange: ExchangeSide) -> Person:
    """Never SMS alone, and the phone with the passkey lies in the sea."""
    person = registered(exchange.add(citizen(4721)))
    sign_in(browser, person)
    enrolled(browser)
    sheet_of(browser)
    sms_refused(browser)
    return person


def ask(client: Client, person: Person, record: str = "1405/77") -> Any:
    return client.post(DESK, {"national_id": person.national_id, "record": record}, **HOST)


def kinds() -> list[str]:
    told = Notice.objects.filter(kind__startswith="ways-").order_by("at")
    return list(told.values_list("kind", flat=True))


def test_after_three_days_an_sms_code_opens_the_account_again(
    lost: Person, exchange: ExchangeSide, clock: Clock
) -> None:
    desk, _ = officer("support")
    assert "به آن شخص خبر داده شد" in ask(desk, lost).content.decode()
    clock.forward(hours=71, minutes=59)
    assert reset_due() == 0
    assert NeverSmsAlone.objects.exists()
    clock.forward(minutes=2)
    assert reset_due() == 1
    assert not Passkey.objects.exists() and not RecoverySet.objects.exists()
    assert not Session.objects.filter(person=lost, ended_at=None).exists()
    assert signed_in(by_sms(elsewhere(exchange), lost))
    assert kinds() == ["ways-reset-asked", "ways-reset"]


def test_each_one_stands_in_the_book_with_the_record_and_without_the_national_id(
    lost: Person,
) -> None:
    desk, who = officer("support")
    ask(desk, lost)
    act = Act.objects.get(deed="ways.reset-asked")
    assert (act.officer, act.subject, act.facts) == (who, str(lost.id), {"record": "1405/77"})
    assert lost.national_id not in str(Act.objects.values())


def test_the_owner_sees_it_and_stops_it(lost: Person, browser: Client, clock: Clock) -> None:
    desk, _ = officer("support")
    ask(desk, lost)
    assert "از یک پیشخوان خواسته شده" in at(browser).content.decode()
    assert at(browser, "keep/", go="1").status_code == 302
    clock.forward(hours=73)
    assert reset_due() == 0
    assert NeverSmsAlone.objects.exists()
    assert kinds() == ["ways-reset-asked", "ways-reset-stopped"]


def test_nobody_else_stops_it(lost: Person) -> None:
    desk, _ = officer("support")
    ask(desk, lost)
    at(desk, "keep/", go="1")
    assert Client().post("/fa/account/ways/keep/", **HOST)["Location"] == "/fa/login/"
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = desk.cookies
    assert strict.post("/fa/account/ways/keep/", **HOST).status_code == 403
    assert Reset.objects.get().cancelled_at is None


def test_it_waits_once(lost: Person) -> None:
    desk, who = officer("support")
    ask(desk, lost)
    assert "هنوز در انتظار است" in ask(desk, lost).content.decode()
    with pytest.raises(WaitsAlready):
        ask_for_reset(who, national_id=lost.national_id, record="x")
    with pytest.raises(NobodyThere):
        ask_for_reset(who, national_id=citizen(9).national_id, record="x")
    assert kinds() == ["ways-reset-asked"]


@pytest.mark.parametrize("roles", [["registrar"], ["auditor"]])
def test_only_the_support_of_people_may(lost: Person, roles: list[str]) -> None:
    desk, who = officer(*roles)
    assert ask(desk, lost).status_code == 403
    with pytest.raises(PermissionDenied):
        ask_for_reset(who, national_id=lost.national_id, record="x")
    assert not Reset.objects.exists()


def test_whoever_is_no_officer_or_not_signed_in_may_not(lost: Person, browser: Client) -> None:
    assert ask(browser, lost).status_code == 403
    assert ask(Client(), lost)["Location"] == "/fa/login/"
    desk, _ = officer("support")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = desk.cookies
    assert ask(strict, lost).status_code == 403
    assert not Reset.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_workers_take_the_ways_away_once(
    lost: Person, exchange: ExchangeSide, clock: Clock
) -> None:
    desk, _ = officer("support")
    ask(desk, lost)
    clock.forward(hours=73)
    assert sum(in_parallel(lambda _: reset_due(), 4)) == 1
    assert kinds() == ["ways-reset-asked", "ways-reset"]


def test_the_passkey_works_until_then(
    lost: Person, browser: Client, exchange: ExchangeSide
) -> None:
    device = enrolled(browser)
    desk, _ = officer("support")
    ask(desk, lost)
    assert signed_in(by_passkey(elsewhere(exchange), device))
