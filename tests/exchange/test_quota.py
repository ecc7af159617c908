"""Quotas by the minute and the day, over several gateways, and what every answer says."""

import time
from collections.abc import Iterator

import pytest
from collecting import Collected
from plain_calls import allowance, call_plainly
from world import Answer, Caller, GatewayProcess, World, suite_database_url

from panjereh.exchange.gateway.faults import Fault
from panjereh.exchange.gateway.policy import Permission
from panjereh.exchange.gateway.quota import Quotas
from panjereh.exchange.gateway.quota_share import Counts, QuotaShare, _encode
from panjereh.exchange.models import Service
from panjereh.runtime.embedded import Nats

MIDNIGHT = 1_795_293_000.0  # in Tehran


def permission(grant: int = 1, *, per_minute: int = 1000, per_day: int | None = None) -> Permission:
    return Permission(grant, {}, per_minute, not_before=0, not_after=None, quota_per_day=per_day)


def test_a_day_begins_at_midnight_in_tehran() -> None:
    now = [MIDNIGHT - 30]
    quotas, small = Quotas(lambda: now[0]), permission(per_day=2)

    quotas.take(small)
    quotas.take(small)
    with pytest.raises(Fault) as exceeded:
        quotas.take(small)
    now[0] = MIDNIGHT
    quotas.take(small)

    assert (exceeded.value.recorded, exceeded.value.retry_after) == (
        "server.serverproxy.quota_exceeded.day",
        30,
    )


def test_the_fields_are_of_the_window_that_ends_first() -> None:
    now = [MIDNIGHT - 3600]
    quotas, granted = Quotas(lambda: now[0]), permission(per_minute=3, per_day=4)

    def told() -> list[str]:
        return [value for _, value in quotas.headers(1)]

    quotas.take(granted)
    assert told() == ["3", "2", "60"]
    quotas.take(granted)
    now[0] += 60
    quotas.take(granted)
    assert told() == ["4", "1", "3540"]
    assert [value for _, value in quotas.headers(None)] == ["0", "0", "60"]


def test_what_others_took_counts_until_its_window_ends() -> None:
    now = [MIDNIGHT + 30]
    quotas, granted = Quotas(lambda: now[0]), permission(per_minute=5, per_day=9)
    share = QuotaShare("", quotas)
    quotas.turn()
    minute, day = quotas.minute, quotas.day

    share.learn(f"{day}.a.0", _encode(Counts(minute, {1: 2}, {1: 4})))
    share.learn(f"{day}.b.0", _encode(Counts(minute, {1: 1}, {1: 1})))
    share.learn(f"{day}.b.0", _encode(Counts(minute, {1: 2}, {1: 3})))  # b counts on
    share.learn(f"{day - 1}.c.0", _encode(Counts(minute, {1: 99}, {1: 99})))
    quotas.take(granted)
    with pytest.raises(Fault) as by_minute:
        quotas.take(granted)
    now[0] += 60
    quotas.take(granted)
    with pytest.raises(Fault) as by_day:
        quotas.take(granted)

    assert (by_minute.value.kind, by_day.value.kind) == ("", "day")


@pytest.fixture
def two_gateways(world: World, nats: Nats) -> Iterator[list[GatewayProcess]]:
    with (
        GatewayProcess(world.home, suite_database_url(), nats.url) as one,
        GatewayProcess(world.home, suite_database_url(), nats.url) as other,
    ):
        yield [one, other]


def granted(world: World, **quota: int) -> tuple[Caller, Service]:
    caller, service = world.new_system(), world.new_service()
    world.grant(caller, service, ["/ok"], **quota)
    return caller, service


@pytest.mark.req("NIX-25")
def test_two_gateways_and_a_new_one_share_a_day_s_quota(
    world: World, nats: Nats, two_gateways: list[GatewayProcess], collected: Collected
) -> None:
    caller, service = granted(world, quota_per_day=60)
    made: list[Answer] = []

    def used_by(gateway: GatewayProcess) -> int:
        made.append(call_plainly(gateway, caller, service))
        limit, remaining = allowance(made[-1])
        return limit - remaining

    def until_it_knows_of_all(gateway: GatewayProcess) -> None:
        deadline = time.monotonic() + 10
        while used_by(gateway) < len(made):
            assert time.monotonic() < deadline
            time.sleep(0.4)

    one, other = two_gateways
    assert [used_by(one) for _ in range(3)] == [1, 2, 3]
    until_it_knows_of_all(other)
    one.kill()
    with GatewayProcess(world.home, suite_database_url(), nats.url) as third:
        until_it_knows_of_all(third)
        while made[-1].status == 200:
            used_by(third)

    *kept, refused = made
    assert [answer.status for answer in kept] == [200] * 60
    assert (refused.status, refused.json["code"]) == (429, 1141)
    assert refused.headers["retry-after"] == str(refused.json["retry_in"])
    assert allowance(refused) == (60, 0)
    assert len(collected.of(caller)) == 61


def test_a_refusal_by_quota_says_when_to_come_again(
    world: World, gateway: GatewayProcess, collected: Collected
) -> None:
    caller, service = granted(world, quota_per_minute=1)

    answers = [call_plainly(gateway, caller, service) for _ in range(3)]
    r1 = gateway.call(caller, service)

    refused = next(answer for answer in answers if answer.status == 429)
    assert refused.json["code"] == 1140
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert allowance(refused) == (1, 0)
    assert r1.status == 200 or r1.headers["retry-after"]
    assert "ratelimit-reset" in r1.headers
    assert {r.error_code for r in collected.of(caller)} == {
        "",
        "server.serverproxy.quota_exceeded",
    }
