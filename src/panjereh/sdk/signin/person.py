"""Who is signed in, as the sign-on told it, kept in the session of this site."""

from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

SESSION_KEY = "signin"


@dataclass(frozen=True, kw_only=True)
class Person:
    """`sub` is this agency's own number for the person. What was not granted to us is empty."""

    sub: str
    acr: str
    national_id: str = ""
    given_name: str = ""
    family_name: str = ""
    father_name: str = ""
    birth_date: date | None = None
    mobile: str = ""

    @property
    def level(self) -> int:
        return level_of(self.acr)


def level_of(acr: str) -> int:
    """The assurance level that `urn:panjereh:level:2` names; 0 for what is no level."""
    number = acr.rpartition(":")[2]
    return int(number) if number.isascii() and number.isdigit() else 0


def acr_of(level: int) -> str:
    return f"urn:panjereh:level:{level}"


def person_from_claims(claims: dict[str, Any], *, acr: str) -> Person:
    born = claims.get("birth_date")
    return Person(
        sub=str(claims["sub"]),
        acr=acr,
        national_id=str(claims.get("national_id", "")),
        given_name=str(claims.get("given_name", "")),
        family_name=str(claims.get("family_name", "")),
        father_name=str(claims.get("father_name", "")),
        birth_date=date.fromisoformat(born) if born else None,
        mobile=str(claims.get("phone_number", "")),
    )


def as_kept(person: Person) -> dict[str, Any]:
    born = person.birth_date
    return asdict(person) | {"birth_date": born.isoformat() if born else None}


def person_in(session: SessionBase) -> Person | None:
    kept = session.get(SESSION_KEY)
    if not kept:
        return None
    facts = dict(kept["person"])
    born = facts.pop("birth_date")
    return Person(birth_date=date.fromisoformat(born) if born else None, **facts)


def renew_person(request: HttpRequest, **facts: Any) -> None:
    """A registry has just said what is true today; what it left out stays as the sign-on told it.

    Who is signed in, and how surely, is not touched.
    """
    person = person_in(request.session)
    known = {name: value for name, value in facts.items() if value is not None}
    if person is None or known.keys() & {"sub", "acr", "national_id"}:
        raise ValueError("only what is known of the signed-in person can be renewed")
    kept = request.session[SESSION_KEY] | {"person": as_kept(replace(person, **known))}
    request.session[SESSION_KEY] = kept
