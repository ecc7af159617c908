"""Was a record deleted, altered or put elsewhere, in the log or in the books?

What is asked of the outcome is told in `audit.json` beside the log; findings go to the log of the
process as well, as errors.
"""

import json
import logging
from collections import Counter
from datetime import datetime, timedelta

from panjereh.common import clock
from panjereh.exchange.evidence.books import compare, microseconds
from panjereh.exchange.evidence.config import Config
from panjereh.exchange.evidence.findings import Finding, check_files
from panjereh.exchange.evidence.keys import public_keys
from panjereh.exchange.evidence.spans import overlapping
from panjereh.exchange.evidence.stored import StoredTree, published

log = logging.getLogger("panjereh.exchange.evidence")

OUTCOME = "audit.json"
FINDINGS_TOLD = 100
SETTLED = timedelta(minutes=5)  # by then log and collector have both read a record


def audit(conf: Config, since: datetime, until: datetime, newest_stamps: int = 0) -> list[Finding]:
    """Files of the log and rows of the books, for the calls received in that time."""
    newest = published(conf.folder)
    size = newest.head.size if newest else 0
    touched = overlapping(conf.folder, size, microseconds(since), microseconds(until))
    keys = public_keys(conf.keys)
    found = list(check_files(conf.folder, keys, next(touched, 0), newest_stamps))
    if not found:  # out of damaged files nothing can be said of the books
        found = list(compare(StoredTree(conf.folder, size), since, until))
    _tell(conf, since, until, found)
    return found


def _tell(conf: Config, since: datetime, until: datetime, found: list[Finding]) -> None:
    kinds = dict(Counter(finding.kind for finding in found))
    if found:
        log.error("exchange.evidence.audit-found %s", kinds)
    said = {
        "at": clock.now().isoformat(),
        "since": since.isoformat(),
        "until": until.isoformat(),
        "found": kinds,
        "first": [str(finding) for finding in found[:FINDINGS_TOLD]],
    }
    conf.folder.write({OUTCOME: json.dumps(said, indent=1).encode()})
