"""What the person decides: SMS never alone, fresh sign-ins, the last way in, who may do what."""

from collections.abc import Callable
from typing import Any

import pytest
from conftest import Clock
from django.test import Client
from exchange_side import ExchangeSide
from factor_walks import (
    WAYS,
    at,
    by_passkey,
    code_now,
    elsewhere,
    enrolled,
    newest_session,
    session_of,
    sheet_of,
    signed_in,
    sms_refused,
    with_app,
)
from people import (
    HOST,
    Walk,
    authorize,
    back_at_client,
    begin,
    citizen,
    journey_in,
    redeem,
    registered,
    sign_in,
)
from test_one_time_codes import in_parallel

from panjereh.sso.events.actions import take_events
from panjereh.sso.events.models import Event
from panjereh.sso.factors import actions
from panjereh.sso.factors.models import AuthenticatorApp, NeverSmsAlone, Passkey, RecoverySet
from panjereh.sso.models import Person, Session
from panjereh.sso.people.actions import attain
from panjereh.sso.safety.closing import close_own_account
from panjereh.sso.safety.models import Notice, NumberStanding
from panjereh.sso.safety.reporting import report_misuse
from panjereh.sso.sessions.actions import Arrival, begin_session

pytestmark = pytest.mark.django_db
LEVEL_2 = "urn:panjereh:level:2"


@pytest.fixture(autouse=True)
def short_sheets(settings: Any) -> None:
    """Making a code is slow on purpose."""
    settings.SSO_POLICY = {"recovery_codes": 2}


def by_sms(walk: Walk, person: Person) -> Any:
    known = walk.exchange.count_to(person.mobile)
    walk.post("login", national_id=person.national_id)
    return walk.post("login/code", code=walk.code_sent_to(person.mobile, after=known))


@pytest.fixture
def mother(window: str, browser: Client, exchange: ExchangeSide) -> Person:
    """Somebody whom the registries know, with a running session."""
    person = registered(exchange.add(citizen(4712)))
    sign_in(browser, person)
    return person


# An SMS code alone is never enough


@pytest.mark.req("SSO-05")
def test_who_has_asked_for_more_is_not_let_in_by_sms_alone(
    browser: Client, mother: Person, exchange: ExchangeSide
) -> None:
    device, codes = enrolled(browser), sheet_of(browser)
    sms_refused(browser)
    walk = elsewhere(exchange)
    assert by_sms(walk, mother)["Location"] == walk.at("login/second")
    assert Session.objects.filter(person=mother).count() == 1
    assert walk.get("continue")["Location"] == walk.at("login")
    page = walk.get("login/second").content.decode()
    assert "/passkey/" in page and "/recovery/" in page and "/app/" not in page
    assert signed_in(by_passkey(walk, device))
    assert newest_session(mother).ways == ["sms", "passkey"]
    assert len(codes) == 2


def test_sms_and_the_app_together_are_enough_on_any_browser(
    browser: Client, mother: Person, exchange: ExchangeSide
) -> None:
    secret = with_app(browser)
    sheet_of(browser)
    sms_refused(browser)
    walk = elsewhere(exchange)
    by_sms(walk, mother)
    assert "کد ملی" not in walk.get("login/app").content.decode().partition("<form")[2]
    assert not signed_in(walk.post("login/app", code="000000"))
    assert signed_in(walk.post("login/app", code=code_now(secret)))
    session = newest_session(mother)
    assert (session.ways, session.level) == (["sms", "totp"], 1)


def test_sms_and_a_recovery_code_together_are_enough(
    browser: Client, mother: Person, exchange: ExchangeSide
) -> None:
    with_app(browser)
    code = sheet_of(browser)[0]
    sms_refused(browser)
    walk = elsewhere(exchange)
    by_sms(walk, mother)
    assert signed_in(walk.post("login/recovery", code=code))
    assert newest_session(mother).ways == ["sms", "recovery"]


def test_the_second_half_must_be_of_the_same_person(
    browser: Client, mother: Person, exchange: ExchangeSide
) -> None:
    enrolled(browser)
    sheet_of(browser)
    sms_refused(browser)
    other = Client()
    sign_in(other, registered(citizen(2)))
    theirs = enrolled(other)
    walk = elsewhere(exchange)
    by_sms(walk, mother)
    assert not signed_in(by_passkey(walk, theirs))
    assert "sso" not in walk.client.cookies


