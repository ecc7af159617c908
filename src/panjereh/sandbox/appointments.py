"""Who of the invented people works for the exchange and the sign-on. The same on every day.

They are grown-ups of a community behind the cast, so nobody else's ids depend on them. Members are
served in the order of exchange.yaml: a new member goes to its end, and nobody changes office.
"""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import Any

import yaml

from panjereh.sandbox.keys import exchange_description
from panjereh.sandbox.nation import SEED, communities
from panjereh.sandbox.nation.rows import Community, PersonRow

OFFICES = ("secretariat", "working-group", "auditor")
SIGN_ON_OFFICES = {"registrar": "registrar", "support": "support", "sso-auditor": "auditor"}
BORN_BEFORE = date(1996, 1, 1)
# Places among the adults: members may be added without a clash.
OTHERS, OFFICIALS = 150, 300
SIGN_ON = 280


@lru_cache
def directory_description() -> dict[str, Any]:
    """What directory.yaml says."""
    text = Path(__file__).with_name("directory.yaml").read_text(encoding="utf-8")
    described: dict[str, Any] = yaml.safe_load(text)
    return described


def officers(today: date) -> dict[str, PersonRow]:
    """office -> person; the operator is of the cast."""
    return dict(zip(OFFICES, _adults(today), strict=False))


def sign_on_officers(today: date) -> dict[str, PersonRow]:
    """role that the sandbox prints -> who works for the sign-on."""
    return dict(zip(SIGN_ON_OFFICES, islice(_adults(today), SIGN_ON, None), strict=False))


def sign_on_developer(today: date) -> PersonRow:
    """Connects the sites of an agency to the sign-on."""
    return next(islice(_adults(today), SIGN_ON + len(SIGN_ON_OFFICES), None))


def representatives(today: date) -> dict[str, PersonRow]:
    """code of a member -> the person who acts for it."""
    codes = [member["code"] for member in exchange_description()["members"]]
    others = [member["code"] for member in directory_description()["members"]]
    acting = zip(codes, islice(_adults(today), len(OFFICES), OTHERS), strict=False)
    return dict(acting) | dict(zip(others, islice(_adults(today), OTHERS, None), strict=False))


def officials(member: str, today: date) -> list[PersonRow]:
    """Five persons whom the directory names as contacts of a member."""
    place = OFFICIALS + int(member[-4:]) % 97 * 5
    return list(islice(_adults(today), place, place + 5))


def appointed(role: str, today: date) -> PersonRow:
    """By office, or `representative:` and the code of any system of the member. The auditor of
    the sign-on is `sso-auditor`, for the exchange has one, too.

    Raises `KeyError` for what is no role.
    """
    office, _, system = role.partition(":")
    if office in SIGN_ON_OFFICES:
        return sign_on_officers(today)[office]
    if office == "developer":
        return sign_on_developer(today)
    if office != "representative":
        return officers(today)[role]
    return representatives(today)[exchange_description()["systems"][system]["member"]]


def _adults(today: date) -> Iterator[PersonRow]:
    behind = islice(communities(SEED, today), 2, None)
    return chain.from_iterable(map(_reachable, behind))


def _reachable(community: Community) -> list[PersonRow]:
    """Alive, of age, and with a mobile to sign in by."""
    owners = {sim.owner_national_id for sim in community.sims}
    return [
        row
        for row in community.persons
        if row.national_id in owners and row.birth_date < BORN_BEFORE and row.died_on is None
    ]
