"""Sites that know a person are told that something happened, never what (PRV-16)."""

import base64
import json
import socket
from datetime import date, timedelta
from typing import Any

import pytest
from conftest import Clock
from django.db import transaction
from django.test import Client
from people import (
    claims_of,
    code_for,
    redeem,
    register_client,
    sign_in,
)
from told_site import ToldSite, customer, shop, site

from panjereh.sdk.feeds.following.actions import Match
from panjereh.sso.consents.actions import give_consent, withdraw_consent
from panjereh.sso.events import actions, telling
from panjereh.sso.events.actions import tell_agencies
from panjereh.sso.events.kinds import KINDS
from panjereh.sso.events.models import Acquaintance, Event
from panjereh.sso.events.telling import tell_due
from panjereh.sso.jobs import sweep_expired
from panjereh.sso.models import Grant, Person, RelyingParty, Session
from panjereh.sso.policy import policy
from panjereh.sso.provider.subjects import subject
from panjereh.sso.registry_news import following
from panjereh.sso.relying_parties.actions import RegistrationRefused
from panjereh.sso.sessions.actions import end_session

__all__ = ["customer", "shop", "site"]

pytestmark = pytest.mark.django_db


def changed(person: Person, sequence: int = 17) -> None:
    following.change_told(
        Match(
            feed="civil-registry/changed-identity",
            national_id=person.national_id,
            change_date=date(2026, 11, 22),
            state="",
            sequence=sequence,
            request_id="brought-by-this-call",
        )
    )


def header(token: str) -> dict[str, Any]:
    head: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token.partition(".")[0] + "==="))
    return head


@pytest.mark.req("PRV-16", "SSO-24")
def test_a_changed_identity_is_told_to_each_site_that_knows_the_person_and_not_what_changed(
    customer: Person, site: ToldSite, browser: Client
) -> None:
    for name in ("stranger", "deaf"):
        register_client(name, agency=name)
    actions.take_events("stranger", actor="test", address=site.address)
    redeem(browser, code_for(browser, client_id="deaf"), client_id="deaf")

    changed(customer)
    changed(customer)  # the same file

    assert tell_due() == 1
    (token,) = site.tokens
    assert site.kinds == ["application/secevent+jwt"]
    assert header(token)["typ"] == "secevent+jwt"
    claims = claims_of(browser, token)
    assert claims["iss"] == "http://sso.localhost:8101"
    assert claims["aud"] == "shop"
    assert claims["sub_id"] == {
        "format": "iss_sub",
        "iss": claims["iss"],
        "sub": subject(customer.id, "shop-agency"),
    }
    assert claims["events"] == {"urn:panjereh:event:identity-changed": {}}, "that, never what"
    assert claims["txn"] == "civil-registry/changed-identity/17"
    assert not {"sub", "exp", "nonce"} & claims.keys(), "it can pass for no other token"
    assert claims["jti"] == str(Event.objects.get().id)
    assert Event.objects.get().delivered_at is not None
    assert tell_due() == 0


@pytest.mark.req("SSO-25")
def test_a_death_is_told_as_a_closed_account_and_as_no_death(
    customer: Person, site: ToldSite, browser: Client
) -> None:
    for state in ("deceased", "alive"):
        following.death_told(
            Match(
                feed="civil-registry/deceased",
                national_id=customer.national_id,
                change_date=date(2026, 11, 22),
                state=state,
                sequence=17,
                request_id="brought-by-this-call",
            )
        )
    while tell_due():
        pass
    told = [claims_of(browser, token) for token in site.tokens]
    assert sorted(name for claims in told for name in claims["events"]) == sorted(
        [KINDS["session-revoked"], KINDS["account-disabled"], KINDS["account-enabled"]]
    )
    assert "deceased" not in json.dumps(told)


def test_the_end_of_a_session_is_told_to_the_sites_it_was_used_at_and_to_no_other(
    customer: Person, site: ToldSite, browser: Client
) -> None:
    first = Session.objects.get()
    sign_in(browser, customer)  # another session, not used at the shop
    second = Session.objects.exclude(id=first.id).get()
    end_session(second.id, actor=customer.id)
    assert not Event.objects.exists()

    end_session(first.id, actor=customer.id)

    assert tell_due() == 1
    claims = claims_of(browser, site.tokens[0])
    assert claims["sub_id"]["session"] == {"format": "opaque", "id": str(first.id)}
    assert claims["sub_id"]["user"]["sub"] == subject(customer.id, "shop-agency")


@pytest.mark.req("PRV-15")
def test_a_withdrawn_consent_is_told_to_that_site_only(
    customer: Person, site: ToldSite, browser: Client
) -> None:
    register_client("other")
    actions.take_events("other", actor="test", address=site.address)
    redeem(browser, code_for(browser, client_id="other"), client_id="other")
    shop = RelyingParty.objects.get(client_id="shop")
    withdraw_consent(actor=customer.id, client_id="shop")
    assert not Event.objects.exists(), "there was none"
    give_consent(actor=customer.id, party=shop, claims=["family_name"])
    withdraw_consent(actor=customer.id, client_id="shop")
    assert Event.objects.get().client_id == "shop"


