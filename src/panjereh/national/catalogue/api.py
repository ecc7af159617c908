"""The service catalogue over the exchange; thin over the deeds."""

from typing import Any

from ninja import Schema

from panjereh.common.problems import Problem
from panjereh.national.catalogue import actions, queries
from panjereh.sdk.provider import ExchangeRequest, provider_api

api = provider_api("catalogue", title="National service catalogue")


class CardIn(Schema):
    card: dict[str, Any]


class Submitted(Schema):
    state: str
    reasons: list[str]


class ServiceIn(Schema):
    service_id: str


class CardOut(Schema):
    card: dict[str, Any]


@api.post("/submit-card", response=Submitted)
def submit_card(request: ExchangeRequest, body: CardIn) -> Submitted:
    call = request.exchange_call
    call.required_key()
    version = actions.submit_card(consumer=call.consumer, card=body.card)
    return Submitted(state=version.state, reasons=version.reasons)


@api.post("/card", response=CardOut)
def card(request: ExchangeRequest, body: ServiceIn) -> CardOut:
    found = queries.approved_card(body.service_id)
    if found is None:
        raise Problem(404, "card-unknown", "no approved card has this service id")
    return CardOut(card=found.body)
