"""The SDK on both ends with the real gateway between: what agencies and providers build on."""

import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from collecting import Collected
from world import Caller, GatewayProcess, World

from panjereh.common.http_signatures import content_digest
from panjereh.exchange import actions
from panjereh.exchange.gateway import faults
from panjereh.exchange.models import Service
from panjereh.runtime.ports import free_port
from panjereh.sandbox.channel_keys import make_channel_keys
from panjereh.sdk import exchange

SYSTEM = "django-provider"
IDENTITY = exchange._identity


@pytest.fixture(scope="module")
def greeting(world: World) -> Iterator[Service]:
    """The service of a Django provider that runs as a process of its own."""
    keys, port = world.home / "keys", free_port()
    (keys / "providers" / f"{SYSTEM}.hmac").write_text("17" * 32)
    program = Path(__file__).with_name("django_provider.py")
    with (world.home / "django-provider.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, str(program), str(keys), str(port)], stdout=log, stderr=log
        )
    base_url = f"http://127.0.0.1:{port}/{SYSTEM}"
    system = actions.register_system(
        actor=world.operator,
        member=world.member,
        code=SYSTEM,
        name={"fa": "نمونه", "en": "Sample"},
        base_url=base_url,
    )
    world.give_key(system)
    service = actions.register_service(
        actor=world.operator, system=system, code="greet", title={"fa": "سلام", "en": "Greet"}
    )
    wait_for_port(port)
    yield service
    process.terminate()
    process.wait()


