"""The survey over the exchange; thin over the deed."""

from typing import Annotated

from ninja import Field, Schema

from panjereh.national.feedback import actions
from panjereh.national.fields import ServiceId, Text
from panjereh.sdk.provider import ExchangeRequest, provider_api

api = provider_api("feedback", title="Survey of services")


class RatingIn(Schema):
    tracking_id: str
    service_id: ServiceId
    stars: Annotated[int, Field(ge=1, le=5)]
    comment: Annotated[Text, Field(max_length=2000)] = ""


class Counted(Schema):
    count: int
    average: float


@api.post("/rate", response=Counted)
def rate(request: ExchangeRequest, body: RatingIn) -> Counted:
    call = request.exchange_call
    score = actions.rate(
        consumer=call.consumer, key=call.required_key(), acting=call.user, **body.model_dump()
    )
    return Counted(count=score.count, average=score.average)