def test_the_first_half_does_not_last_and_is_of_one_journey(
    browser: Client, mother: Person, exchange: ExchangeSide, clock: Clock
) -> None:
    secret = with_app(browser)
    sheet_of(browser)
    sms_refused(browser)
    walk = elsewhere(exchange)
    by_sms(walk, mother)
    other_tab = begin(walk.client, exchange)
    assert other_tab.get("login/second")["Location"] == other_tab.at("login")
    clock.forward(minutes=10, seconds=1)
    assert walk.get("login/second")["Location"] == walk.at("login")
    assert not signed_in(walk.post("login/app", code=code_now(secret)))


@pytest.mark.parametrize("has", ["nothing", "passkey", "codes"])
def test_it_needs_a_second_thing_and_a_sheet_of_codes(inside: Client, has: str) -> None:
    if has == "passkey":
        enrolled(inside)
    if has == "codes":
        sheet_of(inside)
    page = at(inside, "sms/", sms="refuse").content.decode()
    assert "راه را به روی خود نبندید" in page
    assert ("یک برگه کد بازیابی" in page) == (has != "codes")
    assert not NeverSmsAlone.objects.exists()


def test_it_can_be_taken_back(browser: Client, mother: Person, exchange: ExchangeSide) -> None:
    enrolled(browser)
    sheet_of(browser)
    sms_refused(browser)
    assert at(browser, "sms/", sms="accept").status_code == 302
    assert signed_in(by_sms(elsewhere(exchange), mother))


def test_a_choice_that_does_not_exist_changes_nothing(inside: Client) -> None:
    assert at(inside, "sms/", sms="maybe").status_code == 404


def test_a_person_who_comes_back_by_registering_still_refuses_sms_alone(
    browser: Client, exchange: ExchangeSide
) -> None:
    """The whole proof of a registration ends in an SMS code, too."""
    mother = exchange.add(citizen(4722))
    person = registered(mother)
    sign_in(browser, person)
    enrolled(browser)
    sheet_of(browser)
    sms_refused(browser)
    close_own_account(session_of(browser))
    walk = begin(Client(), exchange, "register")
    sent = exchange.count_to(mother.mobile)
    walk.answer_all(mother)
    walk.post("register/code", code=walk.code_sent_to(mother.mobile, after=sent))
    assert walk.post("register/confirm")["Location"] == walk.at("login/second")


# The last way in


def test_the_last_way_is_kept_while_sms_alone_is_not_enough(inside: Client) -> None:
    enrolled(inside)
    secret = with_app(inside)
    sheet_of(inside)
    sms_refused(inside)
    key = Passkey.objects.get()
    assert at(inside, f"passkeys/{key.id}/remove/", yes="1").status_code == 302
    page = at(inside, "app/remove/", yes="1").content.decode()
    assert "این آخرین راه شماست" in page
    assert AuthenticatorApp.objects.exists()
    assert secret
    at(inside, "sms/", sms="accept")
    assert at(inside, "app/remove/", yes="1").status_code == 302
    assert not AuthenticatorApp.objects.exists()


def test_a_stopped_passkey_is_no_way(inside: Client, clock: Clock) -> None:
    enrolled(inside)
    with_app(inside)
    sheet_of(inside)
    sms_refused(inside)
    Passkey.objects.update(stopped_at=clock.now())
    assert "این آخرین راه شماست" in at(inside, "app/remove/", yes="1").content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_removals_at_once_leave_one_way(inside: Client) -> None:
    enrolled(inside)
    enrolled(inside)
    sheet_of(inside)
    sms_refused(inside)
    session = session_of(inside)
    keys = list(Passkey.objects.values_list("id", flat=True))

    def remove(number: int) -> bool:
        try:
            actions.remove_passkey(session, keys[number])
        except actions.LastWay:
            return False
        return True

    assert sorted(in_parallel(remove, 2)) == [False, True]
    assert Passkey.objects.count() == 1


# A fresh sign-in


CHANGES = ["passkeys/add/", "app/add/", "app/remove/", "recovery/", "sms/"]


