"""Services wait when the civil registry tells of a changed identity, by the agency's own rule, and
resume only after a new inquiry and an authentication, both recorded (000 A4.1-3)."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from people import CLERK, FATHER, MOTHER, SERVICE, STRANGER
from playing_exchange import PlayingExchange
from walking import APPLY, fill_in, page_url, submit
from working import lose_all_jobs, work_off

from panjereh.agency import watch
from panjereh.agency.agencies import address_of
from panjereh.agency.cases.advance import advance_case
from panjereh.agency.drafts.queries import every_customer
from panjereh.agency.holds import actions, following, queries
from panjereh.agency.holds.models import Hold, Proof, Rule
from panjereh.agency.models import Agency, Case, CaseLook, Draft, ServiceVersion, StaffMember
from panjereh.sdk.feeds.following.actions import Match
from panjereh.sdk.feeds.following.models import Customer

CHANGED, DECEASED = "civil-registry/changed-identity", "civil-registry/deceased"
SERIAL, HELD = "7K40215963", "/fa/held/"


def told(who: str = MOTHER.national_id, **more: Any) -> Match:
    facts: dict[str, Any] = {
        "feed": CHANGED,
        "national_id": who,
        "change_date": date(2026, 11, 22),
        "state": "",
        "sequence": 17,
        "request_id": "brought-by-this-call",
    }
    return Match(**(facts | more))


def change_told(**more: Any) -> Hold:
    following.change_told(told(**more))
    return Hold.objects.get(person=more.get("who", MOTHER.national_id), cause="identity-changed")


def confirm(client: Client, serial: str = SERIAL) -> Any:
    return client.post(HELD, {"card_serial": serial})


@pytest.fixture(autouse=True)
def new_card(exchange: PlayingExchange) -> None:
    exchange.identity_cards[MOTHER.national_id] = SERIAL


@pytest.fixture
def waiting(mother: Client, exchange: PlayingExchange) -> Case:
    """A case that waits for a registry, so that it is under way."""
    exchange.down = {"documents"}
    fill_in(mother)
    case = submit(mother)
    work_off()
    exchange.down = set()
    return case


@pytest.mark.req("SSO-24", "NIX-13")
def test_a_held_person_cannot_send_and_loses_nothing(
    mother: Client, exchange: PlayingExchange
) -> None:
    fill_in(mother)
    hold = change_told()

    refused = mother.post(page_url("review"))

    assert refused.status_code == 409
    assert HELD in refused.content.decode()
    assert not Case.objects.exists()
    draft = Draft.objects.get()
    assert draft.answers["child_name"] == "آوا"
    assert not exchange.calls_of("tracking/issue")

    assert confirm(mother).status_code == 302
    assert submit(mother).answers["child_name"] == "آوا"
    hold.refresh_from_db()
    assert hold.lifted_at is not None


@pytest.mark.req("SSO-24", "NIX-13")
def test_it_is_lifted_only_by_an_authentication_and_a_new_inquiry_and_both_are_kept(
    mother: Client, waiting: Case, exchange: PlayingExchange
) -> None:
    hold = change_told()
    exchange.calls.clear()

    confirm(mother)

    assert [name for name, *_ in exchange.calls][:2] == [
        "civil-registry/authenticate",
        "civil-registry/person",
    ]
    proofs = list(Proof.objects.order_by("pk").values_list("kind", "succeeded", "by", "method"))
    assert proofs == [
        ("authentication", True, "applicant", "card-serial"),
        ("inquiry", True, "applicant", ""),
    ]
    assert all(Proof.objects.values_list("request_id", flat=True))
    assert Proof.objects.get(kind="authentication").reference
    hold.refresh_from_db()
    assert hold.lifted_by == "applicant"


@pytest.mark.parametrize("kind", Proof.Kind.values)
def test_one_of_the_two_is_not_enough(waiting: Case, kind: str) -> None:
    hold = change_told()
    by = MOTHER.national_id
    if kind == Proof.Kind.AUTHENTICATION:
        actions.authenticate(hold=hold, card_serial=SERIAL, by=by)
    else:
        actions.ask_anew(hold=hold, by=by)

    with pytest.raises(actions.NotProven) as missing:
        actions.lift(hold=hold, by=by)

    assert missing.value.missing != kind
    hold.refresh_from_db()
    assert hold.lifted_at is None


def test_what_was_proved_before_the_newest_news_proves_nothing(waiting: Case) -> None:
    hold, by = change_told(), MOTHER.national_id
    actions.authenticate(hold=hold, card_serial=SERIAL, by=by)
    actions.ask_anew(hold=hold, by=by)

    change_told(sequence=18)  # changed once more before it was lifted

    with pytest.raises(actions.NotProven):
        actions.lift(hold=hold, by=by)
    assert Hold.objects.get().sequence == 18


def test_a_wrong_serial_lifts_nothing_and_is_written_down(mother: Client, waiting: Case) -> None:
    change_told()

    answer = confirm(mother, "9X00000000")

    assert answer.status_code == 400
    assert "تازه‌ترین کارت" in answer.content.decode()
    assert list(Proof.objects.values_list("kind", "succeeded")) == [("authentication", False)]
    assert Hold.objects.get().lifted_at is None


def test_a_serial_in_persian_digits_and_small_letters_is_the_same(
    mother: Client, waiting: Case
) -> None:
    change_told()
    assert confirm(mother, " ۷k۴۰۲ ۱۵۹۶۳ ").status_code == 302


@pytest.mark.parametrize("serial", ["", "7K4021596", "7K402159633", "7K4021596!", "۷ک۴۰۲۱۵۹۶۳"])
def test_what_is_no_serial_asks_nobody(
    mother: Client, waiting: Case, exchange: PlayingExchange, serial: str
) -> None:
    change_told()
    exchange.calls.clear()

    assert confirm(mother, serial).status_code == 400
    assert not exchange.calls


@pytest.mark.parametrize(
    ("service", "code", "status"),
    [
        ("civil-registry/authenticate", "too-many-tries", 400),
        ("civil-registry/authenticate", "person-unknown", 409),
        ("civil-registry/person", "person-unknown", 409),
    ],
)
def test_a_registry_that_says_no_is_told_in_words(
    mother: Client, waiting: Case, exchange: PlayingExchange, service: str, code: str, status: int
) -> None:
    change_told()
    exchange.rejecting = {service: code}

    answer = confirm(mother)

    assert answer.status_code == status
    assert Hold.objects.get().lifted_at is None


def test_a_registry_that_is_away_keeps_what_was_proved(
    mother: Client, waiting: Case, exchange: PlayingExchange
) -> None:
    hold = change_told()
    exchange.down = {"civil-registry/person"}
    assert confirm(mother).status_code == 503
    assert Proof.objects.get().kind == "authentication"

    exchange.down = set()
    assert confirm(mother).status_code == 302
    hold.refresh_from_db()
    assert hold.lifted_at


def test_an_inquiry_that_says_dead_lifts_nothing(
    mother: Client, waiting: Case, exchange: PlayingExchange
) -> None:
    change_told()
    exchange.people[MOTHER.national_id]["vital_status"] = "deceased"

    assert confirm(mother).status_code == 409
    assert Hold.objects.get().lifted_at is None


@pytest.mark.req("SSO-24")
def test_a_running_case_stands_still_and_goes_on_from_the_same_place(
    mother: Client, waiting: Case, exchange: PlayingExchange
) -> None:
    change_told()
    waiting.refresh_from_db()
    assert waiting.status == Case.Status.WAITING
    exchange.calls.clear()

    advance_case(waiting.pk)  # a job that was on its way, and the sweep of every three seconds
    lose_all_jobs()
    assert watch.sweep() == []
    assert not exchange.calls_of("documents/issue")

    confirm(mother)
    work_off(early=True)

    waiting.refresh_from_db()
    assert waiting.status == Case.Status.DELIVERED
    assert len(exchange.calls_of("civil-registry/register-birth")) == 0  # done before the hold
    assert len(exchange.documents) == 1
    kinds = [event.kind for event in waiting.events.order_by("pk")]
    assert kinds.index("registry-hold") < kinds.index("registry-hold-lifted")
    assert kinds.count("registry-hold") == 1


def test_a_step_that_was_under_way_when_the_news_came_is_kept_and_the_next_one_waits(
    waiting: Case, exchange: PlayingExchange
) -> None:
    from panjereh.agency.cases import advance, wakeups

    awake = wakeups.load(waiting.pk)
    change_told()  # between the call and the commit
    advance._advance_once(waiting.pk, awake)
    advance_case(waiting.pk)

    waiting.refresh_from_db()
    assert waiting.status == Case.Status.WAITING
    assert waiting.stepresult_set.filter(operation__startswith="doc:issue").exists()


@pytest.mark.req("SSO-24")
def test_the_agency_decides_for_each_service(
    clerk: StaffMember, agency: Agency, mother: Client, waiting: Case, exchange: PlayingExchange
) -> None:
    actions.set_rule(actor=clerk, agency=agency, service_id=SERVICE, effect="note")
    hold = change_told()

    assert queries.holding(MOTHER.national_id, agency.pk, SERVICE) is None
    work_off(early=True)
    waiting.refresh_from_db()
    assert waiting.status == Case.Status.DELIVERED
    assert [s.effect for s in queries.services_of(hold)] == []  # it is over
    actions.set_rule(actor=clerk, agency=agency, service_id=SERVICE, effect="hold")
    assert queries.holding(MOTHER.national_id, agency.pk, SERVICE) == hold


def test_a_rule_that_changes_lets_go_and_holds_what_is_under_way(
    clerk: StaffMember, agency: Agency, waiting: Case
) -> None:
    change_told()
    for effect, status in (("note", Case.Status.IN_PROGRESS), ("hold", Case.Status.WAITING)):
        actions.set_rule(actor=clerk, agency=agency, service_id=SERVICE, effect=effect)
        waiting.refresh_from_db()
        assert waiting.status == status


def test_somebody_who_is_no_customer_is_not_held(agency: Agency) -> None:
    following.change_told(told(who=STRANGER.national_id))
    assert not Hold.objects.exists()


def test_the_same_news_twice_make_one_hold_and_one_line(waiting: Case) -> None:
    for _ in range(2):
        change_told()
    assert Hold.objects.count() == 1
    assert waiting.events.filter(kind="registry-hold").count() == 1


@pytest.mark.req("SSO-25")
def test_a_death_holds_every_service_whatever_the_rule_and_nobody_here_can_lift_it(
    clerk: StaffMember, agency: Agency, mother: Client, waiting: Case, exchange: PlayingExchange
) -> None:
    actions.set_rule(actor=clerk, agency=agency, service_id=SERVICE, effect="note")
    exchange.letters.clear()
    following.death_told(told(feed=DECEASED, state="deceased"))

    hold = Hold.objects.get(cause="deceased")
    waiting.refresh_from_db()
    assert waiting.status == Case.Status.WAITING
    with pytest.raises(PermissionDenied):
        actions.lift(hold=hold, by=clerk)
    assert "card_serial" not in mother.get(HELD).content.decode()
    work_off(early=True)
    assert not exchange.letters

    following.death_told(told(feed=DECEASED, state="alive", sequence=18))
    work_off(early=True)

    hold.refresh_from_db()
    waiting.refresh_from_db()
    assert hold.lifted_by == f"feed:{DECEASED}/18"
    assert waiting.status == Case.Status.DELIVERED


@pytest.mark.req("SSO-24")
def test_the_person_is_told_in_plain_words_and_where_to_go(
    waiting: Case, exchange: PlayingExchange
) -> None:
    change_told()
    work_off()
    work_off()

    (letter,) = exchange.letters
    assert letter["person"] == MOTHER.national_id
    assert f"{address_of('civil-registration')}/fa/held/" in letter["body"]
    assert letter["notify"] == MOTHER.mobile
    text = waiting.events.get(kind="registry-hold").text
    assert set(text) == {"fa", "en"}


def test_a_letter_waits_for_an_exchange_that_is_away(
    waiting: Case, exchange: PlayingExchange
) -> None:
    from panjereh.agency.holds.telling import send_notice
    from panjereh.sdk.exchange import Unavailable

    hold = change_told()
    exchange.down = {"messaging"}
    with pytest.raises(Unavailable):
        send_notice(hold.pk)
    exchange.down = set()
    send_notice(hold.pk)
    send_notice(hold.pk)
    assert len(exchange.letters) == 1


def test_after_the_new_inquiry_the_new_name_stands_everywhere(
    mother: Client, waiting: Case, exchange: PlayingExchange
) -> None:
    mother.get(APPLY, follow=True)
    change_told()
    exchange.people[MOTHER.national_id]["family_name"] = "نوروزی"

    confirm(mother)

    draft = Draft.objects.get(case=None)
    waiting.refresh_from_db()
    assert draft.applicant["family_name"] == waiting.applicant["family_name"] == "نوروزی"
    mother.get(APPLY, follow=True)  # the session speaks of the person by the new data, too
    draft.refresh_from_db()
    assert draft.applicant["family_name"] == "نوروزی"


@pytest.mark.req("NIX-13")
def test_staff_see_which_services_are_held_and_why_and_lift_at_the_counter(
    clerk: StaffMember, waiting: Case, browser_of: Callable[..., Client]
) -> None:
    hold = change_told()
    desk = browser_of(CLERK)

    listed = desk.get("/en/staff/holds/").content.decode()
    page = desk.get(f"/en/staff/holds/{hold.pk}/").content.decode()

    assert f"/en/staff/holds/{hold.pk}/" in listed
    for seen in (waiting.tracking_id, CHANGED, "17", "brought-by-this-call", "Waits"):
        assert seen in page
    assert MOTHER.national_id not in page
    assert CaseLook.objects.filter(case=waiting, staff=clerk).exists()

    done = desk.post(f"/en/staff/holds/{hold.pk}/", {"card_serial": SERIAL})

    assert done.status_code == 302
    hold.refresh_from_db()
    assert hold.lifted_by == f"staff:{clerk.pk}"
    assert "Lifted on" in desk.get(done.url).content.decode()
    assert "Nothing is held" in desk.get("/en/staff/holds/").content.decode()


def test_staff_set_the_rule_on_a_page(
    clerk: StaffMember, newborn: ServiceVersion, browser_of: Callable[..., Client]
) -> None:
    desk = browser_of(CLERK)
    assert SERVICE in desk.get("/fa/staff/holds/rules/").content.decode()

    desk.post("/fa/staff/holds/rules/", {"service_id": SERVICE, "effect": "note"})

    rule = Rule.objects.get()
    assert (rule.service_id, rule.effect, rule.set_by) == (SERVICE, "note", clerk)
    for wrong in (
        {"service_id": "nobody.knows-it", "effect": "note"},
        {"service_id": SERVICE, "effect": "everything"},
    ):
        assert desk.post("/fa/staff/holds/rules/", wrong).status_code == 404


PLACES = ("/fa/staff/holds/", "/fa/staff/holds/rules/", "/fa/staff/holds/{hold}/")


@pytest.mark.parametrize("place", PLACES)
def test_pages_of_the_staff_are_for_the_staff(
    waiting: Case, browser_of: Callable[..., Client], mother: Client, place: str
) -> None:
    address = place.format(hold=change_told().pk)
    assert mother.get(address).status_code == 403
    assert mother.post(address, {"card_serial": SERIAL}).status_code in (403, 405)
    assert (
        Client(headers={"host": "civil-registration.agency.localhost:8102"})
        .get(address)
        .status_code
        == 302
    )


def test_nobody_lifts_the_hold_of_another(
    waiting: Case, browser_of: Callable[..., Client], agency: Agency
) -> None:
    hold = change_told()
    other = browser_of(FATHER)
    assert other.post(HELD, {"card_serial": SERIAL}).status_code == 200  # nothing of his is held
    for by in (FATHER.national_id, _clerk_of_another_agency()):
        with pytest.raises(PermissionDenied):
            actions.authenticate(hold=hold, card_serial=SERIAL, by=by)
        with pytest.raises(PermissionDenied):
            actions.lift(hold=hold, by=by)
        with pytest.raises(PermissionDenied):
            actions.ask_anew(hold=hold, by=by)
    assert not Proof.objects.exists()


def _clerk_of_another_agency() -> StaffMember:
    from panjereh.agency.actions import appoint_staff, open_window

    other = open_window(
        slug="other",
        name={"fa": "دیگر", "en": "Other"},
        member_code="1",
        colour="#000000",
        actor="t",
    )
    return appoint_staff(agency=other, national_id=FATHER.national_id, post="p", actor="t")


def test_a_rule_is_set_by_the_agencys_own_staff(agency: Agency) -> None:
    with pytest.raises(PermissionDenied):
        actions.set_rule(
            actor=_clerk_of_another_agency(), agency=agency, service_id=SERVICE, effect="note"
        )


def test_who_begins_a_request_is_looked_for_in_files(mother: Client) -> None:
    mother.get(APPLY, follow=True)
    assert Customer.objects.filter(pk=MOTHER.national_id).exists()
    assert list(every_customer()) == [MOTHER.national_id]


def test_a_person_with_nothing_held_is_told_so(
    agency: Agency, browser_of: Callable[..., Client]
) -> None:
    assert "چیزی از شما متوقف نیست" in browser_of(STRANGER).get(HELD).content.decode()


def test_the_pages_of_the_request_lead_to_the_confirmation(mother: Client, waiting: Case) -> None:
    change_told()
    for place in ("/fa/requests/", f"/fa/requests/{waiting.tracking_id}/"):
        assert HELD in mother.get(place).content.decode()
    confirm(mother)
    for place in ("/fa/requests/", f"/fa/requests/{waiting.tracking_id}/"):
        assert HELD not in mother.get(place).content.decode()


def test_no_log_line_names_the_person(
    mother: Client, waiting: Case, caplog: pytest.LogCaptureFixture
) -> None:
    change_told()
    confirm(mother)
    work_off(early=True)
    for secret in (MOTHER.national_id, SERIAL, MOTHER.family_name):
        assert secret not in caplog.text


def test_staff_find_who_is_at_the_counter_by_the_number_on_the_card(
    clerk: StaffMember, waiting: Case, browser_of: Callable[..., Client]
) -> None:
    hold, desk = change_told(), browser_of(CLERK)

    found = desk.post("/fa/staff/holds/", {"national_id": MOTHER.national_id})
    assert found.url == f"/fa/staff/holds/{hold.pk}/"

    for other in (STRANGER.national_id, "12345"):
        refused = desk.post("/fa/staff/holds/", {"national_id": other})
        assert refused.status_code == 400
