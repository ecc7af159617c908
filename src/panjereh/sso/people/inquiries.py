"""Ask the civil registry and Shahkar, at once, whether these answers belong to one person."""

import logging
from dataclasses import dataclass
from datetime import date
from typing import Literal

import msgspec

from panjereh.sdk import civil_registry, shahkar
from panjereh.sdk.exchange import ExchangeError, Rejected, gather

log = logging.getLogger("panjereh.sso.inquiries")

Finding = Literal[
    "found", "person-unknown", "birth-date-differs", "deceased", "mobile-differs", "registry-away"
]


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked and what was answered, as one: an account is made of nothing else.

    A journey's answers may change under a running inquiry, so they are never mixed with it.
    """

    national_id: str
    birth_date: date
    mobile: str
    given_name: str
    family_name: str
    father_name: str


@dataclass(frozen=True)
class Answer:
    finding: Finding
    identity: Identity | None = None


def match(*, national_id: str, birth_date: date, mobile: str) -> Answer:
    """002 art 5 and 6: identity by the civil registry, the number by Shahkar.

    Nothing is said about the number before identity is right: a stranger must not learn it.
    """
    person, owned = gather(
        lambda: civil_registry.person(national_id, birth_date=birth_date),
        lambda: shahkar.owns_mobile(national_id, mobile),
    )
    if isinstance(person, ExchangeError):
        return Answer(_civil_refusal(person))
    if person.vital_status == "deceased":
        return Answer("deceased")
    if isinstance(owned, ExchangeError):
        return Answer(_away("shahkar", owned))
    if not owned:
        return Answer("mobile-differs")
    return Answer("found", _identity(person, birth_date, mobile))


def _identity(person: civil_registry.Person, birth_date: date, mobile: str) -> Identity:
    return Identity(
        national_id=person.national_id,
        birth_date=birth_date,
        mobile=mobile,
        given_name=person.given_name or "",
        family_name=person.family_name or "",
        father_name=person.father_name or "",
    )


def _civil_refusal(error: ExchangeError) -> Finding:
    if isinstance(error, Rejected) and error.code == "person-unknown":
        return "person-unknown"
    if isinstance(error, Rejected) and error.code == "birth-date-differs":
        return "birth-date-differs"
    return _away("civil-registry", error)


def _away(system: str, error: ExchangeError) -> Finding:
    """Whether it is down or refuses us, the person can only try again; the log tells us which."""
    log.warning(
        "sso.inquiry.failed system=%s code=%s cause=%s request=%s",
        system,
        error.code,
        error.cause,
        error.request_id,
    )
    return "registry-away"