def test_what_did_not_happen_is_not_told(customer: Person) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        tell_agencies(customer.id, "account-purged")
        raise RuntimeError
    assert not Event.objects.exists()


def test_an_unknown_kind_is_a_mistake_of_ours(customer: Person) -> None:
    with pytest.raises(ValueError, match="unknown kind"):
        tell_agencies(customer.id, "shoe-size-changed")


def test_a_site_still_knows_the_person_when_its_grant_is_no_longer_kept(
    customer: Person, browser: Client, clock: Clock
) -> None:
    register_client("tried")
    code_for(browser, client_id="tried")
    clock.forward(days=policy().grants_kept.days + 1)
    sweep_expired()  # the access token first
    sweep_expired()
    assert not Grant.objects.exists()
    assert Acquaintance.objects.get().client_id == "shop"
    tell_agencies(customer.id, "account-purged")
    assert Event.objects.get().client_id == "shop"


@pytest.mark.parametrize("status", [500, 400, 302])
def test_a_site_that_fails_is_told_again_ever_more_slowly(
    customer: Person, site: ToldSite, clock: Clock, status: int
) -> None:
    tell_agencies(customer.id, "credential-change")
    site.status, site.headers = status, {"Location": "http://169.254.169.254/latest/meta-data"}
    for tries, pause in enumerate(policy().event_pauses[:3], start=1):
        assert tell_due() == 1
        assert tell_due() == 0, "not at once"
        event = Event.objects.get()
        assert (event.tries, event.last_outcome) == (tries, f"status-{status}")
        clock.forward(seconds=pause)
    site.status = 202
    assert tell_due() == 1
    assert Event.objects.get().delivered_at is not None
    assert set(site.paths) == {"/signin/security-events"}, "a redirect is not followed"


def test_a_site_that_stays_away_is_given_up_after_the_stated_time(
    customer: Person, site: ToldSite, clock: Clock
) -> None:
    tell_agencies(customer.id, "credential-change")
    site.status = 500
    clock.forward(seconds=policy().events_given_up.total_seconds())
    tell_due()
    event = Event.objects.get()
    assert (event.given_up_at is not None, event.last_outcome) == (True, "status-500")
    clock.forward(days=1)
    assert tell_due() == 0


def test_a_site_that_is_away_waits_as_a_whole(
    customer: Person, site: ToldSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its thousand events must not stand in the way of everybody else's."""
    monkeypatch.setattr(telling, "BATCH", 2)
    site.status = 503
    for _ in range(6):
        tell_agencies(customer.id, "credential-change")
    assert tell_due() == 2
    assert tell_due() == 0
    assert len(site.tokens) == 2


def test_a_slow_site_does_not_hold_up_the_others(
    customer: Person, site: ToldSite, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "TIMEOUT", timedelta(seconds=2))
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        register_client("silent")
        address = f"http://silent.localhost:{silent.getsockname()[1]}/"
        actions.take_events("silent", actor="test", address=address)
        redeem(browser, code_for(browser, client_id="silent"), client_id="silent")
        tell_agencies(customer.id, "credential-change")
        assert tell_due() == 2
    outcomes = dict(Event.objects.values_list("client_id", "last_outcome"))
    assert outcomes["silent"] == "unreachable"
    assert len(site.tokens) == 1


def test_a_worker_that_dies_while_telling_tells_again_under_the_same_number(
    customer: Person,
    site: ToldSite,
    browser: Client,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tell_agencies(customer.id, "credential-change")

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
        broken.setattr(telling, "_mark", dies)
        tell_due()
    assert tell_due() == 0, "leased"
    clock.forward(seconds=31)
    assert tell_due() == 1
    first, second = (claims_of(browser, token)["jti"] for token in site.tokens)
    assert first == second


def test_an_address_inside_is_noted_and_not_called(
    customer: Person, site: ToldSite, settings: Any
) -> None:
    tell_agencies(customer.id, "credential-change")
    settings.PROFILE = "production"
    tell_due()
    assert Event.objects.get().last_outcome == "address-refused"
    assert site.tokens == []


@pytest.mark.parametrize(
    "address", ["http://shop.example/", "https://u@shop.example/", "ftp://shop.example/", "/x"]
)
def test_odd_addresses_are_not_let_in(shop: str, address: str) -> None:
    with pytest.raises(RegistrationRefused):
        actions.take_events(shop, actor="test", address=address)


def test_a_site_that_takes_no_more_events_is_told_nothing_more(
    customer: Person, site: ToldSite
) -> None:
    tell_agencies(customer.id, "credential-change")
    actions.take_no_events("shop", actor="test")
    assert tell_due() == 0
    tell_agencies(customer.id, "credential-change")
    assert Event.objects.count() == 1
