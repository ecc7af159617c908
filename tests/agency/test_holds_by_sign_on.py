"""The sign-on passes the registry's news on; the agency holds by its own rule, once (SSO-24)."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from people import MOTHER
from playing_exchange import PlayingExchange
from walking import fill_in, page_url

from panjereh.agency.holds import actions, following
from panjereh.agency.holds.models import Hold
from panjereh.agency.models import Case
from panjereh.common import clock
from panjereh.sdk.feeds.following.actions import Match
from panjereh.sdk.signin import receiving
from panjereh.sdk.signin.models import ChangedPerson, LocalSession
from panjereh.sdk.signin.receiving import take, tell_waiting_news
from panjereh.sdk.signin.security_events import SecurityEvent

FEED, SERIAL = "civil-registry/changed-identity", "7K40215963"


@pytest.fixture(autouse=True)
def new_card(exchange: PlayingExchange) -> None:
    exchange.identity_cards[MOTHER.national_id] = SERIAL


def changed(jti: str = "event-1", sequence: int = 17, **more: Any) -> SecurityEvent:
    facts: dict[str, Any] = {
        "jti": jti,
        "sub": MOTHER.sub,
        "kind": "identity-changed",
        "happened_at": datetime(2026, 11, 22, 8, tzinfo=UTC),
        "transaction": f"{FEED}/{sequence}",
    }
    return SecurityEvent(**(facts | more))


def by_feed(sequence: int = 17) -> None:
    following.change_told(
        Match(
            feed=FEED,
            national_id=MOTHER.national_id,
            change_date=date(2026, 11, 22),
            state="",
            sequence=sequence,
            request_id="brought-by-this-call",
        )
    )


@pytest.fixture
def here(mother: Client) -> Client:
    """She is signed in, and the site knows which session that is."""
    fill_in(mother)
    LocalSession.objects.create(
        sid="her-session",
        sub=MOTHER.sub,
        session_key=mother.session.session_key or "",
        began_at=clock.now(),
    )
    return mother


@pytest.mark.req("SSO-24", "PRV-16")
def test_somebody_who_is_here_is_held_at_once_and_signed_out(here: Client) -> None:
    assert take(changed())
    hold = Hold.objects.get()
    assert (hold.person, hold.cause, hold.sequence) == (MOTHER.national_id, "identity-changed", 17)
    assert here.get(page_url("review")).status_code == 302
    assert not Case.objects.exists()


@pytest.mark.req("SSO-24")
def test_somebody_who_is_not_here_is_held_when_back(mother: Client) -> None:
    fill_in(mother)
    assert take(changed())
    assert not Hold.objects.exists(), "nobody knows yet whose number this is"
    tell_waiting_news(MOTHER)
    assert Hold.objects.get().person == MOTHER.national_id
    assert not ChangedPerson.objects.exists()
    assert mother.post(page_url("review")).status_code == 409


@pytest.mark.parametrize("first", ["feed", "sign-on"])
def test_one_file_makes_one_hold_whoever_tells_it_first(here: Client, first: str) -> None:
    tellers = [by_feed, lambda: take(changed())]
    for tell in tellers if first == "feed" else reversed(tellers):
        tell()
    assert Hold.objects.count() == 1


@pytest.mark.req("SSO-24")
def test_what_was_proved_meanwhile_stays_proved(here: Client) -> None:
    """The sign-on was away for an hour and tells late of what is long confirmed."""
    by_feed()
    hold = Hold.objects.get()
    actions.authenticate(hold=hold, card_serial=SERIAL, by=MOTHER.national_id)
    actions.ask_anew(hold=hold, by=MOTHER.national_id)
    actions.lift(hold=hold, by=MOTHER.national_id)
    take(changed())
    assert not Hold.objects.filter(lifted_at=None).exists()
    take(changed(jti="event-2", sequence=18))
    tell_waiting_news(MOTHER)
    assert Hold.objects.filter(lifted_at=None).exists(), "another change is another hold"


def test_the_event_is_not_taken_when_the_site_could_not_act_on_it(
    here: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as broken, pytest.raises(RuntimeError):
        broken.setattr(receiving, "_tell_site", fails)
        take(changed())
    assert take(changed()), "the sign-on tells again, and now it is done"
    assert not take(changed())
    assert Hold.objects.count() == 1
