from ninja import Schema

from panjereh.registries.custody.actions import admit_call
from panjereh.registries.custody.schemas import Body, NationalId, answers
from panjereh.registries.residence import queries
from panjereh.registries.residence.models import AccessRecord, Residence
from panjereh.sdk.provider import ExchangeRequest, provider_api

SYSTEM = "residence-registry"

api = provider_api(SYSTEM, title="Registry of legal residence")


class ResidenceIn(Body):
    national_id: NationalId


class ResidenceOut(Schema):
    postal_code: str


@api.post("/residence", response=answers(ResidenceOut, 404), operation_id="residence")
def residence(request: ExchangeRequest, body: ResidenceIn) -> Residence:
    """The postal code where a person legally lives (002 art 16)."""
    subject = body.national_id
    admit_call(
        AccessRecord, request.exchange_call, system=SYSTEM, service="residence", subject=subject
    )
    return queries.residence(body.national_id)
