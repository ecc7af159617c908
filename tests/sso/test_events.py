"""Sites that know a person are told that something happened, never what (PRV-16)."""

import base64
import json
import socket
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote_plus

import pytest
from conftest import Clock
from django.db import transaction
from django.test import Client
from people import (
    HOST,
    SECRET,
    citizen,
    claims_of,
    code_for,
    redeem,
    register_client,
    registered,
    sign_in,
)
from told_site import ToldSite, told_site

from panjereh.sdk.feeds.following.actions import Match
from panjereh.sso.consents.actions import give_consent, withdraw_consent
from panjereh.sso.events import actions, telling
from panjereh.sso.events.actions import tell_agencies
from panjereh.sso.events.kinds import KINDS
from panjereh.sso.events.models import Acquaintance, Event, Receiver
from panjereh.sso.events.telling import tell_due
from panjereh.sso.jobs import sweep_expired
from panjereh.sso.models import Grant, Person, RelyingParty, Session
from panjereh.sso.policy import policy
from panjereh.sso.provider.subjects import subject
from panjereh.sso.registry_news import following
from panjereh.sso.relying_parties.actions import RegistrationRefused
from panjereh.sso.sessions.actions import end_session
from panjereh.sso.staff.actions import appoint_officer, the_installation
from panjereh.sso.staff.models import Act

pytestmark = pytest.mark.django_db

COLLECT = "/security-events/collect"


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[ToldSite]:
    # A loaded machine may need long for the first answer; slowness has its own test.
    monkeypatch.setattr(telling, "TIMEOUT", timedelta(seconds=30))
    with told_site() as site:
        yield site


@pytest.fixture
def shop(site: ToldSite, transactional_db: None) -> str:
    register_client("shop", agency="shop-agency")
    actions.take_events("shop", actor="test", address=site.address)
    return "shop"


@pytest.fixture
def customer(shop: str, browser: Client) -> Person:
    """Somebody who signs in at the shop."""
    person = registered(citizen())
    sign_in(browser, person)
    redeem(browser, code_for(browser, client_id=shop), client_id=shop)
    return person


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


# A site that cannot be pushed to


def collect(client: Client, secret: str = SECRET, client_id: str = "shop", **asked: Any) -> Any:
    basic = base64.b64encode(f"{client_id}:{quote_plus(secret)}".encode()).decode()
    return client.post(
        COLLECT,
        json.dumps(asked),
        content_type="application/json",
        headers={"Authorization": f"Basic {basic}"},
        **HOST,
    )


@pytest.fixture
def collector(customer: Person) -> Person:
    actions.take_events("shop", actor="test")
    return customer


def test_a_site_collects_what_is_left_for_it_and_says_what_it_has(
    collector: Person, browser: Client
) -> None:
    for kind in ("credential-change", "identifier-changed", "account-purged"):
        tell_agencies(collector.id, kind)
    assert tell_due() == 0, "nothing is pushed"
    first = collect(browser, maxEvents=2).json()
    assert (len(first["sets"]), first["moreAvailable"]) == (2, True)
    for jti, token in first["sets"].items():
        assert claims_of(browser, token)["jti"] == jti
    assert collect(browser, maxEvents=2).json()["sets"].keys() == first["sets"].keys()
    taken, broken = first["sets"]
    left = collect(browser, ack=[taken], setErrs={broken: {"err": "invalid_key"}}).json()
    assert (len(left["sets"]), left["moreAvailable"]) == (1, False)
    assert Event.objects.get(id=taken).delivered_at is not None
    assert Event.objects.get(id=broken).last_outcome == "refused-invalid_key"


def test_what_is_not_collected_is_given_up_after_the_stated_time(
    collector: Person, browser: Client, clock: Clock
) -> None:
    tell_agencies(collector.id, "credential-change")
    assert actions.give_up_uncollected() == 0
    clock.forward(days=8)
    assert actions.give_up_uncollected() == 1
    assert collect(browser).json()["sets"] == {}
    assert Event.objects.get().last_outcome == "not-collected"


def test_nobody_collects_or_acknowledges_what_is_another_site_s(
    collector: Person, browser: Client
) -> None:
    tell_agencies(collector.id, "credential-change")
    register_client("other", secret="another-secret-" + "y" * 30)
    actions.take_events("other", actor="test")
    answer = collect(
        browser, "another-secret-" + "y" * 30, "other", ack=[str(Event.objects.get().id)]
    )
    assert answer.json()["sets"] == {}
    assert Event.objects.get().delivered_at is None


@pytest.mark.parametrize("case", ["no credentials", "wrong secret", "unknown", "takes none", "GET"])
def test_a_stranger_collects_nothing(collector: Person, browser: Client, case: str) -> None:
    tell_agencies(collector.id, "credential-change")
    if case == "takes none":
        Receiver.objects.all().delete()
    answers = {
        "no credentials": lambda: browser.post(COLLECT, "{}", content_type="application/json"),
        "wrong secret": lambda: collect(browser, "x" * 40),
        "unknown": lambda: collect(browser, client_id="nobody"),
        "takes none": lambda: collect(browser),
        "GET": lambda: browser.get(COLLECT),
    }
    assert answers[case]().status_code == (405 if case == "GET" else 401)


@pytest.mark.parametrize("body", ["[", '{"ack": ["x"]}', '{"maxEvents": "all"}', "null"])
def test_a_request_that_is_none_is_refused(collector: Person, browser: Client, body: str) -> None:
    basic = base64.b64encode(f"shop:{quote_plus(SECRET)}".encode()).decode()
    answer = browser.post(
        COLLECT,
        body,
        content_type="application/json",
        headers={"Authorization": f"Basic {basic}"},
    )
    assert (answer.status_code, answer.json()["err"]) == (400, "invalid_request")


def test_whoever_pushes_again_gets_what_was_left(collector: Person, site: ToldSite) -> None:
    tell_agencies(collector.id, "credential-change")
    actions.take_events("shop", actor="test", address=site.address)
    assert tell_due() == 1
    assert len(site.tokens) == 1


def test_what_is_offered_is_published(browser: Client) -> None:
    told = browser.get("/.well-known/ssf-configuration", **HOST).json()
    assert told["issuer"] == "http://sso.localhost:8101"
    assert told["delivery_methods_supported"] == ["urn:ietf:rfc:8935", "urn:ietf:rfc:8936"]


# The registrar's page

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
