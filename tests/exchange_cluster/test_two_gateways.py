"""Two gateways are one exchange: one policy, one memory of messages, one answer for the caller."""

import json
import uuid
from collections.abc import Iterator

import pytest
from cluster import STALE_SECONDS, Cluster
from django.db import connections
from exchange.provider import Provider
from exchange.world import Answer, Caller, GatewayProcess, World
from load import signed_for
from pytest_django import Settings

from panjereh.exchange import actions
from panjereh.exchange.approvals.actions.grants import revoke_grant
from panjereh.exchange.models import Service
from panjereh.sdk import exchange as sdk

BODY = b'{"n": 1}'


@pytest.fixture
def pair(world: World, cluster: Cluster) -> tuple[Caller, Service]:
    made = world.allowed()
    for gateway in cluster.gateways:
        gateway.catch_up()  # within two seconds
    return made


def ask(
    gateway: GatewayProcess, pair: tuple[Caller, Service], *, signed_port: int | None = -1
) -> Answer:
    caller, service = pair
    target = f"/r1/{service.x_road_id}"
    port = gateway.port if signed_port == -1 else signed_port
    headers = signed_for(port, caller, target, BODY, str(uuid.uuid4()))
    return gateway.send("POST", target, BODY, headers)


@pytest.mark.req("NIX-31", "NIX-32")
def test_a_new_grant_is_known_to_both_within_two_seconds(
    cluster: Cluster, pair: tuple[Caller, Service]
) -> None:
    assert [ask(gateway, pair).error for gateway in cluster.gateways] == ["", ""]


@pytest.mark.req("NIX-05", "PRV-13")
@pytest.mark.parametrize("what", ["grant", "key", "system"])
def test_what_is_revoked_stops_at_both(
    cluster: Cluster, world: World, pair: tuple[Caller, Service], what: str
) -> None:
    caller, _ = pair
    if what == "grant":
        revoke_grant(actor=world.operator, grant=caller.system.grants.get())
    elif what == "key":
        actions.withdraw_key(actor=world.operator, key=caller.system.keys.get())
    else:
        actions.disable_system(actor=world.operator, system=caller.system)
    for gateway in cluster.gateways:
        gateway.catch_up()
    refused = {ask(gateway, pair).error for gateway in cluster.gateways}
    assert len(refused) == 1
    assert refused != {""}


@pytest.mark.req("NIX-31")
def test_a_message_that_one_gateway_took_is_taken_by_no_other(
    cluster: Cluster, provider: Provider, pair: tuple[Caller, Service]
) -> None:
    caller, service = pair
    first, second = cluster.gateways
    target = f"/r1/{service.x_road_id}"
    headers = signed_for(first.port, caller, target, BODY, str(uuid.uuid4()))
    provider.behave()
    assert first.send("POST", target, BODY, headers).status == 200
    again = first.send("POST", target, BODY, headers)
    assert again.error.endswith(".replayed")
    elsewhere = second.send("POST", target, BODY, headers)
    assert elsewhere.error.startswith("client.authentication_failed")
    disguised = headers | {"host": f"127.0.0.1:{first.port}"}
    answer = second.send("POST", target, BODY, disguised)
    assert answer.error.startswith("client.authentication_failed")
    assert b"another gateway" in answer.body
    assert len(provider.asked) == 1


@pytest.mark.req("NIX-31")
def test_a_message_for_any_gateway_is_taken_by_none(
    cluster: Cluster, pair: tuple[Caller, Service]
) -> None:
    for gateway in cluster.gateways:
        answer = ask(gateway, pair, signed_port=None)
        assert answer.error.startswith("client.authentication_failed")
        assert b"@authority" in answer.body


@pytest.mark.req("NIX-31", "NIX-32")
def test_a_floor_calls_on_when_its_gateway_dies(
    cluster: Cluster, pair: tuple[Caller, Service], settings: Settings
) -> None:
    caller, service = pair
    first, second = cluster.gateways
    settings.EXCHANGE_URL = ",".join(f"http://127.0.0.1:{g.port}" for g in (first, second))
    settings.EXCHANGE_SYSTEM = caller.system.code
    settings.EXCHANGE_DIRECTORY = cluster.home / "directory.json"
    named = {caller.system.code: caller.x_road_id, "provider": service.system.x_road_id}
    (cluster.home / "directory.json").write_text(json.dumps(named))
    key = cluster.home / "keys" / "systems" / f"{caller.system.code}.ed25519"
    key.write_text(caller.key.encode().hex())
    for kept in (sdk._directory, sdk._identity, sdk._client):
        kept.cache_clear()
    assert sdk.call("provider", service.code, {"n": 1}) == {"ok": True}
    first.kill()
    try:
        for _ in range(5):
            assert sdk.call("provider", service.code, {"n": 1}) == {"ok": True}
    finally:
        first.start()
    second.kill()
    try:
        assert sdk.call("provider", service.code, {"n": 1}) == {"ok": True}
    finally:
        second.start()


@pytest.fixture
def lost_database(cluster: Cluster, pair: tuple[Caller, Service]) -> Iterator[None]:
    """A grant's contract is read at its first use, so that has been made by then."""
    assert [ask(gateway, pair).error for gateway in cluster.gateways] == ["", ""]
    cluster.kill_postgres()
    yield
    cluster.postgres.start()
    for gateway in cluster.gateways:
        gateway.wait_until(200)


@pytest.mark.req("NIX-05", "NIX-31")
def test_gateways_that_cannot_refresh_the_policy_refuse_after_the_stated_time(
    cluster: Cluster, pair: tuple[Caller, Service], lost_database: None
) -> None:
    assert [ask(gateway, pair).error for gateway in cluster.gateways] == ["", ""]
    for gateway in cluster.gateways:
        gateway.wait_until(503, seconds=STALE_SECONDS + 10)
        assert ask(gateway, pair).error.endswith(".policy_unavailable")
    connections.close_all()
