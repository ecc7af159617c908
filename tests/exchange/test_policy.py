"""A gateway that cannot refresh its policy fails closed, and comes back by itself."""

from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection
from psycopg.sql import SQL, Identifier
from world import GatewayProcess, World, suite_database_url

from panjereh.runtime.embedded import Nats

COPY = "exchange_policy_copy"


@pytest.fixture
def own_database(world: World) -> Iterator[str]:
    """A copy of the policy that can be cut off without anybody else noticing."""
    source = connection.settings_dict["NAME"]
    connection.close()
    with maintenance() as wire:
        wire.execute(SQL("DROP DATABASE IF EXISTS {}").format(Identifier(COPY)))
        wire.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [source]
        )
        wire.execute(
            SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(COPY), Identifier(source))
        )
    yield suite_database_url(COPY)
    with maintenance() as wire:
        wire.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(COPY)))


@pytest.mark.req("NIX-05")
def test_a_gateway_cut_off_from_its_policy_refuses_everybody_until_it_is_back(
    world: World, own_database: str, nats: Nats
) -> None:
    settings = {"PANJEREH_POLICY_STALE_SECONDS": "2"}
    caller, service = world.allowed()
    with GatewayProcess(world.home, own_database, nats.url, settings) as gateway:
        with maintenance() as wire:
            wire.execute(SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(Identifier(COPY)))
            wire.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [COPY]
            )
        gateway.wait_until(503)

        answer = gateway.call_at_once(caller, service)

        assert answer.error == "server.serverproxy.policy_unavailable"
        assert (answer.json["cause"], answer.headers["retry-after"]) == ("gateway", "5")
        assert "policy" in gateway.get("/health").json["reason"]
        with maintenance() as wire:
            wire.execute(SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(Identifier(COPY)))
        gateway.wait_until(200)


def maintenance() -> "psycopg.Connection[tuple[object, ...]]":
    url = suite_database_url("postgres")
    return psycopg.connect(url, autocommit=True)
