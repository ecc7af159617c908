"""What the directory says of callers and services at this time: sub-members, services that end.

A call may name the body that it is made for (X-Road-Represented-Party), but only one that is
registered as calling through the member of the caller (NIX-20, 21, 22). A service that ends says
so in every answer (RFC 9745, RFC 8594), and answers until its day, or until the later day that
was given to a consumer that still needs it (NIX-36).
"""

import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row

from panjereh.exchange.gateway import faults
from panjereh.exchange.gateway.faults import gettext_noop

_MEMBER = "concat_ws('/', m.instance, m.member_class, m.code)"
_SUB_MEMBERS = f"""
    SELECT {_MEMBER.replace("m.", "t.")} AS through, {_MEMBER} AS member
    FROM exchange_member m JOIN exchange_member t ON t.id = m.through_id
"""  # noqa: S608 - constants of ours
_SERVICE = f"concat_ws('/', {_MEMBER}, s.code, v.code)"
_JOINED = """
    exchange_service v JOIN exchange_system s ON s.id = v.system_id
    JOIN exchange_member m ON m.id = s.member_id
"""
_ENDINGS = f"""
    SELECT w.id, {_SERVICE} AS service, w.notice_en AS notice,
           extract(epoch FROM w.announced_at)::float8 AS announced_at,
           extract(epoch FROM w.ends_at)::float8 AS ends_at,
           (SELECT {_SERVICE} FROM {_JOINED} WHERE v.id = w.successor_id) AS successor
    FROM directory_withdrawal w JOIN ({_JOINED}) ON v.id = w.service_id
"""  # noqa: S608
_EXTENSIONS = f"""
    SELECT e.withdrawal_id, concat_ws('/', {_MEMBER}, s.code) AS consumer,
           extract(epoch FROM e.until)::float8 AS until
    FROM directory_extension e JOIN exchange_system s ON s.id = e.consumer_id
    JOIN exchange_member m ON m.id = s.member_id WHERE e.until IS NOT NULL
"""  # noqa: S608

Headers = list[tuple[str, str]]
Wire = psycopg.AsyncConnection[Any]


@dataclass(frozen=True)
class Ending:
    announced_at: float
    ends_at: float
    notice: str
    successor: str = ""
    extended: Mapping[str, float] = field(default_factory=dict)  # consumer -> its own day

    def day_of(self, consumer: str) -> float:
        return max(self.ends_at, self.extended.get(consumer, 0))

    def headers(self, consumer: str) -> Headers:
        made = [
            ("deprecation", f"@{int(self.announced_at)}"),
            ("sunset", formatdate(self.day_of(consumer), usegmt=True)),
        ]
        link = f'</r1/{self.successor}>; rel="successor-version"'
        return [*made, ("link", link)] if self.successor else made


@dataclass(frozen=True)
class Standing:
    endings: Mapping[str, Ending] = field(default_factory=dict)  # by service
    sub_members: Mapping[str, frozenset[str]] = field(default_factory=dict)  # by member

    def check_represented(self, consumer: str, represented: str) -> None:
        if represented and represented not in self.sub_members.get(_member_of(consumer), ()):
            text = gettext_noop("the represented party does not call through this member")
            raise faults.access_denied(text)

    def check_ending(self, service: str, consumer: str) -> None:
        ending = self.endings.get(service)
        if ending and time.time() >= ending.day_of(consumer):
            raise faults.service_disabled(ending.notice)

    def headers(self, service: str, consumer: str) -> Headers:
        ending = self.endings.get(service)
        return ending.headers(consumer) if ending else []


async def read_standing(wire: Wire) -> Standing:
    """Inside the transaction that reads the rest of the policy."""
    sub_members: dict[str, set[str]] = defaultdict(set)
    for row in await _rows(wire, _SUB_MEMBERS):
        sub_members[row.through].add(row.member)
    extended: dict[int, dict[str, float]] = defaultdict(dict)
    for row in await _rows(wire, _EXTENSIONS):
        extended[row.withdrawal_id][row.consumer] = row.until
    endings = {
        row.service: Ending(
            row.announced_at, row.ends_at, row.notice, row.successor or "", extended[row.id]
        )
        for row in await _rows(wire, _ENDINGS)
    }
    return Standing(endings, {name: frozenset(members) for name, members in sub_members.items()})


async def _rows(wire: Wire, query: str) -> list[Any]:
    cursor = wire.cursor(row_factory=namedtuple_row)
    return await (await cursor.execute(query)).fetchall()


def _member_of(system: str) -> str:
    return system.rpartition("/")[0]
