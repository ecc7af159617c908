"""Conditions of a grant are checked at the time of the call: ids on a published list now."""

import hashlib
import random
import struct
from collections.abc import Iterable
from datetime import timedelta

import pytest
from collecting import Collected
from django.db import connection
from hypothesis import given
from hypothesis import strategies as some
from plain_calls import call_plainly
from provider import Provider
from world import Caller, GatewayProcess, World

from panjereh.common import clock
from panjereh.exchange import actions
from panjereh.exchange.feeds.models import ListEntry, ListPeriod, Publication, PublishedList
from panjereh.exchange.feeds.tokens import list_token
from panjereh.exchange.gateway.conditions import Conditions, Listed, compile_conditions
from panjereh.exchange.gateway.faults import Fault
from panjereh.exchange.gateway.lists import Lists, Tokens
from panjereh.exchange.gateway.reading import Place
from panjereh.exchange.models import Service
from panjereh.runtime.environment import environment

CODE = "privatisation"
ON_LIST, OFF_LIST = "10100000001", "10100000002"
LISTED = {"kind": "listed", "list": CODE, "pointer": "/enterprise_national_id"}


def publish(world: World, code: str, ids: Iterable[str]) -> None:
    """What the room of the feeds does when a list is published: its rows, and a new policy."""
    listed = PublishedList.objects.filter(code=code).first() or _new_list(world, code)
    now = clock.now()
    ListPeriod.objects.filter(list=listed).update(state=ListPeriod.State.PAST)
    period, fresh = ListPeriod.objects.get_or_create(
        list=listed,
        period=f"1405-{ListPeriod.objects.filter(list=listed).count() + 1:02}",
        defaults={"rows": 0, "digest": "", "published_at": now, "revised_at": now},
    )
    assert fresh
    secret = environment().secret("exchange-lists")
    entries = [ListEntry(period=period, token=list_token(secret, code, one)) for one in ids]
    ListEntry.objects.bulk_create(entries)
    bump(world)


def _new_list(world: World, code: str) -> PublishedList:
    publication = Publication.objects.create(
        system=world.provider,
        code=code,
        kind=Publication.Kind.LIST,
        frequency=Publication.Frequency.MONTHLY,
        announced_at=clock.now(),
    )
    return PublishedList.objects.create(code=code, publication=publication)


def bump(world: World) -> None:
    """Any change of the policy will do."""
    actions.move_system(
        actor=world.operator, system=world.provider, base_url=f"{world.provider_url}/provider"
    )


@pytest.fixture
def conditional(world: World, provider: Provider) -> tuple[Caller, Service]:
    caller, service = world.new_system(), world.new_service()
    world.grant(caller, service, ["/ok"], conditions=[LISTED])
    publish(world, CODE, [ON_LIST, "10100000003"])
    return caller, service


def asked_about(*ids: str) -> dict[str, object]:
    return {"enterprise_national_id": ids[0] if len(ids) == 1 else list(ids)}


@pytest.mark.req("NIX-09", "NIX-10")
def test_only_ids_on_the_list_are_answered_and_refusals_are_recorded(
    gateway: GatewayProcess,
    conditional: tuple[Caller, Service],
    provider: Provider,
    collected: Collected,
) -> None:
    caller, service = conditional

    good = call_plainly(gateway, caller, service, asked_about(ON_LIST))
    sent = len(provider.asked)
    refused = call_plainly(gateway, caller, service, asked_about(OFF_LIST))
    on_r1 = gateway.call(caller, service, asked_about(OFF_LIST))

    assert (good.status, good.json) == (200, {"ok": True})
    assert (refused.status, refused.json["code"], refused.json["cause"]) == (403, 1122, "consumer")
    assert CODE in refused.json["detail"]
    assert OFF_LIST.encode() not in refused.body
    assert (on_r1.status, on_r1.error) == (500, "server.serverproxy.access_denied")
    assert len(provider.asked) == sent
    _, first, second = collected.of(caller)
    assert first.error_code == second.error_code == "server.serverproxy.access_denied.not_on_list"
    assert (first.cause, second.cause) == ("consumer", "consumer")


@pytest.mark.req("NIX-09")
def test_a_new_period_counts_from_its_publication(
    world: World, gateway: GatewayProcess, conditional: tuple[Caller, Service]
) -> None:
    caller, service = conditional
    assert call_plainly(gateway, caller, service, asked_about(ON_LIST)).status == 200

    publish(world, CODE, [OFF_LIST])

    assert call_plainly(gateway, caller, service, asked_about(ON_LIST)).status == 403
    assert call_plainly(gateway, caller, service, asked_about(OFF_LIST)).status == 200


