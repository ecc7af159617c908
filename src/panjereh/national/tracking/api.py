"""Tracking ids over the exchange; thin over the deeds."""

from datetime import datetime
from typing import Literal

from ninja import Schema

from panjereh.common.problems import Problem
from panjereh.national.fields import Line, PersonId, Sentence, ServiceId
from panjereh.national.tracking import actions, queries
from panjereh.sdk.provider import ExchangeRequest, provider_api

StateName = Literal["received", "waiting", "in-progress", "delivered", "refused", "trouble"]

api = provider_api("tracking", title="National tracking ids")


class CaseIn(Schema):
    service_id: ServiceId
    person: PersonId


class CaseOut(Schema):
    tracking_id: str


class Texts(Schema):
    fa: Sentence
    en: Sentence


class ReportIn(Schema):
    tracking_id: str
    state: StateName
    unit: Line
    text: Texts


class StepOut(Schema):
    at: datetime
    state: str
    unit: str
    text: dict[str, str]


class StatusIn(Schema):
    tracking_id: str


class StatusOut(Schema):
    tracking_id: str
    service_id: str
    state: str
    steps: list[StepOut]


@api.post("/issue", response=CaseOut)
def issue(request: ExchangeRequest, body: CaseIn) -> CaseOut:
    call = request.exchange_call
    case = actions.issue(
        consumer=call.consumer,
        key=call.required_key(),
        service_id=body.service_id,
        person=body.person,
    )
    return CaseOut(tracking_id=case.tracking_id)


@api.post("/report", response=StepOut)
def report(request: ExchangeRequest, body: ReportIn) -> StepOut:
    call = request.exchange_call
    step = actions.report(
        consumer=call.consumer,
        key=call.required_key(),
        tracking_id=body.tracking_id,
        state=body.state,
        unit=body.unit,
        text=body.text.model_dump(),
    )
    return StepOut.model_validate(step, from_attributes=True)


@api.post("/status", response=StatusOut)
def status(request: ExchangeRequest, body: StatusIn) -> StatusOut:
    case = queries.case(body.tracking_id)
    if case is None:
        raise Problem(404, "tracking-id-unknown", "no request has this tracking id")
    return StatusOut(
        tracking_id=case.tracking_id,
        service_id=case.service_id,
        state=case.state,
        steps=[StepOut.model_validate(s, from_attributes=True) for s in case.steps.all()],
    )
