"""Read the policy out of the exchange's database and keep it fresh.

The version row changes in the transaction of every policy change, with a NOTIFY; the keeper hears
it at once and asks every second besides. When it can do neither for `stale_seconds`, it fails
closed: a revoked grant must not live on in a gateway that lost its database.
"""

import asyncio
import gc
import logging
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import psycopg
from nacl.signing import VerifyKey
from psycopg.rows import namedtuple_row

from panjereh.common.http_signatures import Verify, ed25519_verifier
from panjereh.exchange.gateway.grants import Grants, Names
from panjereh.exchange.gateway.lists import Lists
from panjereh.exchange.gateway.paths import Target
from panjereh.exchange.gateway.policy import (
    Client,
    Endpoint,
    Listed,
    Member,
    Offer,
    Policy,
)
from panjereh.exchange.gateway.standing import read_standing
from panjereh.exchange.gateway.subjects import compile_places

log = logging.getLogger("panjereh.exchange.policy")

CHANNEL = "exchange_policy"
POLL_SECONDS = 1.0
SETTLE_SECONDS = 0.1  # many changes in a row are read together
STALE_SECONDS = 15.0

_VERSION = "SELECT version FROM exchange_policystate"
_SYSTEMS = """
    SELECT s.id, concat_ws('/', m.instance, m.member_class, m.code, s.code) AS x_road_id,
           s.code, s.base_url, s.enabled, s.name_en, m.instance, m.member_class,
           m.code AS member_code, m.name_en AS member_name
    FROM exchange_system s JOIN exchange_member m ON m.id = s.member_id ORDER BY s.id
"""
_BUSES = "SELECT code, member_classes FROM exchange_bus"
_KEYS = "SELECT system_id, use, public_key FROM exchange_systemkey WHERE withdrawn_at IS NULL"
_SERVICES = """
    SELECT id, system_id, code, version, endpoints, subjects, buses, deadline_seconds, enabled,
           notice
    FROM exchange_service ORDER BY id
"""
Wire = psycopg.AsyncConnection[Any]


class PolicyUnavailable(Exception):
    """The database holds no policy yet."""


class PolicyKeeper:
    """Holds the newest policy; `run` refreshes it until the process ends."""

    def __init__(
        self, database_url: str, list_secret: str, stale_seconds: float = STALE_SECONDS
    ) -> None:
        self._database_url, self._stale_seconds = database_url, stale_seconds
        self._lists, self._grants = Lists(list_secret), Grants()
        self._refreshed = float("-inf")
        self._policy = Policy(version=-1)

    @property
    def policy(self) -> Policy:
        return self._policy

    @property
    def fresh(self) -> bool:
        return time.monotonic() - self._refreshed < self._stale_seconds

    async def run(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    self._database_url, autocommit=True, connect_timeout=5
                ) as wire:
                    await wire.execute(f"LISTEN {CHANNEL}")
                    while True:
                        await asyncio.wait_for(self._refresh(wire), self._stale_seconds)
                        await asyncio.sleep(SETTLE_SECONDS)
                        await _changed(wire)
            except (psycopg.Error, PolicyUnavailable, TimeoutError) as error:
                log.warning("exchange.policy.waiting error=%s", type(error).__name__)
                await asyncio.sleep(POLL_SECONDS)

    async def _refresh(self, wire: Wire) -> None:
        asked = time.monotonic()
        if await read_version(wire) != self._policy.version:
            self._policy = await read_policy(wire, self._lists, self._grants)
            gc.freeze()  # it lasts; looking for garbage in it would hold up calls
            log.info("exchange.policy.loaded version=%s", self._policy.version)
        self._refreshed = asked


async def _changed(wire: Wire) -> None:
    """Return when something was changed, and every second anyway."""
    async for _ in wire.notifies(timeout=POLL_SECONDS, stop_after=1):
        pass


async def read_version(wire: Wire) -> int:
    with suppress(psycopg.errors.UndefinedTable):
        row = await (await wire.execute(_VERSION)).fetchone()
        if row:
            return int(row[0])
    raise PolicyUnavailable


