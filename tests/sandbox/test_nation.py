"""The invented nation: whatever the seed, its people make sense and its numbers are valid."""

import hashlib
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import chain, islice
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panjereh.common.identifiers import (
    parse_legal_id,
    parse_mobile,
    parse_national_id,
    parse_postal_code,
)
from panjereh.common.text import clean
from panjereh.sandbox.nation import Community, communities, generate
from panjereh.sandbox.nation.facts import capital, cities, facts, hospitals_of
from panjereh.sandbox.nation.numbers import Numbers

TODAY = date(2026, 11, 22)
PEOPLE = 1_500


def nation(seed: int = 1405, people: int = PEOPLE, today: date = TODAY) -> list[Community]:
    return list(generate(people, seed, today))


def all_of(communities: list[Community], table: str) -> list[Any]:
    return list(chain.from_iterable(getattr(c, table) for c in communities))


def fingerprint(communities: list[Community]) -> str:
    return hashlib.sha256(repr([list(c.tables()) for c in communities]).encode()).hexdigest()


for_every_seed = given(st.integers(min_value=0, max_value=2**32))
quickly = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)


def test_the_same_seed_gives_the_same_nation() -> None:
    assert fingerprint(nation(7)) == fingerprint(nation(7))
    assert fingerprint(nation(7)) != fingerprint(nation(8))


def test_a_larger_nation_begins_with_the_smaller_one() -> None:
    small, large = nation(people=500), nation(people=1_500)

    assert fingerprint(large[: len(small)]) == fingerprint(small)


def test_another_day_moves_only_the_newest_births() -> None:
    now, later = nation(today=TODAY)[1:], nation(today=TODAY + timedelta(days=90))[1:]

    for table in ("persons", "marriages", "sims", "addresses", "residences", "companies"):
        assert all_of(now, table) == all_of(later, table)
    assert all_of(now, "notices") != all_of(later, "notices")


def test_it_is_as_large_as_it_was_asked_to_be_and_little_more() -> None:
    assert PEOPLE <= len(all_of(nation(), "persons")) < PEOPLE + 150


@quickly
@for_every_seed
def test_every_identifier_is_valid_and_given_once(seed: int) -> None:
    people = nation(seed)
    checks = (
        ("persons", "national_id", parse_national_id),
        ("sims", "mobile", parse_mobile),
        ("addresses", "postal_code", parse_postal_code),
        ("companies", "legal_id", parse_legal_id),
        ("notices", "notice_id", str),
    )
    for table, field, parse in checks:
        values = [getattr(row, field) for row in all_of(people, table)]
        assert [parse(value) for value in values] == values
        assert len(set(values)) == len(values)


@quickly
@for_every_seed
def test_numbers_lie_where_no_real_person_has_one(seed: int) -> None:
    people = nation(seed, 500)

    assert all(p.national_id[0] == "9" for p in all_of(people, "persons"))
    assert all(s.mobile.startswith("+9896") for s in all_of(people, "sims"))
    assert all(c.legal_id.startswith("149") for c in all_of(people, "companies"))


@quickly
@for_every_seed
def test_parents_are_a_generation_older_and_give_name_and_fathers_name(seed: int) -> None:
    persons = {p.national_id: p for p in all_of(nation(seed), "persons")}
    children = [p for p in persons.values() if p.mother_id]

    assert len(children) > PEOPLE / 3
    for child in children:
        mother, father = persons[child.mother_id], persons[child.father_id]
        assert (mother.sex, father.sex) == ("female", "male")
        assert timedelta(days=16 * 365) < child.birth_date - mother.birth_date
        assert child.birth_date - mother.birth_date < timedelta(days=45 * 366)
        assert child.birth_date - father.birth_date > timedelta(days=16 * 365)
        assert (child.family_name, child.father_name) == (father.family_name, father.given_name)


@quickly
@for_every_seed
def test_marriages_are_of_grown_people_who_are_not_siblings(seed: int) -> None:
    people = nation(seed)
    persons = {p.national_id: p for p in all_of(people, "persons")}

    for marriage in all_of(people, "marriages"):
        wife, husband = persons[marriage.wife_id], persons[marriage.husband_id]
        assert (wife.sex, husband.sex) == ("female", "male")
        assert marriage.married_on - wife.birth_date >= timedelta(days=17 * 365)
        assert marriage.married_on - husband.birth_date >= timedelta(days=17 * 365)
        assert wife.mother_id is None or wife.mother_id != husband.mother_id
        assert marriage.ended_on is None or marriage.ended_on >= marriage.married_on
        for spouse in (wife, husband):
            assert spouse.died_on is None or (
                marriage.ended_on is not None and marriage.ended_on <= spouse.died_on
            )


@quickly
@for_every_seed
def test_nobody_dies_before_living_or_in_the_future(seed: int) -> None:
    people = nation(seed)
    persons = {p.national_id: p for p in all_of(people, "persons")}
    dead = [p for p in persons.values() if p.died_on]

    assert 0.01 < len(dead) / len(persons) < 0.2
    assert all(p.birth_date <= p.died_on <= TODAY for p in dead)
    for child in persons.values():
        mother = persons.get(child.mother_id)
        assert mother is None or mother.died_on is None or mother.died_on >= child.birth_date


@quickly
@for_every_seed
def test_siblings_have_names_of_their_own(seed: int) -> None:
    named = Counter(
        (p.mother_id, p.given_name) for p in all_of(nation(seed), "persons") if p.mother_id
    )
    assert set(named.values()) == {1}


