"""What government asked about a person lately, by kind of data (PRV-03): which registries told it,
and to whom."""

from collections import defaultdict
from datetime import datetime

from django.db.models import QuerySet
from ninja import Schema

from panjereh.exchange.usage import queries, words
from panjereh.exchange.usage.models import Look

Names = dict[str, str]


class SourceOut(Schema):
    registry: Names
    agencies: list[Names]
    times: int
    last_at: datetime


class KindOut(Schema):
    kind: str
    name: Names
    sources: list[SourceOut]


def by_kind(looks: QuerySet[Look]) -> list[KindOut]:
    """Kinds in the order of data/items.yaml; a look at two kinds counts in both."""
    found: defaultdict[str, list[queries.Asked]] = defaultdict(list)
    for asked in queries.by_grant(looks):
        for kind in words.kinds(words.pointers_of(asked.grant)):
            found[kind].append(asked)
    known = [kind for kind in words.kinds_in_order() if kind in found]
    return [
        KindOut(kind=kind, name=dict(words.kind_name(kind)), sources=_sources(found[kind]))
        for kind in known
    ]


def _sources(asked: list[queries.Asked]) -> list[SourceOut]:
    by_registry: defaultdict[int, list[queries.Asked]] = defaultdict(list)
    for one in asked:
        by_registry[one.grant.service.system_id].append(one)
    return sorted((_source(ones) for ones in by_registry.values()), key=lambda s: -s.times)


def _source(asked: list[queries.Asked]) -> SourceOut:
    agencies = {one.grant.consumer.member_id: one.grant.consumer.member.name for one in asked}
    return SourceOut(
        registry=asked[0].grant.service.system.name,
        agencies=list(agencies.values()),
        times=sum(one.times for one in asked),
        last_at=max(one.last_at for one in asked),
    )
