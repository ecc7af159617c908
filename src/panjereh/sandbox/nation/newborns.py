"""Birth notices of the last month that nobody has entered yet."""

from datetime import UTC, date, datetime, timedelta
from random import Random

from panjereh.sandbox.nation.facts import hospitals_of
from panjereh.sandbox.nation.families import NEW_YEAR_DAY, Couple, Families
from panjereh.sandbox.nation.numbers import Numbers
from panjereh.sandbox.nation.rows import Community, NoticeRow

WITHIN_DAYS = 29
_SINCE_LAST_BIRTH = 420


def expect_child(
    rng: Random, numbers: Numbers, families: Families, community: Community, today: date
) -> None:
    """One notice for each community in which a couple may have one."""
    couples = [couple for couple in families.couples if _may_bear(couple)]
    if couples:
        days_ago = rng.randint(1, WITHIN_DAYS)
        community.notices.append(notice(rng, numbers, rng.choice(couples), today, days_ago))


def _may_bear(couple: Couple) -> bool:
    return (
        couple.ended is None
        and 19 <= couple.wife.age(NEW_YEAR_DAY) <= 40
        and couple.last_birth < NEW_YEAR_DAY - _SINCE_LAST_BIRTH
    )


def notice(rng: Random, numbers: Numbers, couple: Couple, today: date, days_ago: int) -> NoticeRow:
    hospital = rng.choice(hospitals_of(couple.city))
    midnight = datetime.combine(today - timedelta(days=days_ago), datetime.min.time(), UTC)
    # Hours in which the day is the same in Tehran and in UTC.
    born_at = midnight + timedelta(minutes=rng.randint(0, 20 * 60))
    return NoticeRow(
        notice_id=numbers.notice_id(hospital),
        hospital_id=hospital.code,
        born_at=born_at,
        sex=rng.choice(("female", "male")),
        weight_grams=int(rng.triangular(2400, 4300, 3250)),
        mother_national_id=couple.wife.national_id,
        father_national_id=couple.husband.national_id,
    )
