"""Four generations of a few families: births, marriages, deaths.

Days are counted as ordinals. Everything lies before `NEW_YEAR_DAY`, so the same seed gives the
same people on any day; only the newest births (newborns.py) depend on the day of generation.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from random import Random

from panjereh.sandbox.nation.facts import City, family_name, given_name, some_city
from panjereh.sandbox.nation.numbers import Numbers

NEW_YEAR_DAY = date(2026, 3, 21).toordinal()  # first of Farvardin 1405
YEAR = 365.25

FOUNDING_COUPLES = 9
_CHILDREN_OF_FOUNDERS = (1, 2, 2, 3, 3, 3, 4, 4, 5, 6)
_CHILDREN_LATER = (0, 1, 2, 2, 2, 3, 3, 3, 4, 5)
_LAST_BIRTH_AT = int(43 * YEAR)
# share that has died by the age on new year's day
_MORTALITY = ((40, 0.004), (60, 0.02), (70, 0.09), (80, 0.28), (90, 0.62), (200, 0.93))
_DIVORCED = 0.07


@dataclass(slots=True, eq=False)
class Member:
    national_id: str
    sex: str
    given_name: str
    family_name: str
    father_name: str
    born: int
    city: City
    mother: "Member | None" = None
    father: "Member | None" = None
    died: int | None = None
    couple: "Couple | None" = None

    def age(self, day: int) -> int:
        return int((day - self.born) / YEAR)


@dataclass(slots=True, eq=False)
class Couple:
    wife: Member
    husband: Member
    wedding: int
    city: City
    ended: int | None = None
    children: list[Member] = field(default_factory=list)

    @property
    def last_birth(self) -> int:
        return self.children[-1].born if self.children else self.wedding


@dataclass(slots=True)
class Families:
    """Members in the order they were numbered; couples in the order they wed."""

    city: City
    members: list[Member] = field(default_factory=list)
    couples: list[Couple] = field(default_factory=list)


class Chronicle:
    """Writes one community's families, generation by generation."""

    def __init__(self, rng: Random, numbers: Numbers, city: City) -> None:
        self.rng, self.numbers = rng, numbers
        self.families = Families(city)

    def write(self) -> Families:
        generation: Sequence[Couple] = [self._founders() for _ in range(FOUNDING_COUPLES)]
        children = _CHILDREN_OF_FOUNDERS
        while generation:
            born = list(chain.from_iterable(self._bear(c, children) for c in generation))
            generation, children = list(self._wed(born)), _CHILDREN_LATER
        for couple in self.families.couples:
            if self.rng.random() < _DIVORCED:
                self._divorce(couple)
        for member in self.families.members:
            self._end_life(member)
        return self.families

    def member(self, sex: str, born: int, city: City, *, parents: Couple | None = None) -> Member:
        rng = self.rng
        taken = {child.given_name for child in parents.children} if parents else set()
        year = date.fromordinal(born).year
        while (name := given_name(rng, sex, year)) in taken:
            pass
        new = Member(
            national_id=self.numbers.national_id(city),
            sex=sex,
            given_name=name,
            family_name=parents.husband.family_name if parents else family_name(rng),
            father_name=parents.husband.given_name
            if parents
            else given_name(rng, "male", year - 28),
            born=born,
            city=city,
            mother=parents.wife if parents else None,
            father=parents.husband if parents else None,
        )
        self.families.members.append(new)
        return new

    def couple(self, wife: Member, husband: Member, wedding: int, city: City) -> Couple:
        new = Couple(wife, husband, wedding, city)
        wife.couple = husband.couple = new
        self.families.couples.append(new)
        return new

    def _founders(self) -> Couple:
        rng, home = self.rng, self.families.city
        born = NEW_YEAR_DAY - int(rng.uniform(56, 84) * YEAR)
        husband = self.member("male", born, home)
        wife = self.member("female", born + int(rng.uniform(0, 8) * YEAR), home)
        wedding = wife.born + int(rng.uniform(17, 23) * YEAR)
        return self.couple(wife, husband, wedding, home)

    def _bear(self, couple: Couple, numbers: Sequence[int]) -> Iterator[Member]:
        rng = self.rng
        latest = min(couple.wife.born + _LAST_BIRTH_AT, NEW_YEAR_DAY)
        born = couple.wedding + rng.randint(300, 1000)
        for _ in range(rng.choice(numbers)):
            if born >= latest:
                return
            sex = "female" if rng.random() < 0.487 else "male"
            child = self.member(sex, born, couple.city, parents=couple)
            couple.children.append(child)
            yield child
            born += rng.randint(500, 1900)

    def _wed(self, generation: Sequence[Member]) -> Iterator[Couple]:
        """Match the unmarried of one generation, never children of one couple."""
        men = sorted((m for m in generation if m.sex == "male"), key=lambda m: m.born)
        for woman in sorted((m for m in generation if m.sex == "female"), key=lambda m: m.born):
            wedding = woman.born + int(self.rng.triangular(18, 34, 23) * YEAR)
            if wedding > NEW_YEAR_DAY - 60 or self.rng.random() < 0.08:
                continue
            if groom := next((m for m in men if _fits(woman, m, wedding)), None):
                yield self.couple(woman, groom, wedding, self._home())

    def _home(self) -> City:
        """Most stay where their families live."""
        return self.families.city if self.rng.random() < 0.8 else some_city(self.rng)

    def _divorce(self, couple: Couple) -> None:
        begin = couple.last_birth + 400
        if begin < NEW_YEAR_DAY:
            couple.ended = self.rng.randint(begin, NEW_YEAR_DAY)

    def _end_life(self, member: Member) -> None:
        age = member.age(NEW_YEAR_DAY)
        share = next(share for limit, share in _MORTALITY if age < limit)
        if self.rng.random() >= share:
            return
        couple = member.couple
        begin = max(couple.last_birth, couple.ended or 0) if couple else member.born
        begin = max(begin, NEW_YEAR_DAY - int(20 * YEAR), member.born)
        member.died = self.rng.randint(begin, NEW_YEAR_DAY)
        if couple and (couple.ended is None or couple.ended > member.died):
            couple.ended = member.died


def _fits(woman: Member, man: Member, wedding: int) -> bool:
    if man.couple or man.mother is woman.mother:
        return False
    older = (woman.born - man.born) / YEAR
    return -3 <= older <= 11 and wedding - man.born >= 20 * YEAR
