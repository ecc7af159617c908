"""A call with a grant, a call without one, and what comes back."""

import json
import time
from datetime import timedelta

import pytest
from collecting import Collected
from provider import Provider, http, says, says_json
from world import PROVIDER_KEY, GatewayProcess, World

from panjereh.common import clock
from panjereh.common.http_signatures import content_digest, hmac_verifier, parse
from panjereh.exchange import actions
from panjereh.exchange.approvals.actions.grants import revoke_grant

CHILD = {"given_name": "نیکا", "national_id": "0012345679", "school": "secret"}
FAMILY = {
    "spouse": None,
    "children": [CHILD, {**CHILD, "given_name": "آرش"}],
    "address": {"city": "secret"},
    "income": 1.10,
}


@pytest.mark.req("NIX-05", "NIX-24")
def test_a_granted_call_is_answered_with_the_headers_of_r1(
    world: World, gateway: GatewayProcess, provider: Provider, collected: Collected
) -> None:
    caller, service = world.allowed(["/ok"])

    answer = gateway.call(caller, service, {"q": 1}, x_road_id="message-1", x_road_issue="T-7")

    assert (answer.status, answer.json) == (200, {"ok": True})
    assert answer.headers["x-road-id"] == "message-1"
    assert answer.headers["x-road-client"] == caller.x_road_id
    assert answer.headers["x-road-service"] == service.x_road_id
    assert answer.headers["content-digest"] == content_digest(answer.body)
    assert answer.headers["x-road-request-hash"]
    assert "x-road-error" not in answer.headers
    record = collected.one(caller)
    assert str(record.request_id) == answer.headers["x-road-request-id"]
    assert (record.status, record.cause, record.error_code) == (200, "", "")
    assert (record.x_road_id, record.issue) == ("message-1", "T-7")
    assert (record.provider, record.service) == (world.provider.x_road_id, service.code)
    assert (record.method, record.path_template) == ("POST", "/")
    assert record.request_digest == content_digest(json.dumps({"q": 1}).encode())
    assert record.response_digest == answer.headers["content-digest"]
    assert (record.request_size, record.response_size) == (8, len(answer.body))
    assert record.forwarded_at and record.answered_at
    assert record.received_at <= record.forwarded_at <= record.answered_at <= record.finished_at


@pytest.mark.req("NIX-06")
def test_items_beyond_the_grant_are_cut_inside_arrays_too_and_counted(
    world: World, gateway: GatewayProcess, provider: Provider, collected: Collected
) -> None:
    caller, service = world.allowed(["/children/given_name", "/spouse/given_name"])
    provider.behave(says_json(FAMILY))

    answer = gateway.call(caller, service)

    assert answer.json == {
        "spouse": None,
        "children": [{"given_name": "نیکا"}, {"given_name": "آرش"}],
    }
    assert b"secret" not in answer.body
    assert collected.one(caller).cut_fields == 6  # two in each child, address, income


@pytest.mark.req("NIX-06")
def test_granted_numbers_keep_every_digit_the_provider_wrote(
    world: World, gateway: GatewayProcess, provider: Provider
) -> None:
    caller, service = world.allowed(["/amount", "/big"])
    provider.behave(says(http(b'{"amount": 1.10, "big": 123456789012345678901234567890}')))

    answer = gateway.call(caller, service)

    assert answer.body == b'{"amount":1.10,"big":123456789012345678901234567890}'


@pytest.mark.req("NIX-06")
def test_a_grant_without_items_lets_only_the_status_through(
    world: World, gateway: GatewayProcess, provider: Provider
) -> None:
    caller, service = world.allowed([])

    answer = gateway.call(caller, service)

    assert (answer.status, answer.json) == (200, {})


def test_a_grant_of_the_whole_answer_passes_what_is_not_json(
    world: World, gateway: GatewayProcess, provider: Provider
) -> None:
    caller, service = world.allowed([""])
    provider.behave(says(http(b"%PDF-2.0", content_type="application/pdf")))

    answer = gateway.call(caller, service)

    assert (answer.body, answer.headers["content-type"]) == (b"%PDF-2.0", "application/pdf")


