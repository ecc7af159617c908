"""What anybody may know of the log: how large it is, who attests it, how it is kept and checked."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from panjereh.exchange.evidence import keeping
from panjereh.exchange.evidence.audit import OUTCOME
from panjereh.exchange.evidence.config import Config
from panjereh.exchange.evidence.keeping import Keeping
from panjereh.exchange.evidence.note import Note, NoteRefused, VerifierKey
from panjereh.exchange.evidence.stamps import last_stamp
from panjereh.exchange.evidence.stored import CHECKPOINT, minimum_index, published


@dataclass(frozen=True)
class Seen:
    """A witness, and when it signed the newest checkpoint; None when it has not."""

    name: str
    at: datetime | None


@dataclass(frozen=True)
class Audited:
    at: datetime
    since: datetime
    until: datetime
    found: int


@dataclass(frozen=True)
class LogState:
    origin: str
    size: int
    root: str
    published_at: datetime | None
    witnesses: tuple[Seen, ...]
    stamped: tuple[int, datetime] | None
    retention_days: int
    first_kept: int
    audited: Audited | None
    keeping: Keeping | None


def log_state(conf: Config) -> LogState:
    newest = published(conf.folder)
    return LogState(
        origin=conf.origin,
        size=newest.head.size if newest else 0,
        root=base64.b64encode(newest.head.root).decode() if newest else "",
        published_at=_written(conf) if newest else None,
        witnesses=tuple(_seen(conf, newest.note)) if newest else (),
        stamped=last_stamp(conf.folder),
        retention_days=conf.retention_days,
        first_kept=minimum_index(conf.folder),
        audited=_audited(conf),
        keeping=keeping.told(conf.folder),
    )


def _written(conf: Config) -> datetime:
    return datetime.fromtimestamp((conf.folder.path / CHECKPOINT).stat().st_mtime, UTC)


def _seen(conf: Config, note: Note) -> Iterator[Seen]:
    for witness in conf.witnesses:
        yield Seen(witness.key.name, _time(note, witness.key))


def _time(note: Note, key: VerifierKey) -> datetime | None:
    for signature in note.signatures:
        if (signature.name, signature.key_id) == (key.name, key.id):
            try:
                seconds = key.check(note.text, signature.value)
            except NoteRefused:
                return None
            return datetime.fromtimestamp(seconds, UTC) if seconds else None
    return None


def _audited(conf: Config) -> Audited | None:
    data = conf.folder.read(OUTCOME)
    if data is None:
        return None
    said: dict[str, Any] = json.loads(data)
    at, since, until = (datetime.fromisoformat(said[name]) for name in ("at", "since", "until"))
    return Audited(at, since, until, sum(said["found"].values()))