@pytest.mark.parametrize("page", CHANGES)
def test_after_ten_minutes_one_signs_in_once_more_and_comes_back(
    browser: Client, mother: Person, exchange: ExchangeSide, clock: Clock, page: str
) -> None:
    with_app(browser) if page == "app/remove/" else None
    clock.forward(minutes=10, seconds=1)
    walk = Walk(browser, exchange, journey_in(at(browser, page)["Location"]))
    shown = walk.get("login").content.decode()
    assert "یک بار دیگر وارد شوید" in shown
    assert f'value="{mother.national_id}"' in shown, "nobody types what we know"
    assert signed_in(by_sms(walk, mother))
    assert walk.get("continue")["Location"] == f"{WAYS}{page}"
    assert at(browser, page).status_code == 200


@pytest.mark.parametrize("page", CHANGES)
def test_nothing_changes_in_a_session_that_is_not_fresh(
    browser: Client, mother: Person, clock: Clock, page: str
) -> None:
    secret = with_app(browser)
    clock.forward(minutes=10, seconds=1)
    typed = {"name": "x", "answer": "{}", "code": code_now(secret), "sms": "accept"}
    assert "/login/" in at(browser, page, **typed)["Location"]
    assert AuthenticatorApp.objects.count() == 1
    assert not Notice.objects.filter(kind="recovery-made").exists()


def test_somebody_else_cannot_give_the_fresh_sign_in(
    browser: Client, mother: Person, exchange: ExchangeSide, clock: Clock
) -> None:
    father = registered(exchange.add(citizen(4713)))
    clock.forward(minutes=11)
    walk = Walk(browser, exchange, journey_in(at(browser, "recovery/")["Location"]))
    assert by_sms(walk, father).status_code == 409
    assert session_of(browser).person_id == mother.id


def test_the_deeds_themselves_refuse_a_session_that_is_not_fresh(
    inside: Client, clock: Clock
) -> None:
    """Not only the pages: whoever calls the deed next must not forget it."""
    enrolled(inside)
    session, key = session_of(inside), Passkey.objects.get()
    clock.forward(minutes=11)
    deeds: list[Callable[[], object]] = [
        lambda: actions.begin_passkey(session, shown_name="x"),
        lambda: actions.add_passkey(session, answer="{}", name="x"),
        lambda: actions.remove_passkey(session, key.id),
        lambda: actions.begin_app(session),
        lambda: actions.add_app(session, code="000000", name="x"),
        lambda: actions.remove_app(session),
        lambda: actions.make_recovery_codes(session),
        lambda: actions.refuse_sms_alone(session),
        lambda: actions.accept_sms_alone(session),
    ]
    for deed in deeds:
        with pytest.raises(actions.NotFresh):
            deed()


# Who may


PAGES = ["", *CHANGES, "passkeys/00000000-0000-0000-0000-000000000000/"]


@pytest.mark.parametrize("page", PAGES)
def test_who_is_not_signed_in_is_sent_to_sign_in(window: str, browser: Client, page: str) -> None:
    assert at(browser, page)["Location"] == "/fa/login/"