@pytest.mark.req("NIX-05", "NIX-01")
def test_without_a_grant_nothing_reaches_the_provider(
    world: World, gateway: GatewayProcess, provider: Provider, collected: Collected
) -> None:
    caller, service = world.new_system(), world.new_service()
    provider.behave()

    answer = gateway.call(caller, service)

    assert (answer.status, answer.error) == (500, "server.serverproxy.access_denied")
    assert answer.json["type"] == answer.error
    assert answer.json["detail"] == answer.headers["x-road-request-id"]
    assert answer.json["cause"] == "consumer"
    assert provider.asked == []
    record = collected.of(caller)[-1]
    assert (record.status, record.cause) == (500, "consumer")
    assert record.error_code == "server.serverproxy.access_denied"


@pytest.mark.req("NIX-05")
def test_a_grant_of_one_system_is_of_no_use_to_another_of_the_same_member(
    world: World, gateway: GatewayProcess
) -> None:
    _, service = world.allowed()
    other = world.new_system()

    assert gateway.call(other, service).error == "server.serverproxy.access_denied"


@pytest.mark.req("NIX-05")
def test_a_revoked_grant_stops_working_within_two_seconds(
    world: World, gateway: GatewayProcess
) -> None:
    caller, service = world.new_system(), world.new_service()
    grant = world.grant(caller, service, ["/ok"])
    assert gateway.call(caller, service).status == 200

    revoke_grant(actor=world.operator, grant=grant)
    revoked_at = time.monotonic()
    while gateway.call_at_once(caller, service).status == 200:
        assert time.monotonic() - revoked_at < 2

    assert gateway.call(caller, service).error == "server.serverproxy.access_denied"


def test_a_grant_is_valid_between_its_dates_only(world: World, gateway: GatewayProcess) -> None:
    day = timedelta(days=1)
    early, service = world.allowed(not_before=clock.now() + day)
    late, expired = world.allowed(not_before=clock.now() - 2 * day, not_after=clock.now() - day)

    answers = [gateway.call(early, service), gateway.call(late, expired)]

    assert [a.error for a in answers] == ["server.serverproxy.access_denied"] * 2
    assert [a.json["message"] for a in answers] == [
        "the grant is not valid yet",
        "the grant has expired",
    ]


def test_a_quota_holds_and_says_when_to_come_back(
    world: World, gateway: GatewayProcess, collected: Collected
) -> None:
    caller, service = world.allowed(quota_per_minute=3)
    wait_for_a_whole_minute(6)

    answers = [gateway.call(caller, service) for _ in range(4)]

    assert [a.status for a in answers] == [200, 200, 200, 500]
    assert answers[-1].error == "server.serverproxy.quota_exceeded"
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    assert [r.cause for r in collected.of(caller)] == ["", "", "", "consumer"]


def test_an_unknown_service_and_an_unknown_method_or_path(
    world: World, gateway: GatewayProcess
) -> None:
    caller, service = world.allowed()
    target = f"/r1/{service.x_road_id}"
    gateway.catch_up()

    answers = [
        gateway.send("POST", f"{target}x", b"{}", caller.signed("POST", f"{target}x", b"{}")),
        gateway.send("GET", target, b"", caller.signed("GET", target)),
        gateway.call(caller, service, path="/deeper"),
    ]

    assert [a.error for a in answers] == ["server.serverproxy.unknown_service"] * 3


def test_path_templates_match_and_are_what_the_record_keeps(
    world: World, gateway: GatewayProcess, provider: Provider, collected: Collected
) -> None:
    endpoints = [{"method": "GET", "path": "/people/{id}"}]
    caller, service = world.new_system(), world.new_service(endpoints=endpoints)
    world.grant(caller, service, ["/ok"])
    target = f"/r1/{service.x_road_id}/people/0012345679?part=%20a'b"
    gateway.catch_up()

    answer = gateway.send("GET", target, b"", caller.signed("GET", target))

    assert answer.status == 200
    assert provider.asked[0].target == f"/provider/{service.code}/people/0012345679?part=%20a'b"
    assert provider_verifies(provider)
    record = collected.one(caller)
    assert (record.method, record.path_template) == ("GET", "/people/{id}")


