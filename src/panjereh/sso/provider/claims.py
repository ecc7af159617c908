"""What may be told about a person, and to whom: grant intersect what was asked (SSO-08)."""

from collections.abc import Callable, Iterable

from panjereh.sso.models import Person

CLAIMS: dict[str, Callable[[Person], str]] = {
    "national_id": lambda person: person.national_id,
    "given_name": lambda person: person.given_name,
    "family_name": lambda person: person.family_name,
    "father_name": lambda person: person.father_name,
    "birth_date": lambda person: person.birth_date.isoformat(),
    "phone_number": lambda person: person.mobile,
}
OFFLINE = "offline_access"

SCOPES: dict[str, list[str]] = {
    "openid": [],
    "profile": ["given_name", "family_name", "father_name", "birth_date"],
    "national_id": ["national_id"],
    "phone": ["phone_number"],
    OFFLINE: [],
}


def releasable(granted: Iterable[str], asked: Iterable[str]) -> list[str]:
    """Asking does not widen a grant, and a grant is not used unasked."""
    wanted, allowed = set(asked), set(granted)
    return [claim for claim in CLAIMS if claim in wanted and claim in allowed]


def of_scope(scope: str) -> list[str]:
    return [claim for name in scope.split() for claim in SCOPES.get(name, ())]


def values(person: Person, names: Iterable[str]) -> dict[str, str]:
    return {name: CLAIMS[name](person) for name in names}
