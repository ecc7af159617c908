"""Civil registry (ثبت احوال): who a person is, the family, and entering a newborn."""

import base64
from datetime import date, datetime
from typing import Literal

import msgspec

from panjereh.sdk.exchange import call

SYSTEM = "civil-registry"


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Fields beyond the caller's grant are cut by the exchange and stay None."""

    national_id: str
    given_name: str | None = None
    family_name: str | None = None
    father_name: str | None = None
    birth_date: date | None = None
    birth_place: str | None = None
    sex: Literal["female", "male"] | None = None
    vital_status: Literal["alive", "deceased"] | None = None


class Family(msgspec.Struct, frozen=True, kw_only=True):
    spouse: Person | None = None
    parents: list[Person] = []
    children: list[Person] = []


class Ward(msgspec.Struct, frozen=True, kw_only=True):
    """A child for whom somebody acts by law: `father`, `paternal-grandfather` or `court`."""

    ground: str
    child: Person


class BirthEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What `register_birth` answers: the child as entered, with the new national id."""

    child: Person
    entry_number: str


def person(
    national_id: str, *, birth_date: date | None = None, case: str = "", user: str = ""
) -> Person:
    """Inquire a person. Rejected `person-unknown`, or `birth-date-differs` when one is given."""
    body = {"national_id": national_id} | (
        {"birth_date": birth_date.isoformat()} if birth_date else {}
    )
    return msgspec.convert(call(SYSTEM, "person", body, case=case, user=user), Person, strict=False)


def family(national_id: str, *, case: str = "", user: str = "") -> Family:
    answer = call(SYSTEM, "family", {"national_id": national_id}, case=case, user=user)
    return msgspec.convert(answer, Family, strict=False)


def wards(guardian: str, *, case: str = "", user: str = "") -> list[Ward]:
    """Children under age for whom this person acts today. Rejected `person-unknown`."""
    answer = call(SYSTEM, "wards", {"national_id": guardian}, case=case, user=user)
    return msgspec.convert(answer["wards"], list[Ward], strict=False)


class Authenticated(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the registry knows the proof as this person's, and the reference to keep."""

    authenticated: bool
    reference: str
    method: str


def authenticate(
    national_id: str, *, card_serial: str, case: str = "", user: str = ""
) -> Authenticated:
    """By the serial of the present identity card. Rejected `person-unknown`, `too-many-tries`."""
    body = {"national_id": national_id, "card_serial": card_serial}
    return msgspec.convert(call(SYSTEM, "authenticate", body, case=case, user=user), Authenticated)


class FaceMatch(msgspec.Struct, frozen=True, kw_only=True):
    """`problem` is `no-face` or `several-faces` when there was nothing to compare."""

    matched: bool
    problem: str = ""
    reference: str = ""
    at: datetime | None = None


def match_face(national_id: str, *, photo: bytes, case: str = "", user: str = "") -> FaceMatch:
    """Whether this JPEG shows the person. Rejected `too-many-tries`, `photo-unreadable`."""
    body = {"national_id": national_id, "photo": base64.b64encode(photo).decode()}
    answer = call(SYSTEM, "face-match", body, case=case, user=user)
    return msgspec.convert(answer, FaceMatch, strict=False)


def register_birth(
    *,
    notice_id: str,
    given_name: str,
    mother_national_id: str,
    father_national_id: str,
    born_on: date,
    sex: str,
    birth_place: str,
    idempotency_key: str,
    case: str = "",
    user: str = "",
) -> BirthEntry:
    """Enter a newborn, once per notice. Rejected `notice-entered`, `parent-unknown`."""
    body = {
        "notice_id": notice_id,
        "given_name": given_name,
        "mother_national_id": mother_national_id,
        "father_national_id": father_national_id,
        "born_on": born_on.isoformat(),
        "sex": sex,
        "birth_place": birth_place,
    }
    answer = call(
        SYSTEM, "register-birth", body, case=case, user=user, idempotency_key=idempotency_key
    )
    return msgspec.convert(answer, BirthEntry, strict=False)
