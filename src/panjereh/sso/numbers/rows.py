"""The numbers of some days, read from the rows of what happened. Exact, and slow over long times.

Each number has one place: nothing is counted here that is not read by these statements.
"""

from dataclasses import dataclass
from typing import Any

from django.db import connection

from panjereh.sso.ledger.readers import RELEASES
from panjereh.sso.numbers.days import Span

# An account is of the kind it was opened as; a child's stays so, for we keep no birthdays.
_KIND = """
    CASE WHEN p.kind = 'fida' THEN 'foreign'
         WHEN EXISTS (SELECT FROM sso_people_guardianship g WHERE g.child_id = p.id) THEN 'minor'
         ELSE 'national' END
"""
# Whether the account was open just before a moment, and at which level.
_STATE = """
    CASE WHEN p.registered_at < {at} AND (p.closed_at IS NULL OR p.closed_at >= {at})
      AND NOT EXISTS (SELECT FROM sso_registry_news_closing c WHERE c.person_id = p.id
        AND c.closed_at < {at} AND c.reopened_at >= {at})
      AND NOT EXISTS (SELECT FROM sso_safety_closure c WHERE c.person_id = p.id
        AND c.closed_at < {at} AND c.back_at >= {at})
    THEN coalesce((SELECT max(a.level) FROM sso_attainedlevel a
        WHERE a.person_id = p.id AND a.attained_at < {at}), 0) END
"""
_CHANGES = f"""
    WITH touched AS (
        SELECT id FROM sso_person WHERE registered_at >= %(start)s AND registered_at < %(end)s
        UNION SELECT id FROM sso_person WHERE closed_at >= %(start)s AND closed_at < %(end)s
        UNION SELECT person_id FROM sso_attainedlevel
            WHERE attained_at >= %(start)s AND attained_at < %(end)s
        UNION SELECT person_id FROM sso_registry_news_closing
            WHERE closed_at >= %(start)s AND closed_at < %(end)s
               OR reopened_at >= %(start)s AND reopened_at < %(end)s
        UNION SELECT person_id FROM sso_safety_closure
            WHERE closed_at >= %(start)s AND closed_at < %(end)s
               OR back_at >= %(start)s AND back_at < %(end)s
    ), states AS (
        SELECT {_KIND} AS kind, {_STATE.format(at="%(start)s::timestamptz")} AS before,
            {_STATE.format(at="%(end)s::timestamptz")} AS after
        FROM sso_person p JOIN touched USING (id)
    ), steps AS (
        SELECT kind, before AS level, -1 AS change FROM states WHERE before IS NOT NULL
        UNION ALL SELECT kind, after, 1 FROM states WHERE after IS NOT NULL
        UNION ALL SELECT 'legal', 0, 1 FROM sso_organisations_organisation
            WHERE registered_at >= %(start)s AND registered_at < %(end)s
    )
    SELECT kind, level, sum(change)::int FROM steps GROUP BY kind, level HAVING sum(change) <> 0
"""  # noqa: S608 - put together from the constants above
_ENTRIES = f"""
    SELECT 'registration', p.registered_through, {_KIND} AS detail, count(*)::int
    FROM sso_person p WHERE registered_at >= %(start)s AND registered_at < %(end)s GROUP BY 2, 3
    UNION ALL
    SELECT 'login', client_id, level::text, count(*)::int FROM sso_grant
    WHERE issued_at >= %(start)s AND issued_at < %(end)s AND spent_at IS NOT NULL
      AND scope NOT LIKE %(reading)s
    GROUP BY 2, 3
    UNION ALL
    SELECT 'proof', client_id, way, count(*)::int FROM sso_signin
    WHERE at >= %(start)s AND at < %(end)s GROUP BY 2, 3
"""  # noqa: S608 - put together from the constants above


@dataclass(frozen=True)
class ChangeRow:
    kind: str
    level: int
    change: int


@dataclass(frozen=True)
class EntryRow:
    what: str
    client_id: str
    detail: str
    times: int


def changes_in(span: Span) -> list[ChangeRow]:
    return [ChangeRow(*row) for row in _read(_CHANGES, span)]


def entries_in(span: Span) -> list[EntryRow]:
    return [EntryRow(*row) for row in _read(_ENTRIES, span)]


def _read(statement: str, span: Span) -> list[Any]:
    with connection.cursor() as cursor:
        # A token for reading one's own ledger is no login.
        cursor.execute(statement, span.row | {"reading": f"%{RELEASES}%"})
        return list(cursor.fetchall())
