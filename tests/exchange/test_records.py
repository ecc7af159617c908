"""Log or refuse, and nothing recorded is lost: NATS, gateway and collector are killed here."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from collecting import Collected
from provider import Provider, says_json
from world import GatewayProcess, World, suite_database_url

from panjereh.exchange import jobs
from panjereh.exchange.models import CallRecord
from panjereh.exchange.records import Record
from panjereh.runtime.embedded import Nats
from panjereh.runtime.ports import free_port

NOT_RECORDED = "server.serverproxy.logging_failed.not_recorded"


@pytest.fixture
def fragile_nats(tmp_path: Path) -> Iterator[Nats]:
    server = Nats(tmp_path, free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture
def fragile_gateway(world: World, fragile_nats: Nats) -> Iterator[GatewayProcess]:
    with GatewayProcess(world.home, suite_database_url(), fragile_nats.url) as running:
        yield running


def kill(nats: Nats) -> None:
    assert nats._child
    nats._child.kill()
    nats._child.wait()


@pytest.mark.req("NIX-03", "NIX-24")
def test_what_cannot_be_recorded_is_refused_before_the_provider_is_asked(
    world: World, fragile_gateway: GatewayProcess, fragile_nats: Nats, provider: Provider
) -> None:
    caller, service = world.allowed()
    assert fragile_gateway.call(caller, service).status == 200
    provider.behave()

    kill(fragile_nats)
    fragile_gateway.wait_until(503)
    answer = fragile_gateway.call_at_once(caller, service)

    assert (answer.status, answer.error) == (500, NOT_RECORDED)
    assert (answer.json["cause"], answer.headers["retry-after"]) == ("gateway", "1")
    assert provider.asked == []

    fragile_nats.start()
    fragile_gateway.wait_until(200)
    assert fragile_gateway.call(caller, service).status == 200
    told = Collected(fragile_nats.url).of(caller)
    assert [(r.status, r.error_code) for r in told] == [(200, ""), (500, NOT_RECORDED), (200, "")]


@pytest.mark.req("NIX-03", "NIX-24")
def test_an_answer_is_withheld_when_the_stream_dies_under_the_call(
    world: World, fragile_gateway: GatewayProcess, fragile_nats: Nats, provider: Provider
) -> None:
    caller, service = world.allowed(["/ok"])
    fragile_gateway.catch_up()

    def kill_then_answer(wire: Any) -> None:
        kill(fragile_nats)
        says_json({"ok": "secret"})(wire)

    provider.behave(kill_then_answer)
    answer = fragile_gateway.call_at_once(caller, service)

    assert answer.error == NOT_RECORDED
    assert b"secret" not in answer.body
    assert len(provider.asked) == 1

    fragile_nats.start()
    fragile_gateway.wait_until(200)
    provider.behave()
    fragile_gateway.call(caller, service)
    refused, good = Collected(fragile_nats.url).of(caller)
    assert (refused.error_code, refused.response_digest) == (NOT_RECORDED, "")
    assert good.status == 200


def test_a_gateway_without_its_stream_says_so_in_its_health(
    world: World, provider: Provider
) -> None:
    nobody = f"nats://127.0.0.1:{free_port()}"
    gateway = GatewayProcess(world.home, suite_database_url(), nobody)
    gateway.start(healthy=False)
    try:
        gateway.wait_until(503)
        assert "records" in gateway.get("/health").json["reason"]
    finally:
        gateway.kill()


@pytest.mark.req("NIX-03", "NIX-24")
def test_every_answered_call_is_recorded_once_through_crashes_of_all_parts(
    world: World,
    fragile_gateway: GatewayProcess,
    fragile_nats: Nats,
    provider: Provider,
    tmp_path: Path,
) -> None:
    """Under load, kill NATS, the gateway and the collector; then the three books must agree."""
    caller, service = world.allowed()
    fragile_gateway.catch_up()
    provider.behave()
    answered: list[str] = []
    stop = threading.Event()

    def keep_calling() -> None:
        while not stop.is_set():
            try:
                answer = fragile_gateway.call_at_once(caller, service)
            except (OSError, AssertionError):
                continue
            if answer.status == 200:
                answered.append(answer.headers["x-road-request-id"])

    callers = [threading.Thread(target=keep_calling) for _ in range(3)]
    for thread in callers:
        thread.start()
    collector = start_collector(fragile_nats.url, tmp_path)
    for number in range(3):
        wait_for_text(tmp_path, "ready to stop", times=number + 1)
        time.sleep(0.3)
        collector.kill()
        collector.wait()
        collector = start_collector(fragile_nats.url, tmp_path)
        if number == 0:
            kill(fragile_nats)
            fragile_nats.start()
        elif number == 1:
            fragile_gateway.kill()
            fragile_gateway.start()
    time.sleep(1)
    stop.set()
    for thread in callers:
        thread.join()
    wait_for_text(tmp_path, "ready to stop", times=4)
    collector.send_signal(signal.SIGTERM)
    assert collector.wait(20) == 0
    books = Collected(fragile_nats.url)
    books.redeliver()
    books.of(caller)

    kept = Counter(
        str(one)
        for one in CallRecord.objects.filter(consumer=caller.x_road_id, status=200).values_list(
            "request_id", flat=True
        )
    )
    asked = {one.headers["x-road-request-id"] for one in provider.asked}
    assert len(answered) > 50
    assert set(answered) <= set(kept)
    assert set(kept) <= asked
    assert max(kept.values()) == 1


@pytest.mark.req("NIX-24")
def test_a_collector_killed_between_fetch_and_commit_loses_nothing(
    world: World, gateway: GatewayProcess, nats: Nats, tmp_path: Path, collected: Collected
) -> None:
    caller, service = world.allowed()
    collected.of(caller)
    ids = [gateway.call(caller, service).headers["x-road-request-id"] for _ in range(3)]

    stuck = start_collector(nats.url, tmp_path, program=STUCK_BEFORE_COMMIT)
    wait_for_text(tmp_path, "before commit")
    stuck.kill()
    stuck.wait()
    assert not CallRecord.objects.filter(consumer=caller.x_road_id).exists()

    collected.redeliver()
    assert {str(r.request_id) for r in collected.of(caller)} == set(ids)


@pytest.mark.req("NIX-24")
def test_a_collector_killed_between_commit_and_acknowledgement_records_nothing_twice(
    world: World, gateway: GatewayProcess, nats: Nats, tmp_path: Path, collected: Collected
) -> None:
    caller, service = world.allowed()
    collected.of(caller)
    ids = [gateway.call(caller, service).headers["x-road-request-id"] for _ in range(3)]

    stuck = start_collector(nats.url, tmp_path, program=STUCK_AFTER_COMMIT)
    wait_for_text(tmp_path, "after commit")
    stuck.kill()
    stuck.wait()

    collected.redeliver()
    assert sorted(str(r.request_id) for r in collected.of(caller)) == sorted(ids)


def test_a_withheld_answer_wins_over_its_first_record(world: World) -> None:
    """The stream may have kept a batch whose acknowledgement was lost; its calls were refused."""
    request_id = "11111111-1111-4111-8111-111111111111"
    good = Record(
        request_id=request_id, gateway="g", consumer="c", received_at=1, finished_at=2, status=200
    )
    refused = Record(
        request_id=request_id,
        gateway="g",
        consumer="c",
        received_at=1,
        finished_at=2,
        status=500,
        cause="gateway",
        error_code=NOT_RECORDED,
    )

    for order in ([good, refused], [refused, good]):
        CallRecord.objects.filter(request_id=request_id).delete()
        asyncio.run(keep_each(order))
        assert CallRecord.objects.get(request_id=request_id).status == 500
        asyncio.run(keep_each([good, refused, good]))
        assert CallRecord.objects.get(request_id=request_id).error_code == NOT_RECORDED


def test_a_message_that_no_gateway_wrote_does_not_stop_the_collector(
    world: World, gateway: GatewayProcess, nats: Nats, collected: Collected
) -> None:
    caller, service = world.allowed()
    collected.publish(b"not json")
    gateway.call(caller, service)

    assert collected.one(caller).status == 200


def test_calls_in_parallel_share_batches_and_all_are_recorded(
    world: World,
    gateway: GatewayProcess,
    collected: Collected,
    in_threads: Callable[..., list[Any]],
) -> None:
    caller, service = world.allowed()
    gateway.catch_up()

    def twenty() -> list[str]:
        answers = [gateway.call_at_once(caller, service, {"n": n}) for n in range(20)]
        return [a.headers["x-road-request-id"] for a in answers]

    ids = [one for many in in_threads(*[twenty] * 8) for one in many]

    assert sorted(ids) == sorted(str(r.request_id) for r in collected.of(caller))


@pytest.mark.req("NIX-31")
def test_after_a_restart_nothing_signed_before_it_is_accepted(
    world: World, fragile_gateway: GatewayProcess, provider: Provider
) -> None:
    caller, service = world.allowed()
    fragile_gateway.catch_up()
    target = f"/r1/{service.x_road_id}"
    ahead = caller.signed("POST", target, b"{}", created=int(time.time()) + 1)
    assert fragile_gateway.send("POST", target, b"{}", ahead).status == 200
    provider.behave()

    fragile_gateway.kill()
    fragile_gateway.start(healthy=False)
    fragile_gateway.wait_until(503)
    assert fragile_gateway.call_at_once(caller, service).error == "server.serverproxy.not_ready"
    fragile_gateway.wait_until(200)
    answer = fragile_gateway.send("POST", target, b"{}", ahead)

    assert answer.error == "client.authentication_failed"
    assert provider.asked == []
    assert fragile_gateway.call(caller, service).status == 200


def test_a_gateway_told_to_stop_answers_the_calls_under_way(
    world: World, fragile_nats: Nats, provider: Provider, in_threads: Callable[..., list[Any]]
) -> None:
    caller, service = world.allowed()
    gateway = GatewayProcess(world.home, suite_database_url(), fragile_nats.url)
    gateway.start()
    gateway.catch_up()

    def slowly(wire: Any) -> None:
        time.sleep(1)
        says_json({"ok": True})(wire)

    def stop_under_way() -> int:
        time.sleep(0.4)
        assert gateway.process
        gateway.process.terminate()
        return gateway.process.wait(20)

    provider.behave(slowly)
    answer, code = in_threads(lambda: gateway.call_at_once(caller, service), stop_under_way)

    assert (answer.status, code) == (200, 0)
    assert Collected(fragile_nats.url).one(caller).status == 200


COLLECT = """
import asyncio, os, signal
import django
django.setup()
from panjereh.exchange import jobs
async def main():
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    print("ready to stop", flush=True)
    await jobs.collect_records(stop)
