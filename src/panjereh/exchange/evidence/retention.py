"""How long entries are kept, told to everybody; what is older is dropped (002 art 10(3), NIX-04).

Bundles of entries go, and with them the same calls in the books. Hash tiles stay for ever, so every
proof that was ever given can still be checked and made again by whoever holds the record.
"""

import json
import logging
from datetime import datetime, timedelta

from django.db import transaction

from panjereh.common import clock
from panjereh.exchange.evidence.config import Config
from panjereh.exchange.evidence.folder import Folder
from panjereh.exchange.evidence.leaf import record_of
from panjereh.exchange.evidence.spans import read_spans
from panjereh.exchange.evidence.stored import minimum_index, published
from panjereh.exchange.evidence.tiles import (
    ENTRIES,
    WIDTH,
    BundleRefused,
    tile_path,
    unpack_entries,
)
from panjereh.exchange.models import CallRecord

log = logging.getLogger("panjereh.exchange.evidence")

POLICY = "policy.json"
MOST_AT_ONCE = 4096  # bundles, a million records
ROWS_AT_ONCE = 16  # bundles whose calls leave the books in one transaction
# Kept a day longer than promised: an audit of the whole term never meets what is being dropped.
LONGER = timedelta(days=1)


def publish_policy(conf: Config) -> None:
    """A log without a policy must not be pruned (c2sp.org/tlog-tiles)."""
    said = {
        "origin": conf.origin,
        "minimum_index": minimum_index(conf.folder),
        "retention_days": conf.retention_days,
        "legal_basis": "002 art 10(3): traffic and access data are kept for at least six months",
        "policy": (
            "Entries are dropped in whole bundles of 256, and the same calls out of the database,"
            " once all of them are older than the retention and a day. Hash tiles, checkpoints and"
            " time stamps are never dropped."
        ),
    }
    text = json.dumps(said, ensure_ascii=False, indent=1) + "\n"
    if conf.folder.read(POLICY) != text.encode():
        conf.folder.write({POLICY: text.encode()})


def prune(conf: Config) -> int:
    """Drop what the policy allows to drop; the number of entries that went."""
    before = clock.now() - timedelta(days=conf.retention_days) - LONGER
    first = minimum_index(conf.folder) // WIDTH
    _sweep(conf.folder, first)
    last = _first_to_keep(conf.folder, first, before)
    if last > first:
        _drop(conf, first, last)
        log.info("exchange.evidence.pruned below=%s", last * WIDTH)
    return (last - first) * WIDTH


def _first_to_keep(folder: Folder, first: int, before: datetime) -> int:
    limit, newest = before.timestamp(), published(folder)
    bundles = newest.head.size // WIDTH if newest else 0
    spans = read_spans(folder, 0, first, min(bundles, first + MOST_AT_ONCE))
    for place, (_, latest) in enumerate(spans, first):
        if latest >= limit * 1_000_000 or _written_at(folder, place) >= limit:
            return place
    return first + len(spans)


def _written_at(folder: Folder, bundle: int) -> float:
    """By our own clock: a gateway whose clock is years behind must not shorten the term."""
    path = folder.path / tile_path(ENTRIES, bundle)
    return path.stat().st_mtime if path.exists() else 0.0


def _drop(conf: Config, first: int, last: int) -> None:
    """Out of the books first: after a crash the bundles still tell which calls are to go. Then the
    new minimum is told before anything goes, so nobody meets a hole that was not told."""
    for start in range(first, last, ROWS_AT_ONCE):
        _drop_rows(conf.folder, range(start, min(start + ROWS_AT_ONCE, last)))
    conf.folder.write({"minimum": str(last * WIDTH).encode()})
    publish_policy(conf)
    for bundle in range(first, last):
        conf.folder.remove(tile_path(ENTRIES, bundle))


def _drop_rows(folder: Folder, bundles: range) -> None:
    ids = [name for bundle in bundles for name in _request_ids(folder, bundle)]
    with transaction.atomic():
        CallRecord.objects.filter(request_id__in=ids).delete()


def _request_ids(folder: Folder, bundle: int) -> list[str]:
    """None of a bundle that is gone or damaged: what it held nobody can tell any more."""
    try:
        entries = list(unpack_entries(folder.read(tile_path(ENTRIES, bundle)) or b""))
    except BundleRefused:
        return []
    return [record.request_id for entry in entries if (record := record_of(entry))]


def _sweep(folder: Folder, minimum: int) -> None:
    """What a crash left below the minimum: always the last ones, because the first go first."""
    while minimum and folder.read(name := tile_path(ENTRIES, minimum - 1)) is not None:
        folder.remove(name)
        minimum -= 1
