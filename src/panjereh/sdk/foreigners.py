"""Registry of foreign nationals (FIDA): who somebody is who has no Iranian national id."""

from datetime import date
from typing import Literal

import msgspec

from panjereh.sdk.exchange import call

SYSTEM = "foreigners-registry"


class Foreigner(msgspec.Struct, frozen=True, kw_only=True):
    """Fields beyond the caller's grant are cut by the exchange and stay None."""

    fida_code: str
    given_name: str | None = None
    family_name: str | None = None
    father_name: str | None = None
    latin_given_name: str | None = None
    latin_family_name: str | None = None
    nationality: str | None = None
    birth_date: date | None = None
    sex: Literal["female", "male"] | None = None
    permit_until: date | None = None
    vital_status: Literal["alive", "deceased"] | None = None


def person(
    fida_code: str, *, birth_date: date | None = None, case: str = "", user: str = ""
) -> Foreigner:
    """Rejected `person-unknown`, or `birth-date-differs` when one is given."""
    body = {"fida_code": fida_code} | ({"birth_date": birth_date.isoformat()} if birth_date else {})
    answer = call(SYSTEM, "person", body, case=case, user=user)
    return msgspec.convert(answer, Foreigner, strict=False)
