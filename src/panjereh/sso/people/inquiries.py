"""Ask the registries, at once, whether these answers belong to one person.

The civil registry for an Iranian, the registry of foreign nationals for a FIDA code, Shahkar for
both.
"""

import logging
from dataclasses import dataclass
from datetime import date
from typing import Literal

import msgspec
from django.utils import timezone

from panjereh.common import clock
from panjereh.common.identifiers import is_fida_code
from panjereh.sdk import civil_registry, foreigners, shahkar
from panjereh.sdk.exchange import ExchangeError, Rejected, gather
from panjereh.sso.models import Person
from panjereh.sso.people.minors import is_minor

log = logging.getLogger("panjereh.sso.inquiries")

Finding = Literal[
    "found",
    "person-unknown",
    "birth-date-differs",
    "deceased",
    "mobile-differs",
    "minor",
    "permit-ended",
    "registry-away",
]
_TOLD_BY_REGISTRY: dict[str, Finding] = {
    "person-unknown": "person-unknown",
    "birth-date-differs": "birth-date-differs",
}


class Permit(msgspec.Struct, frozen=True, kw_only=True):
    """What only the registry of foreign nationals tells."""

    latin_given_name: str
    latin_family_name: str
    nationality: str
    permit_until: date


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
    permit: Permit | None = None

    @property
    def kind(self) -> Person.Kind:
        return Person.Kind.FIDA if self.permit else Person.Kind.NATIONAL


@dataclass(frozen=True)
class Answer:
    finding: Finding
    identity: Identity | None = None


def match(*, national_id: str, birth_date: date, mobile: str) -> Answer:
    """002 art 5 and 6: identity by the person's registry, the number by Shahkar.

    Nothing is said about the number before identity is right, and nothing about a permit before
    both are: a stranger must not learn it. An age is no news to who typed the birth date, and a
    child's number is mostly a parent's.
    """
    ask = foreigners.person if is_fida_code(national_id) else civil_registry.person
    person, owned = gather(
        lambda: ask(national_id, birth_date=birth_date),
        lambda: shahkar.owns_mobile(national_id, mobile),
    )
    if isinstance(person, ExchangeError):
        return Answer(_refusal(person))
    if person.vital_status == "deceased":
        return Answer("deceased")
    if is_minor(birth_date):  # SSO-22: a guardian opens the account
        return Answer("minor")
    if isinstance(owned, ExchangeError):
        return Answer(_away("shahkar", owned))
    if not owned:
        return Answer("mobile-differs")
    return _admitted(_identity(person, national_id, birth_date, mobile))


def _admitted(identity: Identity) -> Answer:
    """A foreign national by what the status allows (002 art 17 note, 18)."""
    if identity.permit and identity.permit.permit_until < timezone.localdate(clock.now()):
        return Answer("permit-ended")
    return Answer("found", identity)


def _identity(
    person: civil_registry.Person | foreigners.Foreigner, asked: str, birth_date: date, mobile: str
) -> Identity:
    permit = _permit(person) if isinstance(person, foreigners.Foreigner) else None
    return Identity(
        national_id=asked,
        birth_date=birth_date,
        mobile=mobile,
        given_name=person.given_name or "",
        family_name=person.family_name or "",
        father_name=person.father_name or "",
        permit=permit,
    )


def _permit(person: foreigners.Foreigner) -> Permit:
    """A permit without an end is none that we know of."""
    return Permit(
        latin_given_name=person.latin_given_name or "",
        latin_family_name=person.latin_family_name or "",
        nationality=person.nationality or "",
        permit_until=person.permit_until or date.min,
    )


def _refusal(error: ExchangeError) -> Finding:
    if isinstance(error, Rejected) and error.code in _TOLD_BY_REGISTRY:
        return _TOLD_BY_REGISTRY[error.code]
    return _away("identity", error)


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
