"""Carry queued parts to the operator and its receipts back: one session, from bind to unbind."""

import asyncio
import logging
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
from smpplib import consts

from panjereh.common import clock
from panjereh.national.messaging.models import Lane
from panjereh.national.messaging.smpp import ledger as books
from panjereh.national.messaging.smpp import pdu, receipts
from panjereh.national.messaging.smpp.ledger import Accepted, Again, Due, Hopeless, Ledger, Outcome
from panjereh.national.messaging.smpp.link import Link, LinkLost, Operator, ResponseLate, bound
from panjereh.national.messaging.smpp.pace import Pace
from panjereh.national.messaging.smpp.parts import Part, pack
from panjereh.national.messaging.smpp.receipts import Receipt
from panjereh.national.messaging.text import parts

log = logging.getLogger("panjereh.messaging.pump")

POLL_SECONDS = 1.0  # the safety net behind NOTIFY, and the step of retries
SWEEP_SECONDS = 5.0
DRAIN_SECONDS = 5.0
THROTTLED_SECONDS = 0.5
MAX_ATTEMPTS = 49  # at once, then 48 times every five minutes
RETRY_SECONDS = 300.0
ONE_TIME_RETRY_SECONDS = 2.0

# The number or the text is wrong; asking again gives the same answer.
_HOPELESS = {
    consts.SMPP_ESME_RINVMSGLEN,
    consts.SMPP_ESME_RINVSRCADR,
    consts.SMPP_ESME_RINVDSTADR,
    consts.SMPP_ESME_RINVSRCTON,
    consts.SMPP_ESME_RINVSRCNPI,
    consts.SMPP_ESME_RINVDSTTON,
    consts.SMPP_ESME_RINVDSTNPI,
    consts.SMPP_ESME_RINVEXPIRY,
}


@dataclass(frozen=True)
class Receipted:
    """A receipt, and the PDU to acknowledge once it is committed."""

    receipt: Receipt
    sequence: int


async def run_session(operator: Operator, stop: asyncio.Event) -> None:
    """Bind, carry until `stop`, unbind. Raises `LinkLost` or a database error when it breaks."""
    async with books.opened() as ledger:
        await ledger.sweep()
        try:
            async with bound(operator) as link:
                await Pump(link, ledger, operator.window).carry(stop)
        finally:
            with suppress(psycopg.OperationalError):
                await ledger.release()


