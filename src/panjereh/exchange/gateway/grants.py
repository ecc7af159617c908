"""The grants of the policy. A hundred thousand of them stand while one changes: only the rows that
are new or have changed are read, a few at a time, so calls go on meanwhile."""

import asyncio
import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import psycopg
from psycopg.rows import namedtuple_row

from panjereh.exchange.gateway.attest import compile_attestation
from panjereh.exchange.gateway.conditions import compile_conditions, lists_named
from panjereh.exchange.gateway.fields import Tree, compile_items
from panjereh.exchange.gateway.lists import Lists
from panjereh.exchange.gateway.policy import Permission
from panjereh.exchange.gateway.seals import FINGERPRINT

log = logging.getLogger("panjereh.exchange.policy")

BATCH = 500
_STANDING = "state = 'active' AND suspended_at IS NULL AND revocation = ''"
# xmin is another with every change of a row, whoever makes it.
_VERSIONS = f"""
    SELECT array_agg(id), array_agg(xmin::text::bigint) FROM exchange_grant WHERE {_STANDING}
"""  # noqa: S608 - no value is put in
_ROWS = f"""
    SELECT id, consumer_id, service_id, data_items, purpose, quota_per_minute,
           quota_per_day, conditions, attestation, form,
           extract(epoch FROM not_before)::float8 AS not_before,
           extract(epoch FROM not_after)::float8 AS not_after, {FINGERPRINT} AS seal
    FROM exchange_grant g WHERE id = ANY(%s)
"""  # noqa: S608

Key = tuple[str, str]  # X-Road ids of the consumer and of the service
Wire = psycopg.AsyncConnection[Any]


class Kept(NamedTuple):
    version: int
    key: Key
    permission: Permission | None  # None: not understood, so it opens nothing


class Names(NamedTuple):
    """X-Road ids by row."""

    systems: Mapping[int, str]
    services: Mapping[int, str]


class Grants:
    """Those that stand, as they were last read."""

    def __init__(self) -> None:
        self._kept: dict[int, Kept] = {}
        self._trees: dict[tuple[str, ...], Tree | None] = {}

    async def read(self, wire: Wire, names: Names, lists: Lists) -> dict[Key, Permission]:
        """Inside the transaction in which the rest of the policy is read."""
        versions = await _versions(wire)
        self._kept = {i: kept for i, kept in self._kept.items() if versions.get(i) == kept.version}
        missing = [i for i in versions if i not in self._kept or self._is_conditional(i)]
        rows = [row async for row in _rows(wire, missing)]
        await lists.read(wire, [code for row in rows for code in lists_named(row.conditions)])
        for number, row in enumerate(rows):
            key = names.systems[row.consumer_id], names.services[row.service_id]
            self._kept[row.id] = Kept(versions[row.id], key, self._permission(row, lists))
            if number % BATCH == 0:
                await asyncio.sleep(0)
        return {kept.key: kept.permission for kept in self._kept.values() if kept.permission}

    def _is_conditional(self, grant_id: int) -> bool:
        """Lists change without their grants."""
        permission = self._kept[grant_id].permission
        return permission is None or permission.conditions is not None

    def _permission(self, grant: Any, lists: Lists) -> Permission | None:
        """None for a grant with terms that this gateway does not understand: it opens nothing."""
        try:
            conditions = compile_conditions(grant.conditions, lists)
            attestation = compile_attestation(grant.attestation)
        except (ValueError, KeyError, TypeError):
            log.exception("exchange.policy.grant-not-understood grant=%s", grant.id)
            return None
        return Permission(
            grant_id=grant.id,
            tree=self._tree(tuple(grant.data_items)),
            quota_per_minute=grant.quota_per_minute,
            not_before=grant.not_before,
            not_after=grant.not_after,
            purpose=grant.purpose,
            quota_per_day=grant.quota_per_day,
            conditions=conditions,
            attestation=attestation,
            message=grant.form == "message",
            seal=grant.seal,
        )

    def _tree(self, items: tuple[str, ...]) -> Tree | None:
        """Grants of one kind grant the same items; one tree serves them all."""
        if items not in self._trees:
            self._trees[items] = compile_items(items)
        return self._trees[items]


async def _versions(wire: Wire) -> dict[int, int]:
    cursor = await wire.cursor(binary=True).execute(_VERSIONS)
    row = await cursor.fetchone()
    if row is None or row[0] is None:
        return {}
    return dict(zip(*row, strict=True))


async def _rows(wire: Wire, ids: Sequence[int]) -> Any:
    for batch in _batches(ids):
        cursor = wire.cursor(row_factory=namedtuple_row)
        for row in await (await cursor.execute(_ROWS, [batch])).fetchall():
            yield row


def _batches(ids: Sequence[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), BATCH):
        yield list(ids[start : start + BATCH])