def test_a_disabled_service_answers_with_its_notice(world: World, gateway: GatewayProcess) -> None:
    caller, service = world.allowed()
    assert gateway.call(caller, service).status == 200

    actions.disable_service(actor=world.operator, service=service, notice="back at noon")
    answer = gateway.call(caller, service)
    assert answer.error == "server.serverproxy.service_disabled"
    assert answer.json["message"] == "back at noon"

    actions.enable_service(actor=world.operator, service=service)
    assert gateway.call(caller, service).status == 200


def test_a_disabled_system_can_neither_call_nor_answer(
    world: World, gateway: GatewayProcess
) -> None:
    asker = world.new_system()
    answerer = world.new_system(base_url=f"{world.provider_url}/provider")
    service = world.new_service(system=answerer.system)
    world.grant(asker, service, ["/ok"])
    own_caller, own_service = world.allowed()
    assert gateway.call(own_caller, own_service).status == 200

    for system in (answerer.system, own_caller.system):
        actions.disable_system(actor=world.operator, system=system)

    assert gateway.call(asker, service).error == "server.serverproxy.service_disabled"
    denied = gateway.call(own_caller, own_service)
    assert denied.error == "server.serverproxy.access_denied"


@pytest.mark.req("NIX-31")
def test_the_provider_can_verify_that_the_exchange_calls_and_gets_no_other_headers(
    world: World, gateway: GatewayProcess, provider: Provider
) -> None:
    caller, service = world.allowed()

    gateway.call(
        caller,
        service,
        {"q": 1},
        x_road_userid="IR0012345679",
        x_road_issue="T-9",
        idempotency_key="once",
        authorization="Bearer mine",
        x_road_security_server="mine",
        cookie="mine",
    )

    (asked,) = provider.asked
    assert provider_verifies(provider)
    assert asked.headers["content-digest"] == content_digest(asked.body)
    sent = {name for name in asked.headers if name.startswith(("x-", "id", "auth", "cook"))}
    assert sent == {
        "x-road-client",
        "x-road-id",
        "x-road-userid",
        "x-road-issue",
        "x-road-request-id",
        "idempotency-key",
        "x-exchange-time-left-ms",
    }


def test_an_error_of_the_service_passes_with_its_problem_members_only(
    world: World, gateway: GatewayProcess, provider: Provider, collected: Collected
) -> None:
    caller, service = world.allowed(["/ok"])
    problem = {"type": "urn:x", "status": 404, "code": "person-unknown", "person": "secret"}
    provider.behave(says_json(problem, status=404, content_type="application/problem+json"))

    answer = gateway.call(caller, service)

    assert answer.status == 404
    assert answer.json == {"type": "urn:x", "status": 404, "code": "person-unknown"}
    assert answer.error == ""
    record = collected.one(caller)
    assert (record.status, record.cause, record.error_code) == (404, "consumer", "service_error")


def test_ids_in_the_path_may_be_percent_encoded(world: World, gateway: GatewayProcess) -> None:
    caller, service = world.allowed()
    target = f"/r1/{service.x_road_id}".replace("GOV", "%47%4fV")
    gateway.catch_up()

    answer = gateway.send("POST", target, b"{}", caller.signed("POST", target, b"{}"))

    assert answer.status == 200


@pytest.mark.req("PRV-01", "PRV-13")
def test_who_acts_is_kept_as_a_pseudonym_only(
    world: World, gateway: GatewayProcess, collected: Collected
) -> None:
    caller, service = world.allowed()

    for user in ("IR0012345679", "IR0012345679", "IR0023456782"):
        gateway.call(caller, service, x_road_userid=user)

    first, same, other = [r.user_pseudonym for r in collected.of(caller)]
    assert first == same != other
    assert len(first) == 32 and "0012345679" not in first


def provider_verifies(provider: Provider) -> bool:
    asked = provider.asked[-1]
    claim = parse(asked.method, asked.target, asked.headers)
    claim.check(hmac_verifier(PROVIDER_KEY))
    return (claim.keyid, claim.algorithm) == ("provider", "hmac-sha256")


def wait_for_a_whole_minute(seconds: float) -> None:
    """Quotas are counted per minute of the clock; begin where enough of it is left."""
    left = 60 - time.time() % 60
    if left < seconds:
        time.sleep(left)