@pytest.mark.parametrize("page", CHANGES)
def test_a_form_of_another_site_changes_nothing(inside: Client, page: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = inside.cookies
    assert strict.post(f"{WAYS}{page}", {"sms": "refuse"}, **HOST).status_code == 403


@pytest.mark.parametrize("page", ["passkey", "app", "recovery"])
def test_a_form_of_another_site_signs_nobody_in(exchange: ExchangeSide, page: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    walk = begin(strict, exchange)
    assert walk.post(f"login/{page}", answer="{}", code="000000").status_code == 403


@pytest.mark.parametrize("page", ["passkey", "app", "recovery", "second"])
def test_the_pages_of_a_journey_open_only_in_its_browser(exchange: ExchangeSide, page: str) -> None:
    walk = elsewhere(exchange)
    stranger = Walk(Client(), exchange, walk.journey)
    assert stranger.get(f"login/{page}").status_code == 410


# Told


@pytest.mark.req("PRV-16")
def test_each_change_is_told_to_the_person_and_that_there_was_one_to_the_sites(
    inside: Client, person: Person
) -> None:
    code = back_at_client(authorize(inside)).told["code"]
    redeem(inside, code)
    take_events("window", actor="test")
    enrolled(inside)
    with_app(inside)
    sheet_of(inside)
    sms_refused(inside)
    at(inside, "sms/", sms="accept")
    at(inside, "app/remove/", yes="1")
    at(inside, f"passkeys/{Passkey.objects.get().id}/remove/", yes="1")
    assert list(Notice.objects.order_by("at").values_list("kind", flat=True)) == [
        "passkey-added",
        "totp-added",
        "recovery-made",
        "sms-alone-refused",
        "sms-alone-accepted",
        "totp-removed",
        "passkey-removed",
    ]
    assert list(Event.objects.values_list("kind", flat=True)) == ["credential-change"] * 7


def test_the_account_page_leads_here_and_advises_who_has_only_sms(inside: Client) -> None:
    page = inside.get("/fa/account/", **HOST).content.decode()
    assert WAYS in page and "شمارهٔ شما را بدزدد" in page
    enrolled(inside)
    page = inside.get("/fa/account/", **HOST).content.decode()
    assert "شمارهٔ شما را بدزدد" not in page and "گوشی من" in page


# Towards level 2


@pytest.fixture
def at_level_2(browser: Client, mother: Person) -> Client:
    """Signed in with a face a moment ago."""
    attain(mother.id, 2, "civil-registry+face")
    arrival = Arrival(way="face", browser_sha256="b" * 64, browser="Firefox, Linux")
    browser.cookies["sso"] = begin_session(mother, arrival, renewing=session_of(browser))
    return browser


@pytest.mark.req("SSO-10")
def test_a_passkey_added_at_level_2_signs_in_at_level_2(
    at_level_2: Client, mother: Person, exchange: ExchangeSide
) -> None:
    device = enrolled(at_level_2)
    assert signed_in(by_passkey(elsewhere(exchange), device))
    session = newest_session(mother)
    assert (session.ways, session.level) == (["passkey"], 2)


@pytest.mark.req("SSO-12")
def test_a_service_that_asks_for_more_is_satisfied_by_it_without_a_photo(
    at_level_2: Client, mother: Person, exchange: ExchangeSide
) -> None:
    device = enrolled(at_level_2)
    stranger = Client()
    walk = Walk(stranger, exchange, journey_in(authorize(stranger, acr_values=LEVEL_2)["Location"]))
    assert signed_in(by_sms(walk, mother))
    assert walk.get("continue")["Location"] == walk.at("step-up")
    assert walk.at("login/passkey") in walk.get("step-up").content.decode()
    assert signed_in(by_passkey(walk, device))
    assert "code" in back_at_client(walk.get("continue")).told
    assert newest_session(mother).ways == ["sms", "passkey"]


def test_one_added_at_level_1_is_not_offered_for_level_2(
    browser: Client, mother: Person, exchange: ExchangeSide
) -> None:
    enrolled(browser)
    attain(mother.id, 2, "civil-registry+face")
    walk = Walk(browser, exchange, journey_in(authorize(browser, acr_values=LEVEL_2)["Location"]))
    assert walk.at("login/passkey") not in walk.get("step-up").content.decode()


# When the number is lost, or somebody else was in


def test_while_the_number_gets_no_codes_the_last_other_way_is_kept(
    browser: Client, mother: Person
) -> None:
    enrolled(browser)
    with_app(browser)
    session = session_of(browser)
    NumberStanding.objects.update_or_create(
        person=mother,
        defaults={
            "checked_at": mother.registered_at,
            "due_at": mother.registered_at,
            "suspended_at": mother.registered_at,
            "reason": NumberStanding.Reason.LOST,
        },
    )
    actions.remove_app(session)
    with pytest.raises(actions.LastWay):
        actions.remove_passkey(session, Passkey.objects.get().id)


def test_what_a_thief_has_added_goes_with_the_report_and_old_ways_stay(
    browser: Client, mother: Person, exchange: ExchangeSide, clock: Clock
) -> None:
    mine = enrolled(browser, name="مال من")
    clock.forward(days=15)
    sign_in(browser, mother)
    thiefs = enrolled(browser, name="مال دزد")
    with_app(browser)
    sheet_of(browser)
    sms_refused(browser)
    report_misuse(session_of(browser), browser="Firefox, Linux")
    assert not signed_in(by_passkey(elsewhere(exchange), thiefs))
    assert signed_in(by_passkey(elsewhere(exchange), mine))
    assert not AuthenticatorApp.objects.exists()
    assert not RecoverySet.objects.exists()
    assert not NeverSmsAlone.objects.exists()
