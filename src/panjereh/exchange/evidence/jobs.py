"""The worker's side: keep the log, have it attested, prune it, compare it with the books."""

import asyncio
import logging
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

import nats
from django.conf import settings
from django.db import DatabaseError, connection
from pyreqwest.client import Client

from panjereh.common import clock
from panjereh.common.background import pause
from panjereh.exchange.evidence import keeping
from panjereh.exchange.evidence.audit import SETTLED, audit
from panjereh.exchange.evidence.authority import OutsideAuthority, SandboxAuthority
from panjereh.exchange.evidence.config import Config, ConfigRefused, config
from panjereh.exchange.evidence.cosigning import REST_SECONDS, Cosigning, LogForked
from panjereh.exchange.evidence.keys import KeysMissing, LogKeys, log_keys
from panjereh.exchange.evidence.leaf import LeafMaker
from panjereh.exchange.evidence.log import Log, LogBusy, LogDamaged
from panjereh.exchange.evidence.note import NoteRefused
from panjereh.exchange.evidence.outside import build_client
from panjereh.exchange.evidence.retention import prune, publish_policy
from panjereh.exchange.evidence.stamps import Stamper, TrustedTime
from panjereh.exchange.evidence.stream import StreamReader, StreamUnfit

log = logging.getLogger("panjereh.exchange.evidence")

RETRY_SECONDS = 1.0
STOPPED_SECONDS = 30.0
MINUTE = 60.0
AUDIT_EVERY = timedelta(hours=1)
AUDITED = timedelta(hours=2)
STAMPS_PER_AUDIT = 120

_AWAY = (nats.errors.Error, OSError, TimeoutError)
_UNFIT = (LogDamaged, LogForked, KeysMissing, ConfigRefused, StreamUnfit, NoteRefused)


async def keep_log(stop: asyncio.Event) -> None:
    """Until `stop`. A damaged log is told and left as it is; the calls go on without it."""
    while not stop.is_set():
        reason, seconds = "", RETRY_SECONDS
        try:
            await _keep(stop)
        except LogBusy:
            log.debug("exchange.evidence.stands-by")
        except _UNFIT as error:
            log.error("exchange.evidence.stopped reason=%s", error)
            reason, seconds = str(error), STOPPED_SECONDS
        except _AWAY as error:
            log.warning("exchange.evidence.waiting error=%s", type(error).__name__)
            reason = f"waits: {type(error).__name__}"
        if reason:
            await asyncio.to_thread(_tell, reason)
        await pause(stop, seconds)


def _tell(reason: str) -> None:
    with suppress(ConfigRefused, OSError):
        keeping.tell(config().folder, reason)


async def audit_log(stop: asyncio.Event) -> None:
    """Every hour, the past two: what was missing because somebody was late is looked at again."""
    while not stop.is_set():
        await pause(stop, AUDIT_EVERY.total_seconds())
        if stop.is_set():
            return
        try:
            await asyncio.to_thread(_audit_past_hours)
        except (DatabaseError, OSError, *_UNFIT) as error:
            log.warning("exchange.evidence.not-audited error=%s", type(error).__name__)


def _audit_past_hours() -> None:
    until = clock.now() - SETTLED
    try:
        audit(config(), until - AUDITED, until, STAMPS_PER_AUDIT)
    finally:
        connection.close()  # this thread's own


async def _keep(stop: asyncio.Event) -> None:
    conf = config()
    keys = log_keys(conf.keys, origin=conf.origin, production=conf.production)
    kept = await asyncio.to_thread(Log, conf.folder, keys)
    try:
        await asyncio.to_thread(publish_policy, conf)
        # A lost connection ends this round: whether the stream is the same is looked at anew.
        client = await nats.connect(settings.NATS_URL, allow_reconnect=False)
        try:
            reader = StreamReader(client, LeafMaker(keys.nonce_key))
            await reader.open(kept.position, kept.tree)
            async with build_client() as outside:
                await _Keeper(conf, kept, reader, _attests(conf, keys, outside)).run(stop)
        finally:
            await client.close()
    finally:
        kept.close()


@dataclass
class _Attests:
    cosigning: Cosigning
    stamper: Stamper | None


def _attests(conf: Config, keys: LogKeys, client: Client) -> _Attests:
    cosigning = Cosigning(client, conf.witnesses, keys.trusted)
    return _Attests(cosigning, _stamper(conf, client))


def _stamper(conf: Config, client: Client) -> Stamper | None:
    """In production nobody stamps for himself: without an authority the gap is seen."""
    folder = conf.keys / "documents"
    if conf.time_authority:
        outside = OutsideAuthority(conf.time_authority, client)
        return Stamper(conf.folder, outside, TrustedTime.load(folder))
    if conf.production or not (folder / "time-stamper.key").exists():
        log.warning("exchange.evidence.no-time-authority")
        return None
    return Stamper(conf.folder, SandboxAuthority(folder), TrustedTime.load(folder))


@dataclass
class _Keeper:
    conf: Config
    kept: Log
    reader: StreamReader
    attests: _Attests
    _told_at: float = float("-inf")
    _grown: asyncio.Event = field(default_factory=asyncio.Event)
    _writing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def run(self, stop: asyncio.Event) -> None:
        self._grown.set()
        beside = [asyncio.create_task(self._cosign()), asyncio.create_task(self._each_minute())]
        try:
            while not stop.is_set():
                for task in beside:
                    if task.done():
                        task.result()
                await self._advance()
                await self._say_so()
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)

    async def _advance(self) -> None:
        reading = await self.reader.gather()
        if reading.position == self.kept.position:
            return
        async with self._writing:
            await asyncio.to_thread(self.kept.append, reading.leaves, reading.position)
        self._grown.set()

    async def _say_so(self) -> None:
        if time.monotonic() - self._told_at > keeping.TOLD_EVERY.total_seconds():
            self._told_at = time.monotonic()
            await asyncio.to_thread(keeping.tell, self.conf.folder)

    async def _cosign(self) -> None:
        """One checkpoint at a time, always the newest; a witness that was away is asked again."""
        cosigning = self.attests.cosigning
        while cosigning.wanted:
            await self._grown.wait()
            self._grown.clear()
            seen = self.kept.published
            lines = await cosigning.cosign(seen, self.kept.tree)
            if lines:
                async with self._writing:
                    await asyncio.to_thread(self.kept.attach, seen, lines)
            if len(lines) < cosigning.wanted:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._grown.wait(), REST_SECONDS)
                self._grown.set()
        await asyncio.Event().wait()

    async def _each_minute(self) -> None:
        while True:
            if self.attests.stamper and self.kept.size:
                await self.attests.stamper.stamp(self.kept.published)
            await self.reader.trim(self.kept.position)
            await asyncio.to_thread(_prune, self.conf)
            await asyncio.sleep(MINUTE)


def _prune(conf: Config) -> None:
    """Without the books nothing goes: log and books drop a call together."""
    try:
        prune(conf)
    except DatabaseError as error:
        log.warning("exchange.evidence.not-pruned error=%s", type(error).__name__)
    finally:
        connection.close()  # this thread's own
