from datetime import date
from typing import Any, Literal

from ninja import Schema

from panjereh.registries.conscription import queries
from panjereh.registries.conscription.models import AccessRecord
from panjereh.registries.custody.actions import admit_call
from panjereh.registries.custody.schemas import Body, NationalId, answers, named
from panjereh.sdk.provider import ExchangeRequest, provider_api

SYSTEM = "conscription"
SERVICE = "military-service"
NOT_LIABLE = "not-liable"

api = provider_api(SYSTEM, title="Military service")


class PersonIn(Body):
    national_id: NationalId


class ServiceOut(Schema):
    standing: Literal["completed", "serving", "exempt", "owed", "not-liable"] = named(
        "وضعیت نظام وظیفه", "Standing"
    )
    since: date | None = named("از تاریخ", "Since when")
    card_number: str | None = named("شماره کارت", "Number of the card")


@api.post(f"/{SERVICE}", response=answers(ServiceOut), operation_id=SERVICE)
def military_service(request: ExchangeRequest, body: PersonIn) -> dict[str, Any]:
    """How a person stands to military service."""
    subject = body.national_id
    admit_call(AccessRecord, request.exchange_call, system=SYSTEM, service=SERVICE, subject=subject)
    found = queries.service(body.national_id)
    if found is None:
        return {"standing": NOT_LIABLE, "since": None, "card_number": None}
    return {
        "standing": found.standing,
        "since": found.since,
        "card_number": found.card_number or None,
    }