async def read_policy(wire: Wire, lists: Lists, grants: Grants) -> Policy:
    """All of one version: the rows come from one snapshot of the database."""
    async with wire.transaction():
        await wire.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        version = await read_version(wire)
        buses, systems, keys, services = [
            await _rows(wire, query) for query in (_BUSES, _SYSTEMS, _KEYS, _SERVICES)
        ]
        directory = build_policy(version, buses, systems, keys, services)
        by_id = {system.id: system.x_road_id for system in systems}
        offered = {s.id: f"{by_id[s.system_id]}/{s.code}" for s in services}
        permissions = await grants.read(wire, Names(by_id, offered), lists)
        standing = await read_standing(wire)
    return replace(directory, permissions=permissions, standing=standing)


async def _rows(wire: Wire, query: str) -> list[Any]:
    cursor = wire.cursor(row_factory=namedtuple_row)
    return await (await cursor.execute(query)).fetchall()


def build_policy(
    version: int,
    buses: Sequence[Any],
    systems: Sequence[Any],
    keys: Sequence[Any],
    services: Sequence[Any],
) -> Policy:
    """All but the grants."""
    clients = _clients(systems, keys, buses)
    by_id = {system.id: system for system in systems}
    offers = {service.id: _offer(service, by_id[service.system_id]) for service in services}
    return Policy(
        version=version,
        clients={client.x_road_id: client for client in clients.values()},
        offers={offer.x_road_id: offer for offer in offers.values()},
        directory=_directory(systems),
        targets=_targets(offers.values()),
        instance=systems[0].instance if systems else "",
    )


def _clients(
    systems: Sequence[Any], keys: Sequence[Any], buses: Sequence[Any]
) -> dict[int, Client]:
    verifiers: dict[int, list[Verify]] = defaultdict(list)
    channels: dict[int, list[str]] = defaultdict(list)
    for key in keys:
        if key.use == "channel":
            channels[key.system_id].append(key.public_key)
        else:
            verify = ed25519_verifier(VerifyKey(bytes.fromhex(key.public_key)))
            verifiers[key.system_id].append(verify)
    return {
        s.id: Client(
            s.x_road_id,
            verifiers[s.id],
            s.enabled,
            frozenset(channels[s.id]),
            buses_of(s.member_class, buses),
        )
        for s in systems
    }


def buses_of(member_class: str, buses: Sequence[Any]) -> frozenset[str]:
    named = frozenset(bus.code for bus in buses if member_class in bus.member_classes)
    return named or frozenset(bus.code for bus in buses if "*" in bus.member_classes)


def _targets(offers: Iterable[Offer]) -> dict[str, Target]:
    """By path on both faces."""
    made = [(offer.x_road_id, Target(offer.x_road_id)) for offer in offers]
    r1 = {f"/r1/{name}": target for name, target in made}
    return r1 | {f"/v1/{name.partition('/')[2]}": target for name, target in made}


def _offer(service: Any, system: Any) -> Offer:
    base_url = system.base_url.rstrip("/")
    return Offer(
        x_road_id=f"{system.x_road_id}/{service.code}",
        provider=system.x_road_id,
        code=service.code,
        version=service.version,
        base_url=base_url,
        base_path=urlsplit(base_url).path,
        endpoints=[Endpoint(e["method"], e["path"]) for e in service.endpoints],
        deadline_seconds=service.deadline_seconds,
        enabled=service.enabled and system.enabled,
        notice=service.notice,
        key_name=system.code,
        places=compile_places(service.subjects),
        buses=frozenset(service.buses),
    )


def _directory(systems: Sequence[Any]) -> list[Listed]:
    """Members first, then their systems, as X-Road's listClients."""
    members = {
        s.x_road_id.rpartition("/")[0]: Member(
            s.instance, s.member_class, s.member_code, s.member_name
        )
        for s in systems
    }
    listed = [Listed(member) for member in members.values()]
    return listed + [
        Listed(members[s.x_road_id.rpartition("/")[0]], s.code, s.name_en)
        for s in systems
        if s.enabled
    ]
