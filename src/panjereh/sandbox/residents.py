"""What the nation got later: foreign nationals, guardians named by a court, and how many of its
signatories bind a company. Installations that stood before get them at their next start."""

from collections.abc import Iterator

from django.db import connection
from django.db.models import Max
from django.utils.timezone import localdate

from panjereh.common import clock
from panjereh.registries.custody.models import BulkLoad
from panjereh.registries.foreigners.models import Foreigner
from panjereh.registries.telecom.models import Sim
from panjereh.sandbox.nation.foreigners import ForeignerRow, foreigners

AT_ONCE = 2_000

# Children whose father and paternal grandfather are gone; what a court changed later stays.
_GUARDIANS = """
    INSERT INTO civil_courtguardian (child_id, guardian_id, order_number, named_on)
    SELECT c.national_id, c.mother_id, upper(substr(md5(c.national_id || ':guardian'), 1, 10)),
           greatest(f.died_on, c.birth_date)
    FROM civil_person c
    JOIN civil_person f ON f.national_id = c.father_id AND f.died_on IS NOT NULL
    JOIN civil_person m ON m.national_id = c.mother_id AND m.died_on IS NULL
    LEFT JOIN civil_person g ON g.national_id = f.father_id AND g.died_on IS NULL
    WHERE c.died_on IS NULL AND g.national_id IS NULL
      AND c.birth_date > %s::date - interval '18 years'
      AND NOT EXISTS (SELECT FROM civil_courtguardian k WHERE k.child_id = c.national_id)
"""
_SIGNING = """
    UPDATE legal_company SET signing_rule = CASE
        WHEN s.signing > 2 AND legal_company.legal_id LIKE '%%2_' THEN 'two' ELSE 'all' END
    FROM (SELECT company_id, count(*) AS signing FROM legal_signatory GROUP BY 1) s
    WHERE s.company_id = legal_id AND s.signing > 1 AND legal_id ~ '[2-5].$'
      AND signing_rule = 'each'
"""


def complete_nation(load: BulkLoad) -> None:
    """What stands is left alone."""
    for rows in _batches(load):
        _enter(rows)
    with connection.cursor() as cursor:
        cursor.execute(_GUARDIANS, [localdate(clock.now())])
        cursor.execute(_SIGNING)


def is_complete(load: BulkLoad) -> bool:
    return _communities_with_foreigners() >= load.communities


def _communities_with_foreigners() -> int:
    last = Foreigner.objects.aggregate(last=Max("fida_code"))["last"]
    return int(last[1:9]) + 1 if last else 0


def _batches(load: BulkLoad) -> Iterator[list[ForeignerRow]]:
    batch: list[ForeignerRow] = []
    today = localdate(clock.now())
    for community in range(_communities_with_foreigners(), load.communities):
        batch += foreigners(load.seed, community, today)
        if len(batch) >= AT_ONCE:
            yield batch
            batch = []
    yield batch


def _enter(rows: list[ForeignerRow]) -> None:
    entered = [row._asdict() for row in rows]
    sims = [Sim(mobile=row.pop("mobile"), owner_national_id=row["fida_code"]) for row in entered]
    Foreigner.objects.bulk_create(Foreigner(**row) for row in entered)
    Sim.objects.bulk_create(sims)