class Pump:
    def __init__(self, link: Link, ledger: Ledger, window: int) -> None:
        self._link, self._ledger, self._window = link, ledger, window
        self._pace = Pace()
        self._wake = asyncio.Event()
        self._news: asyncio.Queue[Outcome | Receipted] = asyncio.Queue()
        self._in_flight = 0
        self._submits: set[asyncio.Task[None]] = set()

    async def carry(self, stop: asyncio.Event) -> None:
        log.info("sms.pump.bound session=%s", self._ledger.session)
        try:
            await _until_first(
                self._feed(stop),
                self._record(),
                self._sweep(),
                self._ledger.hear(self._wake),
                self._link.listen(self._received, self._late),
                self._link.keep_alive(),
            )
        finally:
            for task in self._submits:
                task.cancel()

    async def _feed(self, stop: asyncio.Event) -> None:
        """Claim while there is room; after `stop` only wait for what is in flight."""
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                self._wake.clear()
                if not await self._claim():
                    await _either(stopping, self._wake, POLL_SECONDS)
        finally:
            stopping.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                while self._in_flight:
                    await asyncio.sleep(0.01)

    async def _claim(self) -> bool:
        """Send what is due and allowed. False when there is nothing to do until woken."""
        room = self._window - self._in_flight
        allowed = self._pace.take(room)
        if room and not allowed:
            await asyncio.sleep(1 / self._pace.rate)
            return True
        due = await self._ledger.claim(allowed, self._link.reserve(allowed)) if allowed else []
        self._pace.give_back(allowed - len(due))
        self._in_flight += len(due)
        for part in due:
            task = asyncio.create_task(self._submit(part))
            self._submits.add(task)
            task.add_done_callback(self._submits.discard)
        return bool(due)

    async def _submit(self, due: Due) -> None:
        try:
            answer = await self._link.ask("submit_sm", sequence=due.sequence, **_fields(due))
        except ResponseLate:
            late = _retry(due, reason="no-response")
            self._news.put_nowait(
                Again(due.sequence, late.after, late.reason, maybe_dup=True)
                if isinstance(late, Again)
                else late
            )
        except LinkLost:
            return  # the session ends and releases everything in flight
        else:
            self._news.put_nowait(self._outcome(due, answer))

    def _outcome(self, due: Due, answer: pdu.Frame) -> Outcome:
        if answer.status == pdu.OK and answer.command == "submit_sm_resp":
            self._pace.accepted()
            return Accepted(due.sequence, answer.text("message_id"))
        if answer.status in (pdu.THROTTLED, pdu.QUEUE_FULL):
            self._pace.throttled()
            return Again(due.sequence, THROTTLED_SECONDS, "throttled", counted=False)
        reason = f"status-{answer.status:#x}"
        if answer.status in _HOPELESS:
            return Hopeless(due.sequence, reason)
        return _retry(due, reason=reason)

    async def _record(self) -> None:
        """Commit the news in batches; acknowledge a receipt only after that."""
        while True:
            news = [await self._news.get()]
            while not self._news.empty():
                news.append(self._news.get_nowait())
            outcomes = [n for n in news if not isinstance(n, Receipted)]
            received = [n for n in news if isinstance(n, Receipted)]
            await self._ledger.write(outcomes, [r.receipt for r in received])
            for each in received:
                await self._link.send(pdu.encode("deliver_sm_resp", sequence=each.sequence))
            self._in_flight -= len(outcomes)
            self._wake.set()

    async def _received(self, frame: pdu.Frame) -> None:
        receipt = receipts.read(frame)
        if receipt is None:
            # Letters by SMS are not taken yet; the operator tells the writer so.
            refusal = pdu.encode(
                "deliver_sm_resp", sequence=frame.sequence, status=pdu.RECEIVER_REJECTS
            )
            await self._link.send(refusal)
        else:
            self._news.put_nowait(Receipted(receipt, frame.sequence))

    async def _late(self, frame: pdu.Frame) -> None:
        """An answer after its timer: the part was taken, unless it was sent again meanwhile."""
        if frame.command == "submit_sm_resp" and frame.status == pdu.OK:
            await self._ledger.write([Accepted(frame.sequence, frame.text("message_id"))], [])

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            await self._ledger.sweep()


def _fields(due: Due) -> dict[str, Any]:
    """The PDU of a part. Its reference comes from the message, so a part sent twice joins once."""
    text = parts(due.text)[due.part - 1]
    part = Part(text, due.message_id.int % 256, due.total, due.part)
    body, esm_class = pack(part)
    numeric = due.mask.isdigit()
    return {
        "source_addr_ton": consts.SMPP_TON_NWSPEC if numeric else consts.SMPP_TON_ALNUM,
        "source_addr_npi": consts.SMPP_NPI_UNK,
        "source_addr": due.mask,
        "dest_addr_ton": consts.SMPP_TON_INTL,
        "dest_addr_npi": consts.SMPP_NPI_ISDN,
        "destination_addr": due.mobile.removeprefix("+"),
        "esm_class": esm_class,
        "data_coding": pdu.UCS2,
        "registered_delivery": pdu.RECEIPT_WANTED,
        "validity_period": _validity(due),
        "short_message": body,
    }


def _validity(due: Due) -> str:
    """The rest of its life as a relative SMPP time (YYMMDDhhmmsstnnR); empty for the default."""
    if due.expires_at is None:
        return ""
    rest = max(timedelta(seconds=1), due.expires_at - clock.now())
    minutes, seconds = divmod(int(rest.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"0000{days:02}{hours:02}{minutes:02}{seconds:02}000R"


def _retry(due: Due, *, reason: str) -> Outcome:
    """At once the first time, then at the pace of its lane; at last we say that it failed."""
    if due.attempts >= MAX_ATTEMPTS:
        return Hopeless(due.sequence, f"gave-up {reason}")
    if due.lane == Lane.ONE_TIME:
        return Again(due.sequence, ONE_TIME_RETRY_SECONDS * (due.attempts - 1), reason)
    return Again(due.sequence, RETRY_SECONDS if due.attempts > 1 else 0, reason)


async def _either(stopping: asyncio.Task[Any], wake: asyncio.Event, seconds: float) -> None:
    waking = asyncio.create_task(wake.wait())
    try:
        await asyncio.wait({stopping, waking}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waking.cancel()


async def _until_first(*works: Coroutine[Any, Any, None]) -> None:
    """Run all until one ends; stop the others and raise what ended it."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