"""
STUCK_BEFORE_COMMIT = f"""{COLLECT}
row = jobs._row
def stuck(record):
    print("before commit", flush=True)
    import time; time.sleep(60)
jobs._row = stuck
asyncio.run(main())
"""
STUCK_AFTER_COMMIT = f"""{COLLECT}
keep = jobs.keep
async def stuck(wire, records):
    await keep(wire, records)
    print("after commit", flush=True)
    import time; time.sleep(60)
jobs.keep = stuck
asyncio.run(main())
"""
RUNNING = f"{COLLECT}\nasyncio.run(main())"


def start_collector(
    nats_url: str, folder: Path, *, program: str = RUNNING
) -> "subprocess.Popen[bytes]":
    environment = {
        **os.environ,
        "PANJEREH_EXCHANGE_DATABASE_URL": suite_database_url(),
        "PANJEREH_NATS_URL": nats_url,
    }
    with (folder / "collector.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-c", program], env=environment, stdout=log, stderr=log
        )


def wait_for_text(folder: Path, text: str, times: int = 1) -> None:
    deadline = time.monotonic() + 20
    while (said := (folder / "collector.log").read_text()).count(text) < times:
        assert time.monotonic() < deadline, said
        time.sleep(0.05)


async def keep_each(records: list[Record]) -> None:
    import psycopg

    async with await psycopg.AsyncConnection.connect(jobs.database_dsn()) as wire:
        for record in records:
            await jobs.keep(wire, [record])
        await jobs.keep(wire, records)


def test_a_batch_is_small_enough_for_one_message() -> None:
    from panjereh.exchange.gateway.recorder import BATCH_RECORDS

    longest = Record(
        request_id="x" * 36,
        gateway="x" * 60,
        received_at=10**16,
        finished_at=10**16,
        forwarded_at=10**16,
        answered_at=10**16,
        x_road_id="x" * 64,
        issue="x" * 64,
        consumer="x" * 120,
        provider="x" * 120,
        service="x" * 60,
        method="x" * 10,
        path_template="x" * 200,
        grant_id=10**18,
        status=500,
        cause="consumer",
        error_code="x" * 100,
        request_size=10**9,
        response_size=10**9,
        request_digest="x" * 60,
        response_digest="x" * 60,
        cut_fields=10**6,
        user_pseudonym="x" * 64,
    )
    assert len(json.dumps(jobs.msgspec.to_builtins(longest))) * BATCH_RECORDS < 1_000_000
