"""Where the living reside: a home for each household, children with their parents."""

from random import Random

from panjereh.sandbox.nation.facts import City, address_line
from panjereh.sandbox.nation.families import NEW_YEAR_DAY, Couple, Families, Member
from panjereh.sandbox.nation.numbers import Numbers
from panjereh.sandbox.nation.rows import AddressRow, Community, ResidenceRow

MOVES_OUT_AT = 30


def settle(rng: Random, numbers: Numbers, families: Families, community: Community) -> None:
    """Give every living member a residence; addresses come with it."""
    homes: dict[int, str] = {}  # id of the couple -> postal code
    for couple in families.couples:
        homes[id(couple)] = new_address(rng, numbers, couple.city, community)
    parents = {id(child): couple for couple in families.couples for child in couple.children}
    for member in families.members:
        if member.died is None:
            code = _home_of(member, parents, homes) or new_address(
                rng, numbers, member.city, community
            )
            community.residences.append(ResidenceRow(member.national_id, code))


def _home_of(member: Member, parents: dict[int, Couple], homes: dict[int, str]) -> str:
    """The home of the marriage; else of the parents, until one moves out."""
    if couple := member.couple:
        divorced = couple.ended is not None and not (couple.wife.died or couple.husband.died)
        return "" if divorced and member is couple.husband else homes[id(couple)]
    family = parents.get(id(member))
    if family is None or member.age(NEW_YEAR_DAY) >= MOVES_OUT_AT:
        return ""
    return homes[id(family)]


def new_address(rng: Random, numbers: Numbers, city: City, community: Community) -> str:
    code = numbers.postal_code(city)
    line = address_line(rng, city)
    community.addresses.append(AddressRow(code, city.province, city.county, city.city, line))
    return code
