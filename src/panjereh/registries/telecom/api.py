from typing import Self

from ninja import Schema
from pydantic import model_validator

from panjereh.registries.custody.actions import admit_call
from panjereh.registries.custody.schemas import Body, FidaCode, Mobile, NationalId, answers
from panjereh.registries.telecom import queries
from panjereh.registries.telecom.models import AccessRecord
from panjereh.sdk.provider import ExchangeRequest, provider_api

SYSTEM = "shahkar"

api = provider_api(SYSTEM, title="Shahkar: ownership of mobile numbers")


class OwnershipIn(Body):
    """Of an Iranian by national id, of a foreign national by FIDA code."""

    national_id: NationalId | None = None
    fida_code: FidaCode | None = None
    mobile: Mobile

    @model_validator(mode="after")
    def one_person(self) -> Self:
        if (self.national_id is None) == (self.fida_code is None):
            raise ValueError("one of national_id and fida_code")
        return self


class OwnershipOut(Schema):
    match: bool


@api.post("/ownership", response=answers(OwnershipOut), operation_id="ownership")
def ownership(request: ExchangeRequest, body: OwnershipIn) -> dict[str, bool]:
    """Does this mobile number belong to this person?"""
    person = body.national_id or body.fida_code or ""
    admit_call(
        AccessRecord, request.exchange_call, system=SYSTEM, service="ownership", subject=person
    )
    return {"match": queries.owns(person, body.mobile)}