@pytest.mark.req("NIX-09")
def test_a_revision_of_the_period_counts_too(
    world: World, gateway: GatewayProcess, conditional: tuple[Caller, Service]
) -> None:
    caller, service = conditional
    assert call_plainly(gateway, caller, service, asked_about(OFF_LIST)).status == 403

    period = ListPeriod.objects.get(list_id=CODE, state="current")
    secret = environment().secret("exchange-lists")
    ListEntry.objects.create(period=period, token=list_token(secret, CODE, OFF_LIST))
    ListPeriod.objects.filter(pk=period.pk).update(
        revision=period.revision + 1, revised_at=clock.now() + timedelta(seconds=1)
    )
    bump(world)

    assert call_plainly(gateway, caller, service, asked_about(OFF_LIST)).status == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"enterprise_national_id": None},
        {"enterprise_national_id": []},
        {"enterprise_national_id": 10100000001},
        {"enterprise_national_id": [ON_LIST, OFF_LIST]},
        {"enterprise_national_id": {"value": ON_LIST}},
        {"enterprise_national_id": f" {ON_LIST}"},
        {"other": ON_LIST},
        [],
    ],
)
def test_what_cannot_be_checked_is_refused(
    gateway: GatewayProcess, conditional: tuple[Caller, Service], provider: Provider, body: object
) -> None:
    import json

    caller, service = conditional

    answer = call_plainly(gateway, caller, service, json.dumps(body).encode())

    assert (answer.status, answer.json["code"]) == (403, 1122)
    assert provider.asked == []


@pytest.mark.parametrize(
    "body",
    [
        f'{{"enterprise_national_id":"{ON_LIST}","enterprise_national_id":"{OFF_LIST}"}}',
        f'{{"enterprise_national_id":"{ON_LIST}","enterprise_nation\\u0061l_id":"{OFF_LIST}"}}',
        f'{{"enterprise_national_id":"{ON_LIST}"',
        '{"enterprise_national_id":NaN}',
        "[" * 100_000,
    ],
)
def test_a_body_that_two_could_read_differently_is_refused(
    gateway: GatewayProcess, conditional: tuple[Caller, Service], provider: Provider, body: str
) -> None:
    caller, service = conditional

    answer = call_plainly(gateway, caller, service, body.encode())

    assert (answer.status, answer.json["code"]) == (400, 1100)
    assert provider.asked == []


def test_a_condition_may_stand_on_the_query(
    world: World, gateway: GatewayProcess, conditional: tuple[Caller, Service]
) -> None:
    caller, service = world.new_system(), world.new_service()
    world.grant(caller, service, ["/ok"], conditions=[LISTED | {"pointer": "?id"}])

    def status(query: str) -> int:
        return call_plainly(gateway, caller, service, {}, query=query).status

    assert status(f"?id={ON_LIST}") == 200
    assert status(f"?id={ON_LIST}&x=1") == 200
    assert status(f"?id={ON_LIST}&id={OFF_LIST}") == 403
    assert status(f"?i%64={OFF_LIST}") == 403
    assert status("") == 403


def test_a_list_that_nobody_published_has_nobody_on_it(
    world: World, gateway: GatewayProcess
) -> None:
    caller, service = world.new_system(), world.new_service()
    world.grant(caller, service, ["/ok"], conditions=[LISTED | {"list": "unknown"}])

    assert call_plainly(gateway, caller, service, asked_about(ON_LIST)).status == 403


def test_a_condition_that_is_not_understood_closes_the_grant_and_no_other(
    world: World, gateway: GatewayProcess
) -> None:
    caller, service = world.allowed()
    strange, other = world.new_system(), world.new_service()
    world.grant(strange, other, ["/ok"], conditions=[{"kind": "full-moon"}])

    assert call_plainly(gateway, strange, other).json["code"] == 1120
    assert call_plainly(gateway, caller, service).status == 200


def test_one_that_does_not_hold_is_enough() -> None:
    conditions = Conditions(
        [
            Listed("a", Place("/id"), {"1", "2"}.__contains__),
            Listed("b", Place("/id"), {"2", "3"}.__contains__),
        ]
    )
    conditions.check("", b'{"id": "2"}')
    for one in ("1", "3", "4"):
        with pytest.raises(Fault):
            conditions.check("", f'{{"id": "{one}"}}'.encode())


def test_no_conditions_cost_nothing() -> None:
    assert compile_conditions([], Lists("secret")) is None


@given(some.sets(some.binary(min_size=16, max_size=16), max_size=50), some.binary(min_size=16))
def test_tokens_hold_what_was_put_in_and_nothing_else(tokens: set[bytes], other: bytes) -> None:
    held = Tokens(b"".join(sorted(tokens)))

    assert len(held) == len(tokens)
    assert all(one in held for one in tokens)
    assert (other[:16] in held) == (other[:16] in tokens)


def test_tokens_that_share_their_first_half_are_told_apart() -> None:
    tokens = [struct.pack(">QQ", 7, low) for low in (1, 2, 2**64 - 1)]
    held = Tokens(b"".join(tokens))

    assert all(one in held for one in tokens)
    assert struct.pack(">QQ", 7, 3) not in held
    assert struct.pack(">QQ", 8, 1) not in held


def test_the_database_orders_tokens_as_they_are_searched(world: World) -> None:
    made = [hashlib.md5(str(n).encode()).digest() for n in range(500)]
    random.Random(1).shuffle(made)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(t, ''::bytea ORDER BY t) FROM unnest(%s::bytea[]) AS t", [made]
        )
        (ordered,) = cursor.fetchone()

    held = Tokens(bytes(ordered))

    assert all(one in held for one in made)
