from ninja import Schema

from panjereh.registries.custody.actions import admit_call
from panjereh.registries.custody.schemas import Body, PostalCode, answers
from panjereh.registries.postal import queries
from panjereh.registries.postal.models import AccessRecord, Address
from panjereh.sdk.provider import ExchangeRequest, provider_api

SYSTEM = "postal-registry"

api = provider_api(SYSTEM, title="Postal registry (GNAF)")


class AddressIn(Body):
    postal_code: PostalCode


class AddressOut(Schema):
    postal_code: str
    province: str
    county: str
    city: str
    description: str


@api.post("/address", response=answers(AddressOut, 404), operation_id="address")
def address(request: ExchangeRequest, body: AddressIn) -> Address:
    """The address behind a postal code."""
    subject = body.postal_code
    admit_call(
        AccessRecord, request.exchange_call, system=SYSTEM, service="address", subject=subject
    )
    return queries.address(body.postal_code)
