"""A nation that nobody lives in: people in families, homes, phones, companies, newborns.

It is made of communities, each complete in itself and a pure function of the seed and its place
in the row. So a larger nation begins with the smaller one, and any size fits into memory.
"""

from collections.abc import Iterator
from datetime import date
from random import Random
from typing import overload

from panjereh.sandbox.nation.cast import Cast
from panjereh.sandbox.nation.companies import found_company
from panjereh.sandbox.nation.facts import some_city
from panjereh.sandbox.nation.families import NEW_YEAR_DAY, Chronicle, Families, Member
from panjereh.sandbox.nation.homes import settle
from panjereh.sandbox.nation.newborns import expect_child
from panjereh.sandbox.nation.numbers import Numbers
from panjereh.sandbox.nation.rows import Community, MarriageRow, PersonRow, SimRow

__all__ = ["DEFAULT_PEOPLE", "SEED", "Community", "communities", "generate"]

DEFAULT_PEOPLE = 10_000
SEED = 1405
_PHONE_FROM_AGE = 15
_SECOND_PHONE = 0.1


def generate(people: int, seed: int = SEED, today: date | None = None) -> Iterator[Community]:
    """Communities until there are at least so many people."""
    count = 0
    for community in communities(seed, today or date.today()):  # noqa: DTZ011 - a day, no moment
        if count >= people:
            return
        count += len(community.persons)
        yield community


def communities(seed: int, today: date) -> Iterator[Community]:
    """The whole row, without end; the first holds the cast."""
    numbers = Numbers()
    yield _first(Random(f"{seed}:0"), numbers, today)  # noqa: S311 - invented people, no secrets
    index = 1
    while True:
        yield _next(Random(f"{seed}:{index}"), numbers, index, today)  # noqa: S311
        index += 1


def _first(rng: Random, numbers: Numbers, today: date) -> Community:
    cast = Cast(rng, numbers, today)
    community = Community(0, notices=cast.notices)
    community.roles = {role: member.national_id for role, member in cast.roles.items()}
    _enter(rng, numbers, cast.chronicle.families, community)
    return community


def _next(rng: Random, numbers: Numbers, index: int, today: date) -> Community:
    community = Community(index)
    families = Chronicle(rng, numbers, some_city(rng)).write()
    expect_child(rng, numbers, families, community, today)
    _enter(rng, numbers, families, community)
    return community


def _enter(rng: Random, numbers: Numbers, families: Families, community: Community) -> None:
    community.persons += [_person(member) for member in families.members]
    community.marriages += [
        MarriageRow(c.wife.national_id, c.husband.national_id, _day(c.wedding), _day(c.ended))
        for c in families.couples
    ]
    settle(rng, numbers, families, community)
    adults = [m for m in families.members if _has_phone(m, community)]
    for adult in adults:
        _phone(rng, numbers, adult, community)
    signing = [m.national_id for m in adults if m.age(NEW_YEAR_DAY) >= 21]
    for _ in range(1 + len(signing) // 60):
        found_company(rng, numbers, signing, families.city, community)


def _person(member: Member) -> PersonRow:
    return PersonRow(
        member.national_id,
        member.given_name,
        member.family_name,
        member.father_name,
        _day(member.born),
        member.city.city,
        member.sex,
        _day(member.died),
        member.mother.national_id if member.mother else None,
        member.father.national_id if member.father else None,
    )


def _has_phone(member: Member, community: Community) -> bool:
    if member.died is not None or member.national_id == community.roles.get("without-mobile"):
        return False
    return member.age(NEW_YEAR_DAY) >= _PHONE_FROM_AGE


def _phone(rng: Random, numbers: Numbers, adult: Member, community: Community) -> None:
    for _ in range(2 if rng.random() < _SECOND_PHONE else 1):
        community.sims.append(SimRow(numbers.mobile(), adult.national_id))


@overload
def _day(ordinal: int) -> date: ...
@overload
def _day(ordinal: int | None) -> date | None: ...
def _day(ordinal: int | None) -> date | None:
    return None if ordinal is None else date.fromordinal(ordinal)
