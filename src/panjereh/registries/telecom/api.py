from ninja import Schema

from panjereh.registries.custody.actions import admit_call
from panjereh.registries.custody.schemas import Body, Mobile, NationalId, answers
from panjereh.registries.telecom import queries
from panjereh.registries.telecom.models import AccessRecord
from panjereh.sdk.provider import ExchangeRequest, provider_api

SYSTEM = "shahkar"

api = provider_api(SYSTEM, title="Shahkar: ownership of mobile numbers")


class OwnershipIn(Body):
    national_id: NationalId
    mobile: Mobile


class OwnershipOut(Schema):
    match: bool


@api.post("/ownership", response=answers(OwnershipOut), operation_id="ownership")
def ownership(request: ExchangeRequest, body: OwnershipIn) -> dict[str, bool]:
    """Does this mobile number belong to this national id?"""
    subject = body.national_id
    admit_call(
        AccessRecord, request.exchange_call, system=SYSTEM, service="ownership", subject=subject
    )
    return {"match": queries.owns(body.national_id, body.mobile)}
