"""A site that cannot be pushed to collects its events (RFC 8936)."""

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus

import pytest
from conftest import Clock
from django.test import Client
from people import (
    HOST,
    SECRET,
    claims_of,
    register_client,
)
from told_site import ToldSite, customer, shop, site

from panjereh.sso.events import actions
from panjereh.sso.events.actions import tell_agencies
from panjereh.sso.events.models import Event, Receiver
from panjereh.sso.events.telling import tell_due
from panjereh.sso.models import Person

__all__ = ["customer", "shop", "site"]

pytestmark = pytest.mark.django_db

COLLECT = "/security-events/collect"


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
    answers: dict[str, Callable[[], Any]] = {
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
