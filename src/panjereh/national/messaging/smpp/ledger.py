"""The pump's book: every move of a delivery, committed before the world can see it.

Sent order: `claim` commits *submitting* before the socket write, and `write` commits a receipt
before it is acknowledged. So whatever dies, a delivery is found in the state it may have reached:
nothing accepted is lost, and what may arrive twice is marked `maybe_dup`.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from panjereh.common.outbox.worker import dsn
from panjereh.national.messaging.actions import CHANNEL
from panjereh.national.messaging.models import State
from panjereh.national.messaging.smpp import sql
from panjereh.national.messaging.smpp.receipts import Receipt

ROUTE = "smpp"


@dataclass(frozen=True)
class Due:
    """A part that is ours to send now, under the sequence number it was committed with."""

    id: int
    sequence: int
    part: int
    total: int
    lane: int
    attempts: int
    expires_at: datetime | None
    message_id: UUID
    mask: str
    mobile: str
    text: str


@dataclass(frozen=True)
class Accepted:
    sequence: int
    smsc_id: str


@dataclass(frozen=True)
class Again:
    """Back into the queue. `counted` attempts lead to giving up; being throttled is none."""

    sequence: int
    after: float
    reason: str
    counted: bool = True
    maybe_dup: bool = False


@dataclass(frozen=True)
class Hopeless:
    sequence: int
    reason: str


Outcome = Accepted | Again | Hopeless


class Ledger:
    """One session of one pump. `ears` hears of new messages and holds the session's lock."""

    def __init__(
        self, hands: psycopg.AsyncConnection, ears: psycopg.AsyncConnection, session: int
    ) -> None:
        self._hands, self._ears, self.session = hands, ears, session
        self._turn = asyncio.Lock()

    async def hear(self, wake: asyncio.Event) -> None:
        async for _ in self._ears.notifies():
            wake.set()

    async def claim(self, count: int, first_sequence: int) -> list[Due]:
        """Commit up to `count` queued parts as submitting, most urgent first."""
        async with self._turn, self._hands.cursor(row_factory=class_row(Due)) as cursor:
            await cursor.execute(
                sql.CLAIM, {"limit": count, "first": first_sequence, "session": self.session}
            )
            return sorted(await cursor.fetchall(), key=lambda due: due.sequence)

    async def write(self, outcomes: Sequence[Outcome], receipts: Sequence[Receipt]) -> None:
        """Commit answers, then receipts: one that came before its answer finds it here."""
        async with self._turn, self._hands.transaction():
            for outcome in outcomes:
                await self._hands.execute(*self._moved(outcome))
            known = [o.smsc_id for o in outcomes if isinstance(o, Accepted)]
            for receipt in [*await self._orphans(known), *receipts]:
                await self._receive(receipt)

    def _moved(self, outcome: Outcome) -> tuple[str, dict[str, object]]:
        pdu = {"session": self.session, "sequence": outcome.sequence}
        match outcome:
            case Accepted(smsc_id=smsc_id):
                return sql.ACCEPTED, pdu | {
                    "smsc_id": smsc_id,
                    "data": Jsonb({"smsc_id": smsc_id}),
                }
            case Again():
                return sql.AGAIN, pdu | {
                    "after": outcome.after,
                    "uncounted": 0 if outcome.counted else 1,
                    "maybe_dup": outcome.maybe_dup,
                    "data": Jsonb({"reason": outcome.reason}),
                }
            case Hopeless(reason=reason):
                return sql.HOPELESS, pdu | {"data": Jsonb({"reason": reason})}

    async def _orphans(self, smsc_ids: list[str]) -> list[Receipt]:
        if not smsc_ids:
            return []
        rows = await self._hands.execute(sql.TAKE_ORPHANS, {"route": ROUTE, "ids": smsc_ids})
        return [Receipt(row[0], State(row[1]), row[2]) for row in await rows.fetchall()]

    async def _receive(self, receipt: Receipt) -> None:
        if receipt.state is None:
            return
        found = {
            "route": ROUTE,
            "smsc_id": receipt.smsc_id,
            "state": receipt.state.value,
            "error": receipt.error,
            "data": Jsonb({"error": receipt.error} if receipt.error else {}),
        }
        moved = await self._hands.execute(sql.RECEIPT, found)
        if moved.rowcount == 0:
            await self._hands.execute(sql.KEEP_ORPHAN, found)

    async def sweep(self) -> None:
        """What has outlived its life, its receipt or its pump."""
        async with self._turn, self._hands.transaction():
            for statement in (sql.EXPIRE, sql.NO_RECEIPT, sql.FORGET_CODES, sql.FORGET_ORPHANS):
                await self._hands.execute(statement)
            await self._hands.execute(sql.RECOVER_DEAD, {"session": self.session})

    async def release(self) -> None:
        """The connection is gone: what was in flight goes back, and may arrive twice."""
        async with self._turn:
            await self._hands.execute(sql.RELEASE, {"session": self.session})


@asynccontextmanager
async def opened() -> AsyncIterator[Ledger]:
    """A session under a lock that dies with us, so that another pump can tell we are dead."""
    async with (
        await psycopg.AsyncConnection.connect(dsn(), autocommit=True) as ears,
        await psycopg.AsyncConnection.connect(dsn(), autocommit=True) as hands,
    ):
        row = await (await ears.execute(sql.NEW_SESSION)).fetchone()
        assert row is not None  # noqa: S101 - nextval always has a row
        await ears.execute(f"LISTEN {CHANNEL}")
        yield Ledger(hands, ears, row[0])
