"""How long entries are kept, told to everybody; what is older is dropped (002 art 10(3), NIX-04).

Only bundles of entries go. Hash tiles stay for ever, so every proof that was ever given can still
be checked and made again by whoever holds the record.
"""

import json
import logging
from datetime import datetime, timedelta

from panjereh.common import clock
from panjereh.exchange.evidence.config import Config
from panjereh.exchange.evidence.folder import Folder
from panjereh.exchange.evidence.spans import read_spans
from panjereh.exchange.evidence.stored import minimum_index, published
from panjereh.exchange.evidence.tiles import ENTRIES, WIDTH, tile_path

log = logging.getLogger("panjereh.exchange.evidence")

POLICY = "policy.json"
MOST_AT_ONCE = 4096  # bundles, a million records


def publish_policy(conf: Config) -> None:
    """A log without a policy must not be pruned (c2sp.org/tlog-tiles)."""
    said = {
        "origin": conf.origin,
        "minimum_index": minimum_index(conf.folder),
        "retention_days": conf.retention_days,
        "legal_basis": "002 art 10(3): traffic and access data are kept for at least six months",
        "policy": (
            "Entries are dropped in whole bundles of 256 once all their calls are older than the"
            " retention. Hash tiles, checkpoints and time stamps are never dropped."
        ),
    }
    text = json.dumps(said, ensure_ascii=False, indent=1) + "\n"
    if conf.folder.read(POLICY) != text.encode():
        conf.folder.write({POLICY: text.encode()})


def prune(conf: Config) -> int:
    """Drop what the policy allows to drop; the number of entries that went."""
    before = clock.now() - timedelta(days=conf.retention_days)
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
    """The new minimum is told before anything goes, so nobody meets a hole that was not told."""
    conf.folder.write({"minimum": str(last * WIDTH).encode()})
    publish_policy(conf)
    for bundle in range(first, last):
        conf.folder.remove(tile_path(ENTRIES, bundle))


def _sweep(folder: Folder, minimum: int) -> None:
    """What a crash left below the minimum: always the last ones, because the first go first."""
    while minimum and folder.read(name := tile_path(ENTRIES, minimum - 1)) is not None:
        folder.remove(name)
        minimum -= 1
