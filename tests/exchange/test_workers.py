"""Several worker processes that are one gateway: one memory of messages, whoever dies."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from collecting import Collected
from provider import Provider
from world import GatewayProcess, World, suite_database_url

from panjereh.exchange.gateway.caller import MEMORY_SECONDS
from panjereh.exchange.gateway.faults import Fault
from panjereh.exchange.gateway.memory import SharedReplays
from panjereh.runtime.embedded import Nats

REPLAYED = "client.authentication_failed.replayed"


@pytest.fixture(scope="module")
def workers(world: World, nats: Nats) -> Iterator[GatewayProcess]:
    settings = {"PANJEREH_GATEWAY_WORKERS": "2", "PANJEREH_GATEWAY": "pair"}
    with GatewayProcess(world.home, suite_database_url(), nats.url, settings) as running:
        yield running


@pytest.mark.req("NIX-31", "NIX-32")
def test_a_message_is_taken_once_whichever_worker_gets_it(
    world: World,
    workers: GatewayProcess,
    provider: Provider,
    collected: Collected,
    in_threads: Callable[..., list[Any]],
) -> None:
    caller, service = world.allowed()
    everywhere(workers, world)
    provider.behave()
    target = f"/r1/{service.x_road_id}"
    headers = caller.signed("POST", target, b"{}")

    answers = in_threads(*[lambda: workers.send("POST", target, b"{}", headers)] * 16)

    assert Counter(answer.error for answer in answers) == {"": 1, REPLAYED: 15}
    assert len(provider.asked) == 1
    served = {record.gateway for record in collected.of(caller)}
    assert served == {"pair-0", "pair-1"}


@pytest.mark.req("NIX-32")
def test_a_worker_that_is_killed_is_started_anew_and_forgets_nothing(
    world: World, workers: GatewayProcess, provider: Provider
) -> None:
    caller, service = world.allowed()
    everywhere(workers, world)
    provider.behave()
    target = f"/r1/{service.x_road_id}"
    taken = [caller.signed("POST", target, b"{}") for _ in range(4)]
    assert {workers.send("POST", target, b"{}", headers).status for headers in taken} == {200}

    before = children(workers)
    os.kill(before[0], signal.SIGKILL)
    wait_until(lambda: len(children(workers)) == 2 and before[0] not in children(workers))
    # Each connection is given to one of the two, so a few calls ask both.
    wait_until(lambda: all(answers_well(workers) for _ in range(12)))
    everywhere(workers, world)

    again = [workers.send("POST", target, b"{}", headers).error for headers in taken * 4]
    assert set(again) == {REPLAYED}
    assert workers.call(caller, service).status == 200


def test_a_gateway_of_workers_that_cannot_live_ends(world: World, nats: Nats) -> None:
    settings = {"PANJEREH_GATEWAY_WORKERS": "2", "PANJEREH_POLICY_STALE_SECONDS": "no number"}
    gateway = GatewayProcess(world.home, suite_database_url(), nats.url, settings)
    gateway.start(healthy=False)
    assert gateway.process

    assert gateway.process.wait(30) != 0


def test_processes_share_what_they_remember() -> None:
    replays, context = SharedReplays(slots=1 << 14), get_context("fork")
    with context.Pool(4, initializer=inherit, initargs=(replays,)) as pool:
        messages = [f"message {number}" for number in range(2000)] * 4
        taken = pool.map(remember, messages, chunksize=100)

    assert Counter(taken) == {True: 2000, False: 6000}


def test_what_is_remembered_together_lasts_as_long_as_a_signature() -> None:
    now = [1000.0]
    replays = SharedReplays(slots=64, clock=lambda: now[0])

    assert replays.remember("a")
    for number in range(12):
        now[0] += MEMORY_SECONDS / 12
        assert not replays.remember("a")
        assert replays.remember(f"other {number}")
    now[0] += 2 * MEMORY_SECONDS
    replays.remember("b")
    now[0] += 2 * MEMORY_SECONDS
    assert replays.remember("a")


def test_a_memory_that_is_full_takes_no_more_calls() -> None:
    replays = SharedReplays(slots=64)
    for number in range(52):
        assert replays.remember(f"message {number}")

    with pytest.raises(Fault) as refused:
        replays.remember("one more")

    assert refused.value.type == "server.serverproxy.overloaded"
    assert not replays.remember("message 51")


_inherited: list[SharedReplays] = []


def inherit(replays: SharedReplays) -> None:
    _inherited.append(replays)


def remember(message: str) -> bool:
    return _inherited[0].remember(message)


def children(gateway: GatewayProcess) -> list[int]:
    assert gateway.process
    pid = gateway.process.pid
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def everywhere(gateway: GatewayProcess, world: World) -> None:
    """Both workers have the policy: the kernel chooses one for each connection."""
    for _ in range(20):
        gateway.catch_up()


def answers_well(gateway: GatewayProcess) -> bool:
    return all(gateway.health() == 200 for _ in range(10))


def wait_until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 15
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.05)
