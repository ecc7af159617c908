"""Foreign nationals beside each community: a pure function of the seed and its place in the row,
that takes no number from anybody else. So a nation that stood before them stays as it was.
"""

from datetime import date, timedelta
from random import Random
from typing import Any, NamedTuple

from panjereh.sandbox.nation.facts import facts

BESIDE_EACH = 8  # about three in a hundred
_FIRST_PERMIT_ENDED = 2  # of the first community, by whom a refusal can be tried
_ENDED = 0.08


class ForeignerRow(NamedTuple):
    fida_code: str
    given_name: str
    family_name: str
    father_name: str
    latin_given_name: str
    latin_family_name: str
    nationality: str
    birth_date: date
    sex: str
    permit_until: date
    mobile: str


def foreigners(seed: int, community: int, today: date) -> list[ForeignerRow]:
    rng = Random(f"{seed}:{community}:foreigners")  # noqa: S311 - invented people, no secrets
    return [_one(rng, community, number, today) for number in range(BESIDE_EACH)]


def fida_code(community: int, number: int) -> str:
    return f"9{community:08}{number:03}"


def _one(rng: Random, community: int, number: int, today: date) -> ForeignerRow:
    nation = _nation(rng)
    sex = rng.choice(("female", "male"))
    given, family, father = (rng.choice(nation[names]) for names in (sex, "family", "male"))
    ended = number == _FIRST_PERMIT_ENDED if community == 0 else rng.random() < _ENDED
    return ForeignerRow(
        fida_code=fida_code(community, number),
        given_name=given[0],
        family_name=family[0],
        father_name=father[0],
        latin_given_name=given[1],
        latin_family_name=family[1],
        nationality=nation["code"],
        birth_date=date(2006, 1, 1) - timedelta(days=rng.randint(0, 50 * 365)),
        sex=sex,
        permit_until=_permit(rng, today, ended),
        mobile=f"+98969{community * BESIDE_EACH + number:07}",
    )


def _nation(rng: Random) -> dict[str, Any]:
    nations = facts("foreigners")["nations"]
    chosen: dict[str, Any] = rng.choices(nations, [nation["weight"] for nation in nations])[0]
    return chosen


def _permit(rng: Random, today: date, ended: bool) -> date:
    days = rng.randint(10, 400)
    return today - timedelta(days=days) if ended else today + timedelta(days=days + 180)
