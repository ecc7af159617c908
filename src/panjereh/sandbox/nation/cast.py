"""The first community: people whom demonstrations and tests call by their part.

Each is a case that a registry or a service has to get right. Their ids and names never change;
only the days of the newest births and of one death follow the day of generation.
"""

from datetime import date
from random import Random
from typing import NamedTuple

from panjereh.sandbox.nation.facts import capital
from panjereh.sandbox.nation.families import NEW_YEAR_DAY, YEAR, Chronicle, Couple, Member
from panjereh.sandbox.nation.newborns import notice
from panjereh.sandbox.nation.numbers import Numbers
from panjereh.sandbox.nation.rows import NoticeRow


class Part(NamedTuple):
    role: str
    given_name: str
    family_name: str
    age: int


class Cast:
    def __init__(self, rng: Random, numbers: Numbers, today: date) -> None:
        self.rng, self.numbers, self.today = rng, numbers, today
        self.chronicle = Chronicle(rng, numbers, capital())
        self.roles: dict[str, Member] = {}
        self.notices: list[NoticeRow] = []
        self._singles()
        self._widow()
        self._twins()
        self._overdue()
        self._family()

    def _singles(self) -> None:
        self._add("female", Part("operator", "نرگس", "راستین", 37))
        self._add("male", Part("staff", "کاوه", "درستکار", 43))
        self._add("male", Part("without-mobile", "یدالله", "کوهستانی", 71))
        self._add("female", Part("namesake", "مریم", "احمدی", 34))
        self._add("female", Part("other-namesake", "مریم", "احمدی", 52))

    def _widow(self) -> None:
        """Her husband died two months before the generation day, their child came after."""
        couple = self._marry(
            Part("widow", "سپیده", "مهرجو", 30), Part("late-husband", "بهزاد", "نیکان", 35)
        )
        couple.ended = couple.husband.died = self.today.toordinal() - 60
        self._report(couple, 12)

    def _twins(self) -> None:
        couple = self._marry(
            Part("mother-of-twins", "الناز", "بهاری", 32),
            Part("father-of-twins", "پیمان", "فروغی", 34),
        )
        self._report(couple, 9)
        self._report(couple, 9)

    def _overdue(self) -> None:
        """Their notice is older than the year for which the health registry lists it."""
        couple = self._marry(
            Part("mother-of-old-notice", "ریحانه", "باغبان", 29),
            Part("father-of-old-notice", "امید", "روشن", 33),
        )
        self._report(couple, 400)

    def _family(self) -> None:
        couple = self._marry(
            Part("mother", "یاسمن", "ستوده", 38), Part("father", "آرش", "سپهری", 41)
        )
        born = NEW_YEAR_DAY - int(9 * YEAR)
        child = self.chronicle.member("male", born, capital(), parents=couple)
        child.given_name = "کیان"
        couple.children.append(child)
        self.roles["child"] = child

    def _marry(self, her: Part, his: Part) -> Couple:
        wife, husband = self._add("female", her), self._add("male", his)
        wedding = wife.born + int(24 * YEAR)
        return self.chronicle.couple(wife, husband, wedding, capital())

    def _add(self, sex: str, part: Part) -> Member:
        born = NEW_YEAR_DAY - int(part.age * YEAR) - self.rng.randint(1, 300)
        member = self.chronicle.member(sex, born, capital())
        member.given_name, member.family_name = part.given_name, part.family_name
        self.roles[part.role] = member
        return member

    def _report(self, couple: Couple, days_ago: int) -> None:
        self.notices.append(notice(self.rng, self.numbers, couple, self.today, days_ago))
