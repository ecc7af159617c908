"""Who is signed in, as the sign-on told it, kept in the session of this site."""

from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils import timezone

from panjereh.common import clock
from panjereh.ui.jalali import years_after

SESSION_KEY = "signin"


EVERY_SERVICE = "*"
OF_AGE = 18
_FIXED = {"sub", "acr", "national_id", "fida_code", "acting"}


@dataclass(frozen=True, kw_only=True)
class Acting:
    """Who sits in front of the screen, when that is not the person or company itself.

    `services` are the codes this sign-in is good for, or `*`. A site asks `covers` before it gives
    a service: the sign-on does not know which page is opened.
    """

    sub: str
    kind: str
    services: list[str]
    national_id: str = ""
    fida_code: str = ""
    given_name: str = ""
    family_name: str = ""
    mobile: str = ""

    def covers(self, service: str) -> bool:
        return EVERY_SERVICE in self.services or service in self.services

    @property
    def identifier(self) -> str:
        return self.national_id or self.fida_code

    @property
    def is_guardian(self) -> bool:
        return self.kind == "guardian"


@dataclass(frozen=True, kw_only=True)
class Person:
    """`sub` is this agency's own number for the person. What was not granted to us is empty.

    Somebody may act for this person: see `acting`. A company has `legal_id` and no `national_id`,
    a foreign national `fida_code`: whoever serves both files them under `identifier`.
    """

    sub: str
    acr: str
    national_id: str = ""
    fida_code: str = ""
    given_name: str = ""
    family_name: str = ""
    father_name: str = ""
    birth_date: date | None = None
    age_over_18: bool | None = None
    mobile: str = ""
    legal_id: str = ""
    legal_name: str = ""
    acting: Acting | None = None

    @property
    def level(self) -> int:
        return level_of(self.acr)

    @property
    def name(self) -> str:
        return self.legal_name or f"{self.given_name} {self.family_name}".strip()

    @property
    def identifier(self) -> str:
        """National id or FIDA code; empty of a company."""
        return self.national_id or self.fida_code

    @property
    def user(self) -> str:
        """Whoever does it: this is the user of calls over the exchange, and of our own log."""
        return self.acting.identifier if self.acting else self.identifier

    def is_at_least(self, years: int) -> bool | None:
        """Full years of the solar calendar. None when the sign-on was not allowed to tell us."""
        if self.birth_date is not None:
            return timezone.localdate(clock.now()) >= years_after(self.birth_date, years)
        return self.age_over_18 if years == OF_AGE else None

    def may_use(self, service: str) -> bool:
        return self.acting is None or self.acting.covers(service)


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
        fida_code=str(claims.get("fida_code", "")),
        given_name=str(claims.get("given_name", "")),
        family_name=str(claims.get("family_name", "")),
        father_name=str(claims.get("father_name", "")),
        birth_date=date.fromisoformat(born) if born else None,
        age_over_18=claims.get("age_over_18"),
        mobile=str(claims.get("phone_number", "")),
        legal_id=str(claims.get("legal_id", "")),
        legal_name=str(claims.get("legal_name", "")),
        acting=_acting(claims),
    )


def _acting(claims: dict[str, Any]) -> Acting | None:
    """RFC 8693 4.1: `sub` is for whom, `act` is who."""
    act = claims.get("act")
    if act is None:
        return None
    mandate = claims["mandate"]
    return Acting(
        sub=str(act["sub"]),
        kind=str(mandate["kind"]),
        services=[str(code) for code in mandate["services"]],
        national_id=str(act.get("national_id", "")),
        fida_code=str(act.get("fida_code", "")),
        given_name=str(act.get("given_name", "")),
        family_name=str(act.get("family_name", "")),
        mobile=str(act.get("phone_number", "")),
    )


def as_kept(person: Person) -> dict[str, Any]:
    born = person.birth_date
    return asdict(person) | {"birth_date": born.isoformat() if born else None}


def person_in(session: SessionBase) -> Person | None:
    kept = session.get(SESSION_KEY)
    if not kept:
        return None
    facts = dict(kept["person"])
    born, acting = facts.pop("birth_date"), facts.pop("acting", None)
    return Person(
        birth_date=date.fromisoformat(born) if born else None,
        acting=Acting(**acting) if acting else None,
        **facts,
    )


def renew_person(request: HttpRequest, **facts: Any) -> None:
    """A registry has just said what is true today; what it left out stays as the sign-on told it.

    Who is signed in, and how surely, is not touched.
    """
    person = person_in(request.session)
    known = {name: value for name, value in facts.items() if value is not None}
    if person is None or known.keys() & _FIXED:
        raise ValueError("only what is known of the signed-in person can be renewed")
    kept = request.session[SESSION_KEY] | {"person": as_kept(replace(person, **known))}
    request.session[SESSION_KEY] = kept
