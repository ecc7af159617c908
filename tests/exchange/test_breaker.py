"""A provider that fails is given a rest, and takes nobody else down with it."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from collecting import Collected
from plain_calls import call_plainly
from provider import DEFAULT, Provider, hangs
from world import Answer, Caller, GatewayProcess, World

from panjereh.exchange.gateway import faults
from panjereh.exchange.gateway.breaker import FAILURES, LONGEST_REST_SECONDS, Breakers
from panjereh.exchange.gateway.policy import Offer
from panjereh.exchange.models import Service


def offer(provider: str = "p", service: str = "a") -> Offer:
    return Offer(f"{provider}/{service}", provider, service, "", [], 1, True, "")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def ends_in(breakers: Breakers, one: Offer, fault: faults.Fault | None) -> str:
    """The kind of fault that a call of the provider ends in; empty when it is answered."""
    try:
        with breakers.watching(one):
            if fault is not None:
                raise fault
    except faults.Fault as ended:
        return ended.type.rpartition(".")[2]
    return ""


SLOW = faults.service_failed("timeout", "x")
AWAY = faults.service_failed("network_error", "x")


def test_after_five_failures_in_a_row_it_rests_then_one_probe_decides() -> None:
    clock = Clock()
    breakers = Breakers(clock=clock)

    for _ in range(FAILURES):
        assert ends_in(breakers, offer(), SLOW) == "timeout"
    assert ends_in(breakers, offer(), None) == "circuit_open"
    assert breakers.snapshot() == {"p/a": "open"}
    clock.now += 2
    assert breakers.snapshot() == {"p/a": "half-open"}
    with breakers.watching(offer()):  # the probe is under way
        assert ends_in(breakers, offer(), None) == "circuit_open"
    assert breakers.snapshot() == {}
    assert ends_in(breakers, offer(), None) == ""


def test_a_probe_that_fails_doubles_the_rest_up_to_a_minute() -> None:
    clock = Clock()
    breakers = Breakers(clock=clock)
    for _ in range(FAILURES):
        ends_in(breakers, offer(), SLOW)

    rests = []
    for _ in range(7):
        with pytest.raises(faults.Fault) as resting, breakers.watching(offer()):
            pass
        rests.append(resting.value.retry_after)
        clock.now += LONGEST_REST_SECONDS
        ends_in(breakers, offer(), SLOW)

    assert rests == [2, 4, 8, 16, 32, 60, 60]


def test_a_success_in_between_starts_the_count_anew() -> None:
    breakers = Breakers()
    for _ in range(3):
        for _ in range(FAILURES - 1):
            ends_in(breakers, offer(), SLOW)
        assert ends_in(breakers, offer(), None) == ""


def test_a_slow_service_does_not_take_its_neighbour_down_but_a_provider_away_does() -> None:
    breakers = Breakers()
    for _ in range(FAILURES):
        ends_in(breakers, offer(service="slow"), SLOW)
        ends_in(breakers, offer("gone"), AWAY)

    assert ends_in(breakers, offer(service="quick"), None) == ""
    assert ends_in(breakers, offer("gone", "other"), None) == "circuit_open"
    assert breakers.snapshot() == {"p/slow": "open", "gone": "open"}


def test_an_answer_that_is_wrong_is_still_an_answer() -> None:
    breakers = Breakers()
    for _ in range(3 * FAILURES):
        ends_in(breakers, offer(), faults.service_failed("not_json", "x"))

    assert breakers.snapshot() == {}


def test_a_probe_that_was_given_up_lets_the_next_one_through() -> None:
    clock = Clock()
    breakers = Breakers(clock=clock)
    for _ in range(FAILURES):
        ends_in(breakers, offer(), SLOW)
    clock.now += 2

    with pytest.raises(KeyboardInterrupt), breakers.watching(offer()):
        raise KeyboardInterrupt  # as when the gateway stops

    assert ends_in(breakers, offer(), None) == ""


def test_one_provider_may_not_keep_every_call_waiting() -> None:
    breakers = Breakers(max_waiting=2)

    with breakers.watching(offer()), breakers.watching(offer()):
        assert ends_in(breakers, offer(), None) == "busy"
        assert ends_in(breakers, offer("other"), None) == ""
        assert breakers.waiting() == {"p": 2}
    assert ends_in(breakers, offer(), None) == ""


def slow_service(world: World) -> tuple[Caller, Service]:
    caller, service = world.new_system(), world.new_service(deadline_seconds=0.2)
    world.grant(caller, service, ["/ok"])
    return caller, service


def states(gateway: GatewayProcess) -> dict[str, str]:
    told: dict[str, str] = gateway.get("/health").json["circuits"]
    return told


@pytest.mark.req("NIX-40")
def test_a_hanging_provider_is_given_a_rest_and_comes_back(
    world: World, gateway: GatewayProcess, provider: Provider, collected: Collected
) -> None:
    caller, service = slow_service(world)
    neighbour, healthy = world.allowed()
    provider.behave(hangs(0.5))

    slow = [call_plainly(gateway, caller, service) for _ in range(FAILURES)]
    asked = len(provider.asked)
    resting = call_plainly(gateway, caller, service)
    on_r1 = gateway.call(caller, service)
    shown = states(gateway)
    provider.behave()
    beside = call_plainly(gateway, neighbour, healthy)
    back = until_answered(lambda: call_plainly(gateway, caller, service))

    assert [answer.status for answer in slow] == [504] * FAILURES
    assert (resting.status, resting.json["code"], resting.json["cause"]) == (503, 3104, "provider")
    assert int(resting.headers["retry-after"]) == resting.json["retry_in"] > 0
    assert on_r1.error == "server.serverproxy.service_failed.circuit_open"
    assert asked == FAILURES  # it was left alone
    assert shown == {service.x_road_id: "open"}
    assert (beside.status, back.status) == (200, 200)
    assert service.x_road_id not in states(gateway)
    causes = [record.cause for record in collected.of(caller)]
    assert causes[: FAILURES + 2] == ["provider"] * (FAILURES + 2)


def until_answered(call: Callable[[], Answer]) -> Answer:
    deadline = time.monotonic() + 10
    while (answer := call()).status != 200:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return answer


def test_the_provider_is_told_how_long_anybody_waits(
    world: World, gateway: GatewayProcess, provider: Provider
) -> None:
    caller, service = slow_service(world)
    provider.behave(DEFAULT)

    call_plainly(gateway, caller, service, x_exchange_time_left_ms="99999")

    told: Any = provider.asked[-1].headers["x-exchange-time-left-ms"]
    assert told == "200"
