"""What may be told about a person, and to whom: grant intersect what was asked (SSO-08)."""

from collections.abc import Callable, Iterable

from panjereh.sso.ledger.readers import RELEASES
from panjereh.sso.models import Person
from panjereh.sso.organisations.models import Organisation
from panjereh.sso.people.minors import is_minor

Value = str | bool


def _identifier(kind: Person.Kind) -> Callable[[Person], str | None]:
    """Never one in place of the other: who was granted one kind does not get the other."""
    return lambda person: person.national_id if person.kind == kind else None


# None: this person has no such thing, so nothing is told and nothing is noted as told.
CLAIMS: dict[str, Callable[[Person], Value | None]] = {
    "national_id": _identifier(Person.Kind.NATIONAL),
    "fida_code": _identifier(Person.Kind.FIDA),
    "given_name": lambda person: person.given_name,
    "family_name": lambda person: person.family_name,
    "father_name": lambda person: person.father_name,
    "birth_date": lambda person: person.birth_date.isoformat(),
    "age_over_18": lambda person: not is_minor(person.birth_date),
    "phone_number": lambda person: person.mobile or None,
}
# SSO-07: of a legal person, beside the data of who acts for it.
COMPANY_CLAIMS: dict[str, Callable[[Organisation], str]] = {
    "legal_id": lambda company: company.legal_id,
    "legal_name": lambda company: company.name,
    "legal_kind": lambda company: company.kind,
}
GRANTABLE = (*CLAIMS, *COMPANY_CLAIMS)
OFFLINE = "offline_access"

SCOPES: dict[str, list[str]] = {
    "openid": [],
    "profile": ["given_name", "family_name", "father_name", "birth_date"],
    "national_id": ["national_id"],
    "fida": ["fida_code"],
    "age": ["age_over_18"],
    "phone": ["phone_number"],
    "organisation": list(COMPANY_CLAIMS),
    RELEASES: [],
    OFFLINE: [],
}


def releasable(granted: Iterable[str], asked: Iterable[str]) -> list[str]:
    """Asking does not widen a grant, and a grant is not used unasked."""
    wanted, allowed = set(asked), set(granted)
    return [claim for claim in CLAIMS if claim in wanted and claim in allowed]


def of_scope(scope: str) -> list[str]:
    return [claim for name in scope.split() for claim in SCOPES.get(name, ())]


def values(person: Person, names: Iterable[str]) -> dict[str, Value]:
    found = {name: CLAIMS[name](person) for name in names}
    return {name: value for name, value in found.items() if value is not None}