@quickly
@for_every_seed
def test_every_living_adult_but_one_has_a_mobile_and_some_have_two(seed: int) -> None:
    people = nation(seed)
    owners = Counter(sim.owner_national_id for sim in all_of(people, "sims"))
    adults = [
        p.national_id
        for p in all_of(people, "persons")
        if p.died_on is None and p.birth_date < date(2008, 11, 22)
    ]

    assert set(adults) - set(owners) == {people[0].roles["without-mobile"]}
    assert set(owners.values()) == {1, 2}
    assert not {p.national_id for p in all_of(people, "persons") if p.died_on} & set(owners)


@quickly
@for_every_seed
def test_every_living_person_lives_at_an_address_in_a_city_of_iran(seed: int) -> None:
    people = nation(seed)
    addresses = {a.postal_code: a for a in all_of(people, "addresses")}
    residences = {r.national_id: r.postal_code for r in all_of(people, "residences")}
    living = {p.national_id for p in all_of(people, "persons") if p.died_on is None}
    known = {(c.province, c.county, c.city) for c in cities()}

    assert set(residences) == living
    assert set(residences.values()) <= set(addresses)
    for address in addresses.values():
        assert (address.province, address.county, address.city) in known
        assert address.description.startswith(address.province)
        assert "پلاک" in address.description


@quickly
@for_every_seed
def test_small_children_live_with_a_parent_who_is_alive(seed: int) -> None:
    people = nation(seed)
    home = {r.national_id: r.postal_code for r in all_of(people, "residences")}
    living = [p for p in all_of(people, "persons") if p.died_on is None]

    for child in (p for p in living if p.birth_date > date(2010, 1, 1) and p.mother_id in home):
        assert home[child.national_id] == home[child.mother_id]


@quickly
@for_every_seed
def test_there_are_newborns_enough_of_married_living_parents(seed: int) -> None:
    people = nation(seed)
    married = {(m.wife_id, m.husband_id) for m in all_of(people, "marriages") if m.ended_on is None}
    hospitals = {h.code for city in cities() for h in hospitals_of(city)}
    last_month = datetime.combine(TODAY - timedelta(days=30), datetime.min.time(), UTC)
    notices = all_of(people[1:], "notices")

    assert len(notices) >= PEOPLE / 200
    for notice in notices:
        assert (notice.mother_national_id, notice.father_national_id) in married
        assert last_month <= notice.born_at < datetime.combine(TODAY, datetime.max.time(), UTC)
        assert notice.hospital_id in hospitals
        assert 2000 < notice.weight_grams < 5000


@quickly
@for_every_seed
def test_companies_are_run_by_living_adults_who_sign(seed: int) -> None:
    people = nation(seed)
    persons = {p.national_id: p for p in all_of(people, "persons")}
    addresses = {a.postal_code for a in all_of(people, "addresses")}
    signing = {(s.company_id, s.position): s.national_id for s in all_of(people, "signatories")}

    for company in all_of(people, "companies"):
        chief = persons[company.chief_executive_national_id]
        assert chief.died_on is None and chief.birth_date < date(2006, 1, 1)
        assert signing[company.legal_id, 1] == chief.national_id
        assert company.postal_code in addresses


def test_no_row_of_a_community_points_outside_it() -> None:
    for community in nation():
        own = {p.national_id for p in community.persons}
        for person in community.persons:
            assert {person.mother_id, person.father_id} <= own | {None}
        assert {s.owner_national_id for s in community.sims} <= own
        assert {n.mother_national_id for n in community.notices} <= own


@pytest.mark.parametrize("kind", ["female", "male", "family"])
def test_name_lists_are_long_enough_and_written_with_persian_letters(kind: str) -> None:
    names = facts("names")[kind]

    assert len(set(names)) == len(names) >= 150
    assert names == [clean(name) for name in names]


def test_no_name_is_both_a_womans_and_a_mans() -> None:
    assert not set(facts("names")["female"]) & set(facts("names")["male"])


def test_every_province_has_a_city_and_every_city_numbers_of_its_own() -> None:
    assert len({city.province for city in cities()}) == 31
    for field in ("city", "id_prefix", "postal_zone"):
        assert len({getattr(city, field) for city in cities()}) == len(cities())
    for city in cities():
        parse_postal_code(f"{city.postal_zone}3313333")


def test_a_city_without_numbers_left_says_so() -> None:
    numbers = Numbers()
    numbers._given[capital().id_prefix] = 900_000

    with pytest.raises(ValueError, match="ask for fewer people"):
        numbers.national_id(capital())


def test_the_first_community_is_the_cast() -> None:
    first = next(communities(1405, TODAY))
    persons = {p.national_id: p for p in first.persons}
    by_role = {role: persons[national_id] for role, national_id in first.roles.items()}

    names = {
        (by_role[r].given_name, by_role[r].family_name) for r in ("namesake", "other-namesake")
    }
    assert len(names) == 1
    assert by_role["late-husband"].died_on == TODAY - timedelta(days=60)
    assert Counter(n.mother_national_id for n in first.notices) == {
        first.roles["widow"]: 1,
        first.roles["mother-of-twins"]: 2,
        first.roles["mother-of-old-notice"]: 1,
    }
    assert by_role["child"].mother_id == first.roles["mother"]


def test_communities_are_drawn_one_at_a_time() -> None:
    """A million people must not be held at once: the row has no end and is read lazily."""
    endless = communities(1405, TODAY)

    assert [c.index for c in islice(endless, 3)] == [0, 1, 2]
