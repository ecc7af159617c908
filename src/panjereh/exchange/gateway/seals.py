"""No grant is used before its contract was checked: hash, three signatures, and that the row says
what was signed.

A policy of 100,000 grants must load in seconds, and checking all of them takes longer. So a grant
is checked before its first use, and the others one by one meanwhile. What was found is remembered
under a fingerprint of the row as the policy has it: a row that was tampered with is another row.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

from panjereh.exchange.approvals.contract import (
    ContractRefused,
    Keys,
    by_thumbprint,
    content_hash,
    verify,
)
from panjereh.exchange.approvals.terms import columns
from panjereh.exchange.gateway import faults
from panjereh.exchange.gateway.policy import Permission, Policy

log = logging.getLogger("panjereh.exchange.seals")

BATCH = 4
REST_SECONDS = 0.02  # between batches of the walk: a tenth of a core, two milliseconds at a time
IDLE_SECONDS = 1.0

# What the gateway enforces, as the policy reads it. Two rows with one fingerprint say the same.
FINGERPRINT = """
    md5(row(g.consumer_id, g.service_id, g.data_items, g.purpose, g.quota_per_minute,
            g.quota_per_day, g.conditions, g.attestation, g.confidential, g.form, g.stage,
            extract(epoch FROM g.not_before), extract(epoch FROM g.not_after),
            g.content_hash)::text)
"""
_ROWS = f"""
    SELECT to_jsonb(g) AS said, {FINGERPRINT} AS seal,
           g.approval_date, g.not_before, g.not_after, g.contract, g.signatures,
           concat_ws('/', cm.instance, cm.member_class, cm.code, c.code) AS consumer,
           concat_ws('/', pm.instance, pm.member_class, pm.code, p.code, s.code) AS service,
           ARRAY(SELECT public_key FROM exchange_systemkey
                 WHERE system_id IN (c.id, p.id) AND use = 'signature') AS member_keys
    FROM exchange_grant g
    JOIN exchange_system c ON c.id = g.consumer_id
    JOIN exchange_member cm ON cm.id = c.member_id
    JOIN exchange_service s ON s.id = g.service_id
    JOIN exchange_system p ON p.id = s.system_id
    JOIN exchange_member pm ON pm.id = p.member_id
    WHERE g.id = ANY(%s)
"""  # noqa: S608 - no value is put in
_MOMENTS = ("approval_date", "not_before", "not_after", "consumer", "service")

Wire = psycopg.AsyncConnection[Any]


class Seals:
    """`secretariat`: its public keys by thumbprint, from a file. `stages`: which grants count."""

    def __init__(
        self, database_url: str, secretariat: Mapping[str, str], stages: frozenset[str]
    ) -> None:
        self._database_url, self._secretariat, self._stages = database_url, secretariat, stages
        self._found: dict[str, bool] = {}
        self._wire: Wire | None = None
        self._one_at_a_time = asyncio.Lock()

    async def require(self, permission: Permission) -> None:
        """Let a call go on only when the grant's contract holds."""
        if permission.seal not in self._found:
            await self._check([permission])
        if not self._found.get(permission.seal, False):
            raise faults.access_denied("the contract of this grant does not hold")

    async def run(self, policy: Callable[[], Policy]) -> None:
        """Beside the gateway: what is broken is told in the log before anybody calls."""
        walked = -1
        while True:
            current = policy()
            if current.version != walked:
                with suppress(faults.Fault):  # the keeper tells of a lost database
                    await self.walk(current)
                    walked = current.version
            await asyncio.sleep(IDLE_SECONDS)

    async def walk(self, policy: Policy) -> None:
        """Check what no call has asked for yet, and forget what no longer stands."""
        standing = {p.seal: p for p in policy.permissions.values()}
        self._found = {seal: held for seal, held in self._found.items() if seal in standing}
        waiting = [p for seal, p in standing.items() if seal not in self._found]
        for start in range(0, len(waiting), BATCH):
            await self._check(waiting[start : start + BATCH])
            await asyncio.sleep(REST_SECONDS)

    async def _check(self, permissions: Iterable[Permission]) -> None:
        wanted = {p.grant_id: p for p in permissions}
        async with self._one_at_a_time:
            rows = {row["said"]["id"]: row for row in await self._rows(list(wanted))}
        for grant_id, permission in wanted.items():
            self._found[permission.seal] = self._holds(permission, rows.get(grant_id))

    def _holds(self, permission: Permission, row: dict[str, Any] | None) -> bool:
        if row is None or row["seal"] != permission.seal:
            return False  # changed since the policy was read; the next policy has another seal
        try:
            check_row(row, Keys(by_thumbprint(*row["member_keys"]), self._secretariat))
            if row["said"]["stage"] not in self._stages:
                raise ContractRefused("it is for another stage")
        except ContractRefused as error:
            log.error("exchange.grant.broken grant=%s reason=%s", permission.grant_id, error)
            return False
        return True

    async def _rows(self, ids: list[int]) -> list[dict[str, Any]]:
        """A lost database is told like a policy that cannot be refreshed. A connection that broke
        while nobody asked is made anew: the database may long be back."""
        try:
            if self._wire is not None:
                with suppress(psycopg.OperationalError):
                    return await _asked(self._wire, ids)
            self._wire = await psycopg.AsyncConnection.connect(
                self._database_url, autocommit=True, connect_timeout=5, row_factory=dict_row
            )
            return await _asked(self._wire, ids)
        except psycopg.Error as error:
            self._wire = None
            raise faults.policy_unavailable() from error


async def _asked(wire: Wire, ids: list[int]) -> list[dict[str, Any]]:
    return await (await wire.execute(_ROWS, [ids])).fetchall()


def check_row(row: Mapping[str, Any], keys: Keys) -> None:
    """Raises `ContractRefused` when the row says anything that was not signed."""
    said = dict(row["said"]) | {name: row[name] for name in _MOMENTS}
    try:
        signed = columns(row["contract"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ContractRefused("the row holds no contract") from error
    if said["content_hash"] != content_hash(row["contract"]):
        raise ContractRefused("the hash is not that of the contract")
    for name, value in signed.items():
        if _plain(said[name]) != _plain(value):
            raise ContractRefused(f"the row says another {name} than was signed")
    verify(row["contract"], row["signatures"], keys)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return value if isinstance(value, dict | list | bool | int) else str(value)