@pytest.fixture
def consumer(
    world: World,
    gateway: GatewayProcess,
    greeting: Service,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Caller:
    """This process is a consumer with a grant, in the eyes of the SDK."""
    caller = world.new_system()
    world.grant(caller, greeting, ["/greeting", "/consumer", "/case", "/user", "/key"])
    gateway.catch_up()
    directory = {SYSTEM: greeting.system.x_road_id, caller.system.code: caller.x_road_id}
    monkeypatch.setattr(exchange, "_directory", lambda: directory)
    monkeypatch.setattr(exchange, "_identity", lambda: (caller.x_road_id, caller.key))
    settings.EXCHANGE_URL = f"http://127.0.0.1:{gateway.port}"
    return caller


@pytest.mark.req("NIX-31")
def test_a_call_on_a_channel_of_mutual_tls_needs_no_signature(
    world: World,
    consumer: Caller,
    gateway: GatewayProcess,
    collected: Collected,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code = consumer.system.code
    make_channel_keys(world.home / "keys", [code])
    certificate = (world.home / "keys" / "systems" / f"{code}.crt").read_bytes()
    actions.add_certificate(actor=world.operator, system=consumer.system, certificate=certificate)
    gateway.catch_up()
    settings.KEYS, settings.EXCHANGE_SYSTEM = world.home / "keys", code
    settings.EXCHANGE_URL = f"https://localhost:{gateway.door_port('gsb-tls')}"
    monkeypatch.setattr(exchange, "_identity", IDENTITY)
    exchange._client.cache_clear()
    answer = exchange.call(
        SYSTEM, "greet", {"name": "نیکا"}, user="0012345679", idempotency_key="once"
    )
    exchange._client.cache_clear()
    exchange._identity.cache_clear()

    assert answer["user"] == "0012345679"
    assert collected.one(consumer).status == 200


@pytest.mark.req("NIX-05", "NIX-06", "NIX-31")
def test_a_call_from_sdk_to_sdk(consumer: Caller, collected: Collected) -> None:
    answer = exchange.call(
        SYSTEM,
        "greet",
        {"name": "نیکا"},
        case="14050902-7K3M-9QRT",
        user="0012345679",
        idempotency_key="once",
    )

    assert answer == {
        "greeting": "سلام نیکا",
        "consumer": consumer.x_road_id,
        "case": "14050902-7K3M-9QRT",
        "user": "0012345679",
        "key": f"{consumer.x_road_id}:once",
    }
    record = collected.one(consumer)
    assert (record.issue, record.status, record.cut_fields) == ("14050902-7K3M-9QRT", 200, 1)


def test_errors_of_the_provider_keep_their_code(consumer: Caller) -> None:
    with pytest.raises(exchange.Rejected) as unknown:
        exchange.call(SYSTEM, "greet", {"name": "nobody"}, idempotency_key="x")
    with pytest.raises(exchange.Rejected) as keyless:
        exchange.call(SYSTEM, "greet", {"name": "نیکا"})
    with pytest.raises(exchange.Rejected) as invalid:
        exchange.call(SYSTEM, "greet", {"named": "نیکا"})

    codes = [caught.value.code for caught in (unknown, keyless, invalid)]
    assert codes == ["person-unknown", "idempotency-key-missing", "body-invalid"]
    assert [caught.value.status for caught in (unknown, keyless, invalid)] == [404, 400, 422]
    assert unknown.value.request_id


def test_refusals_and_troubles_of_the_exchange_are_told_apart(
    world: World, consumer: Caller, greeting: Service, gateway: GatewayProcess
) -> None:
    actions.disable_service(actor=world.operator, service=greeting, notice="closed")
    gateway.catch_up()
    with pytest.raises(exchange.Refused) as closed:
        exchange.call(SYSTEM, "greet", {"name": "x"})
    actions.enable_service(actor=world.operator, service=greeting)
    url = greeting.system.base_url
    actions.move_system(
        actor=world.operator, system=greeting.system, base_url=f"http://127.0.0.1:{free_port()}"
    )
    gateway.catch_up()
    with pytest.raises(exchange.Unavailable) as down:
        exchange.call(SYSTEM, "greet", {"name": "x"})
    actions.move_system(actor=world.operator, system=greeting.system, base_url=url)
    gateway.catch_up()

    assert (closed.value.cause, closed.value.detail) == ("provider", "closed")
    assert (down.value.cause, down.value.status) == ("provider", 500)


@pytest.mark.req("NIX-01")
def test_a_provider_answers_nobody_but_the_exchange(greeting: Service) -> None:
    host = greeting.system.base_url.split("/")[2]
    body = json.dumps({"name": "x"}).encode()
    forged = {"x-road-client": "IR-TEST/GOV/1/x", "content-digest": content_digest(body)}
    for headers in ({}, forged):
        wire = http.client.HTTPConnection(host)
        wire.request(
            "POST", f"/{SYSTEM}/greet", body, {"content-type": "application/json"} | headers
        )
        answer = wire.getresponse()
        told = json.loads(answer.read())
        wire.close()
        assert (answer.status, told["code"]) == (401, "not-through-the-exchange")


def test_the_description_of_the_provider_comes_through_the_exchange(
    consumer: Caller, greeting: Service, gateway: GatewayProcess
) -> None:
    target = f"/r1/{greeting.system.x_road_id}/getOpenAPI?serviceCode=greet"

    described = gateway.get(target).json

    assert described["info"]["title"] == "A provider of the tests"
    assert described["servers"] == [{"url": f"/r1/{greeting.system.x_road_id}"}]


def test_a_repeated_call_under_one_key_reaches_the_provider_with_that_key(
    consumer: Caller, collected: Collected
) -> None:
    keys = {
        exchange.call(SYSTEM, "greet", {"name": "x"}, idempotency_key="same")["key"]
        for _ in range(2)
    }

    assert keys == {f"{consumer.x_road_id}:same"}
    assert len(collected.of(consumer)) == 2


def wait_for_port(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the provider does not start")


def test_the_errors_that_pass_are_those_of_the_gateway() -> None:
    """A fault that may pass by itself is retried by the SDK; the list is kept beside its client."""
    passing = [
        faults.service_failed("timeout", ""),
        faults.logging_failed(),
        faults.policy_unavailable(),
        faults.quota_exceeded(1, 1),
        faults.overloaded(),
        faults.not_ready(),
    ]
    lasting = [
        faults.access_denied(""),
        faults.unknown_service(),
        faults.service_disabled(""),
        faults.not_authenticated(""),
        faults.bad_request(""),
    ]
    kinds = [
        type(exchange._error(fault.status, {"x-road-error": fault.type}, {})).__name__
        for fault in passing + lasting
    ]
    assert kinds == ["Unavailable"] * len(passing) + ["Refused"] * len(lasting)
