"""Companies that members of a community run."""

from random import Random

from panjereh.common.text import persian_digits
from panjereh.sandbox.nation.facts import City, facts
from panjereh.sandbox.nation.homes import new_address
from panjereh.sandbox.nation.numbers import Numbers
from panjereh.sandbox.nation.rows import Community, CompanyRow, SignatoryRow

_STATUSES = ("active",) * 18 + ("in-liquidation", "dissolved")


def found_company(
    rng: Random, numbers: Numbers, people: list[str], city: City, community: Community
) -> None:
    """`people` are the national ids of those old enough to sign."""
    words = facts("companies")
    legal_id = numbers.legal_id()
    signing = rng.sample(people, k=min(len(people), rng.randint(1, 3)))
    first, second = rng.sample(words["words"], k=2)
    name = f"{rng.choice(words['fields'])} {first} {second} {rng.randint(100, 999)}"
    community.companies.append(
        CompanyRow(
            legal_id=legal_id,
            name=persian_digits(name),
            kind=rng.choice(words["kinds"]),
            status=rng.choice(_STATUSES),
            chief_executive_national_id=signing[0],
            postal_code=new_address(rng, numbers, city, community),
        )
    )
    community.signatories += [
        SignatoryRow(legal_id, person, position) for position, person in enumerate(signing, start=1)
    ]
