from datetime import date
from typing import Literal

from ninja import Schema

from panjereh.registries.custody.actions import admit_call
from panjereh.registries.custody.schemas import Body, FidaCode, answers
from panjereh.registries.foreigners import queries
from panjereh.registries.foreigners.models import AccessRecord, Foreigner
from panjereh.sdk.provider import ExchangeRequest, provider_api

SYSTEM = "foreigners-registry"

api = provider_api(SYSTEM, title="Registry of foreign nationals")


class PersonIn(Body):
    fida_code: FidaCode
    birth_date: date | None = None


class PersonOut(Schema):
    """`permit_until` is the last day of the permit to stay."""

    fida_code: str
    given_name: str
    family_name: str
    father_name: str
    latin_given_name: str
    latin_family_name: str
    nationality: str
    birth_date: date
    sex: Literal["female", "male"]
    permit_until: date
    vital_status: Literal["alive", "deceased"]


@api.post("/person", response=answers(PersonOut, 404, 409), operation_id="person")
def person(request: ExchangeRequest, body: PersonIn) -> Foreigner:
    """A foreign national by FIDA code; with a birth date, only if it is that person's."""
    subject = body.fida_code
    admit_call(
        AccessRecord, request.exchange_call, system=SYSTEM, service="person", subject=subject
    )
    return queries.foreigner(body.fida_code, body.birth_date)
