"""What a gateway does at its limits: overload, its own failures, a database without a policy."""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from collecting import Collected
from provider import Provider, hangs
from psycopg.sql import SQL, Identifier
from world import GatewayProcess, World, suite_database_url

from panjereh.exchange.gateway.caller import MEMORY_SECONDS, Replays
from panjereh.exchange.gateway.faults import Fault
from panjereh.exchange.gateway.policy import Permission
from panjereh.exchange.gateway.pressure import Pressure
from panjereh.exchange.gateway.quota import Quotas
from panjereh.runtime.embedded import Nats

EMPTY = "exchange_empty"
OVERLOADED = "server.serverproxy.overloaded"


def test_at_its_limit_a_gateway_sheds_calls_and_keeps_those_it_took(
    world: World,
    nats: Nats,
    provider: Provider,
    collected: Collected,
    in_threads: Callable[..., list[Any]],
) -> None:
    caller, service = world.allowed()
    limit = {"PANJEREH_GATEWAY_MAX_CALLS": "3"}
    with GatewayProcess(world.home, suite_database_url(), nats.url, limit) as gateway:
        gateway.catch_up()
        answer_normally = provider.reply

        def slowly(wire: Any) -> None:
            hangs(0.7)(wire)
            answer_normally(wire)

        provider.behave(slowly)

        def at_last() -> Any:
            time.sleep(0.3)
            return gateway.call_at_once(caller, service)

        taken = [lambda: gateway.call_at_once(caller, service)] * 3
        *kept, shed = in_threads(*taken, at_last)

        assert [answer.status for answer in kept] == [200] * 3
        assert (shed.status, shed.error) == (503, OVERLOADED)
        assert shed.headers["retry-after"] == "1"
        assert gateway.call_at_once(caller, service).status == 200
    assert len(collected.of(caller)) == 4  # whom the gateway did not look at, it does not know


@pytest.mark.req("NIX-32")
def test_under_more_load_than_it_can_bear_every_call_is_answered_or_shed_and_none_is_lost(
    world: World,
    nats: Nats,
    provider: Provider,
    collected: Collected,
    in_threads: Callable[..., list[Any]],
) -> None:
    caller, service = world.allowed()
    limit = {"PANJEREH_GATEWAY_MAX_CALLS": "4"}
    with GatewayProcess(world.home, suite_database_url(), nats.url, limit) as gateway:
        gateway.catch_up()
        answer_normally = provider.reply

        def slowly(wire: Any) -> None:
            hangs(0.02)(wire)
            answer_normally(wire)

        provider.behave(slowly)

        def insist() -> list[Any]:
            return [gateway.call_at_once(caller, service) for _ in range(25)]

        answers = [answer for some in in_threads(*[insist] * 16) for answer in some]
        after = gateway.call_at_once(caller, service)

    kept = [answer for answer in answers if answer.status == 200]
    shed = [answer for answer in answers if answer.status == 503]
    assert len(kept) + len(shed) == 400 and kept and shed
    assert {(a.error, a.headers["retry-after"]) for a in shed} == {(OVERLOADED, "1")}
    assert after.status == 200
    assert len(provider.asked) == len(kept) + 1
    records = {str(record.request_id): record.status for record in collected.of(caller)}
    assert records == {a.headers["x-road-request-id"]: 200 for a in [*kept, after]}


def test_a_gateway_whose_loop_is_late_sheds_until_it_has_caught_up() -> None:
    pressure = Pressure()

    told = []
    for late in (0.0, 0.1, 0.2, 0.1, 0.01, 0.1):
        pressure.note(late)
        told.append(pressure.high)

    assert told == [False, False, True, True, False, False]


def test_the_lateness_of_the_loop_is_noticed() -> None:
    async def hold_up() -> list[bool]:
        pressure = Pressure()
        beating = asyncio.create_task(pressure.run())
        await asyncio.sleep(0.05)
        told = [pressure.high]
        time.sleep(0.4)
        await asyncio.sleep(0.001)
        told.append(pressure.high)
        beating.cancel()
        return told

    assert asyncio.run(hold_up()) == [False, True]


def test_a_failure_of_the_gateway_itself_is_answered_recorded_and_logged(
    world: World, gateway: GatewayProcess, collected: Collected
) -> None:
    broken = world.new_system(base_url=world.provider_url)
    service = world.new_service(system=broken.system)
    (world.home / "keys" / "providers" / f"{broken.system.code}.hmac").write_text("not hex")
    caller = world.new_system()
    world.grant(caller, service, ["/ok"])

    answer = gateway.call(caller, service)

    assert answer.error == "server.serverproxy.internal_error"
    record = collected.one(caller)
    assert (record.cause, record.error_code) == ("gateway", answer.error)
    assert answer.headers["x-road-request-id"] in gateway.log.read_text()


@pytest.fixture
def empty_database() -> Iterator[str]:
    with psycopg.connect(suite_database_url("postgres"), autocommit=True) as wire:
        wire.execute(SQL("CREATE DATABASE {}").format(Identifier(EMPTY)))
        yield suite_database_url(EMPTY)
        wire.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(EMPTY)))


def test_without_a_policy_nobody_is_served(world: World, nats: Nats, empty_database: str) -> None:
    caller, service = world.allowed()
    gateway = GatewayProcess(world.home, empty_database, nats.url)
    gateway.start(healthy=False)
    try:
        gateway.wait_until(503)
        deadline = time.monotonic() + 10
        while gateway.call_at_once(caller, service).error == "server.serverproxy.not_ready":
            assert time.monotonic() < deadline
            time.sleep(0.1)

        answer = gateway.call_at_once(caller, service)

        assert answer.error == "server.serverproxy.policy_unavailable"
        assert gateway.get("/listClients").error == "server.serverproxy.policy_unavailable"
    finally:
        gateway.kill()


def test_a_message_is_remembered_for_as_long_as_its_signature_could_be_used() -> None:
    now = [1000.0]
    replays = Replays(lambda: now[0])

    assert replays.remember("a")
    for _ in range(12):
        now[0] += MEMORY_SECONDS / 12
        assert not replays.remember("a")
        assert replays.remember(f"other {now[0]}")

    now[0] += 2 * MEMORY_SECONDS
    replays.remember("b")
    now[0] += 2 * MEMORY_SECONDS
    assert replays.remember("a")


def test_a_quota_counts_each_grant_by_itself_and_starts_anew_each_minute() -> None:
    now = [600.0]
    quotas = Quotas(lambda: now[0])
    small, other = permission(1, per_minute=2), permission(2, per_minute=2)

    for _ in range(2):
        quotas.take(small)
    with pytest.raises(Fault) as exceeded:
        quotas.take(small)
    quotas.take(other)
    now[0] += 59.5
    with pytest.raises(Fault):
        quotas.take(small)
    now[0] += 0.5
    quotas.take(small)

    assert exceeded.value.retry_after == 60


def permission(grant_id: int, *, per_minute: int) -> Permission:
    return Permission(grant_id, {}, per_minute, not_before=0, not_after=None)
