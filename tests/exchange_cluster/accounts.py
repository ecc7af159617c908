"""The books of all sides after the storm: consumers, provider, database, log."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from exchange.provider import Provider
from load import BROKEN, Attempt

from panjereh.exchange.evidence.config import config
from panjereh.exchange.evidence.leaf import record_of
from panjereh.exchange.evidence.stored import StoredTree, published
from panjereh.exchange.models import CallRecord
from panjereh.exchange.records import Record

# Refused before the caller was known.
UNRECORDED = (".policy_unavailable", ".not_ready")


@dataclass
class Accounts:
    attempts: Sequence[Attempt]
    provider: Provider
    consumer: str

    @cached_property
    def rows(self) -> list[CallRecord]:
        return list(CallRecord.objects.filter(consumer=self.consumer))

    @cached_property
    def leaves(self) -> list[Record]:
        return [leaf for leaf in leaves() if leaf.consumer == self.consumer]

    @cached_property
    def asked(self) -> Counter[str]:
        """Messages that reached the provider, by the id their consumer gave them."""
        told = [json.loads(asked.body)["message"] for asked in list(self.provider.asked)]
        return Counter(told)

    def by_end(self, *statuses: int) -> dict[str, Attempt]:
        return {a.message: a for a in self.attempts if a.status in statuses}

    @cached_property
    def answered(self) -> dict[str, Attempt]:
        return self.by_end(200)

    @cached_property
    def broken(self) -> dict[str, Attempt]:
        """The consumer cannot know what became of these."""
        return self.by_end(BROKEN)

    @cached_property
    def refused(self) -> dict[str, Attempt]:
        """Refused by the exchange after it knew the caller: each has a record."""
        ends = {a.message: a for a in self.attempts if a.status not in {200, BROKEN}}
        return {m: a for m, a in ends.items() if not a.error.endswith(UNRECORDED)}


def leaves() -> list[Record]:
    folder = config().folder
    seen = published(folder)
    tree = StoredTree(folder, seen.head.size if seen else 0)
    found = []
    for bundle in range(-(-tree.size // 256)):
        entries = tree.bundle(bundle)
        found += [record for entry in entries if (record := record_of(entry))]
    return found[: tree.size]
