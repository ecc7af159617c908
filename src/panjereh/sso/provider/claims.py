"""What may be told about a person, and to whom: grant intersect scope (SSO-08)."""

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

SCOPES: dict[str, list[str]] = {
    "openid": [],
    "profile": ["given_name", "family_name", "father_name", "birth_date"],
    "national_id": ["national_id"],
    "phone": ["phone_number"],
}


def releasable(granted: Iterable[str], scope: str) -> list[str]:
    """Asking does not widen a grant, and a grant is not used unasked."""
    asked = {claim for name in scope.split() for claim in SCOPES.get(name, ())}
    return [claim for claim in CLAIMS if claim in asked and claim in set(granted)]


def values(person: Person, names: Iterable[str]) -> dict[str, str]:
    return {name: CLAIMS[name](person) for name in names}
