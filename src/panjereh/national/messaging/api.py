"""Payam Iran over the exchange; thin over the deeds."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Field, Schema, Status
from pydantic import AfterValidator

from panjereh.common.identifiers import parse_mobile, parse_person_id
from panjereh.national.messaging import actions, queries
from panjereh.national.messaging.models import Lane
from panjereh.sdk.provider import ExchangeRequest, provider_api

PersonId = Annotated[str, AfterValidator(parse_person_id)]
Mobile = Annotated[str, AfterValidator(parse_mobile)]
NoticeMobile = Annotated[str, AfterValidator(lambda text: text and parse_mobile(text))]

LANES = {lane.label: lane for lane in Lane}

api = provider_api("messaging", title="Payam Iran: SMS and e-box")


class SmsIn(Schema):
    mobile: Mobile
    text: str = Field(min_length=1, max_length=2000)
    lane: Literal["one-time", "transactional", "bulk"] = "transactional"
    expires_in: int | None = Field(None, ge=1, le=72 * 3600, description="life in seconds")


class SmsOut(Schema):
    message_id: UUID


class LetterIn(Schema):
    person: PersonId
    title: str = Field(min_length=1, max_length=300)
    body: str = Field(min_length=1, max_length=50_000)
    notify: NoticeMobile = ""


class LetterDeposited(Schema):
    letter_id: UUID


class PersonIn(Schema):
    person: PersonId


class OpenIn(PersonIn):
    letter_id: UUID


class LetterOut(Schema):
    letter_id: UUID
    sender: str
    title: str
    body: str
    deposited_at: datetime
    read_at: datetime | None
    tracking_id: str
    document_id: str


class MailboxOut(Schema):
    unread: int
    letters: list[LetterOut]


@api.post("/send-sms", response={202: SmsOut})
def send_sms(request: ExchangeRequest, body: SmsIn) -> Status[SmsOut]:
    call = request.exchange_call
    message = actions.accept_sms(
        consumer=call.consumer,
        key=call.required_key(),
        mobile=body.mobile,
        text=body.text,
        lane=LANES[body.lane],
        expires_in=body.expires_in,
        case=call.case,
        request_id=call.request_id,
    )
    return Status(202, SmsOut(message_id=message.id))


@api.post("/deposit-letter", response={201: LetterDeposited})
def deposit_letter(request: ExchangeRequest, body: LetterIn) -> Status[LetterDeposited]:
    call = request.exchange_call
    letter = actions.deposit_letter(
        sender=call.consumer,
        person=body.person,
        title=body.title,
        body=body.body,
        case=call.case,
        notify=body.notify,
        key=call.required_key(),
    )
    return Status(201, LetterDeposited(letter_id=letter.id))


@api.post("/mailbox", response=MailboxOut)
def mailbox(request: ExchangeRequest, body: PersonIn) -> MailboxOut:
    actions.check_owner(person=body.person, acting=request.exchange_call.user)
    unread, letters = queries.listed(body.person)
    return MailboxOut(unread=unread, letters=[_out(letter) for letter in letters])


@api.post("/open-letter", response=LetterOut)
def open_letter(request: ExchangeRequest, body: OpenIn) -> LetterOut:
    call = request.exchange_call
    return _out(
        actions.open_letter(
            person=body.person,
            letter_id=body.letter_id,
            acting=call.user,
            consumer=call.consumer,
            request_id=call.request_id,
        )
    )


def _out(letter: queries.OpenedLetter) -> LetterOut:
    return LetterOut.model_validate(letter, from_attributes=True)
