"""What the civil registry tells the sign-on: a death closes the account at once and everywhere, a
wrong one opens it again by a recorded deed, a changed identity is asked anew (SSO-24, SSO-25)."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from exchange_side import ExchangeSide
from people import (
    HOST,
    Walk,
    authorize,
    citizen,
    code_for,
    redeem,
    register_client,
    registered,
    sign_in,
    userinfo,
)
from test_refresh import OFFLINE, refresh

from panjereh.common.outbox.models import OutboxEvent
from panjereh.sdk.feeds.following.actions import Match
from panjereh.sdk.feeds.following.models import Customer
from panjereh.sso.models import LogoutNotice, Person, Session
from panjereh.sso.numbers.queries import registered_on
from panjereh.sso.people.queries import every_national_id
from panjereh.sso.registry_news import actions, following
from panjereh.sso.registry_news.jobs import refresh_due
from panjereh.sso.registry_news.models import Closing, Refresh

pytestmark = pytest.mark.django_db

DECEASED, CHANGED = "civil-registry/deceased", "civil-registry/changed-identity"


def told(person: Person, state: str = "", **more: Any) -> Match:
    facts: dict[str, Any] = {
        "feed": DECEASED if state else CHANGED,
        "national_id": person.national_id,
        "change_date": date(2026, 11, 22),
        "state": state,
        "sequence": 17,
        "request_id": "brought-by-this-call",
    }
    return Match(**(facts | more))


def die(person: Person) -> None:
    following.death_told(told(person, "deceased"))


@pytest.mark.req("SSO-25")
def test_a_death_ends_sessions_and_tokens_of_every_kind(inside: Client, person: Person) -> None:
    register_client(may_refresh=True)
    tokens = redeem(inside, code_for(inside, scope=OFFLINE)).json()
    unspent = code_for(inside)
    assert userinfo(inside, tokens["access_token"]).status_code == 200

    die(person)

    assert userinfo(inside, tokens["access_token"]).status_code == 401
    assert refresh(inside, tokens["refresh_token"]).status_code == 400
    assert redeem(inside, unspent).status_code == 400
    assert not Session.objects.filter(ended_at=None).exists()
    answer = authorize(inside)
    assert "code=" not in answer.get("Location", "")


@pytest.mark.req("SSO-25")
def test_clients_are_told_that_the_sessions_are_over(inside: Client, person: Person) -> None:
    register_client(backchannel_logout_uri="https://window.example/signin/back-channel-logout")
    redeem(inside, code_for(inside))

    die(person)

    assert LogoutNotice.objects.filter(client_id="window").count() == 1


@pytest.mark.req("SSO-25")
def test_nobody_signs_in_to_a_closed_account_and_nothing_tells_why(
    login: Walk, exchange: ExchangeSide
) -> None:
    late, stranger = citizen(1), citizen(2)
    person = registered(late)
    die(person)

    closed = login.post("login", national_id=late.national_id)
    unknown = login.post("login", national_id=stranger.national_id)

    assert (closed.status_code, closed["Location"]) == (unknown.status_code, unknown["Location"])
    assert not exchange.count_to(late.mobile)


def test_a_session_that_begins_at_the_same_moment_does_not_live(
    browser: Client, person: Person, window: str
) -> None:
    die(person)
    sign_in(browser, person)  # the code had been given back already
    answer = authorize(browser)
    assert "code=" not in answer.get("Location", "")


def test_the_closing_names_what_it_rests_on_and_is_not_counted_any_more(person: Person) -> None:
    before = registered_on(date(2100, 1, 1))
    die(person)
    die(person)  # told twice

    closing = Closing.objects.get()
    assert (closing.ground, closing.feed, closing.sequence, closing.request_id) == (
        "deceased",
        DECEASED,
        17,
        "brought-by-this-call",
    )
    assert registered_on(date(2100, 1, 1)) == before - 1
    assert OutboxEvent.objects.filter(type="sso.person.closed").count() == 1


@pytest.mark.req("SSO-25")
def test_a_wrong_death_is_undone_and_the_undoing_is_kept(
    person: Person, login: Walk, exchange: ExchangeSide
) -> None:
    die(person)
    following.death_told(told(person, "alive", sequence=18))

    person.refresh_from_db()
    closing = Closing.objects.get()
    assert person.closed_at is None
    assert closing.reopened_by == DECEASED and "18" in closing.reopened_because
    login.post("login", national_id=person.national_id)
    login.post("login/code", code=login.code_sent_to(person.mobile))
    assert login.get("continue")["Location"] == "/fa/account/"

    die(person)
    assert Closing.objects.count() == 2


def test_old_sessions_stay_ended_after_a_wrong_death(inside: Client, person: Person) -> None:
    token = redeem(inside, code_for(inside)).json()["access_token"]
    die(person)
    following.death_told(told(person, "alive", sequence=18))

    assert userinfo(inside, token).status_code == 401
    assert inside.get("/fa/account/", **HOST).status_code == 302


def test_who_opens_an_account_again_says_who_and_why(person: Person) -> None:
    assert not actions.reopen_account(person, actor="office", reason="not closed at all")
    die(person)
    for facts in ({"actor": "", "reason": "r"}, {"actor": "a", "reason": ""}):
        with pytest.raises(ValueError, match="written down"):
            actions.reopen_account(person, **facts)
    assert actions.reopen_account(person, actor="office 17", reason="letter 12")
    assert Closing.objects.get().reopened_because == "letter 12"


def test_news_of_somebody_without_an_account_do_nothing(db: None) -> None:
    nobody = Person(national_id="0012345679")
    for match in (told(nobody), told(nobody, "deceased"), told(nobody, "alive")):
        following.death_told(match) if match.state else following.change_told(match)
    assert not Closing.objects.exists()
    assert not Refresh.objects.exists()


@pytest.mark.req("SSO-24")
def test_a_changed_identity_is_asked_anew_and_claims_tell_the_new_name(
    inside: Client, person: Person, exchange: ExchangeSide
) -> None:
    exchange.add(citizen(family_name="نوروزی"))
    following.change_told(told(person))
    following.change_told(told(person, sequence=18))
    exchange.away = {"civil-registry"}
    assert refresh_due() == 0

    exchange.away = set()
    assert refresh_due() > 0
    assert refresh_due() == 0

    token = redeem(inside, code_for(inside)).json()["access_token"]
    assert userinfo(inside, token).json()["family_name"] == "نوروزی"
    assert not Refresh.objects.filter(done_at=None).exists()
    person.refresh_from_db()
    assert person.family_name == "نوروزی"


def test_who_registers_is_looked_for_in_files_and_who_had_registered_before_as_well(
    registration: Walk, exchange: ExchangeSide
) -> None:
    before = registered(citizen(2))
    new = exchange.add(citizen())
    registration.answer_all(new)
    registration.post("register/code", code=registration.code_sent_to(new.mobile))
    registration.post("register/confirm")

    assert Customer.objects.filter(pk=new.national_id).exists()
    assert set(every_national_id()) == {new.national_id, before.national_id}


def test_no_log_line_names_the_person(
    person: Person, exchange: ExchangeSide, caplog: pytest.LogCaptureFixture
) -> None:
    exchange.away = {"civil-registry"}
    following.change_told(told(person))
    refresh_due()
    die(person)
    assert person.national_id not in caplog.text
