"""Looks as they are told over the exchange: names and sentences, no pointers, no pseudonyms."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from ninja import Schema

from panjereh.exchange.directory.models import Item
from panjereh.exchange.models import Grant, Member
from panjereh.exchange.usage import law, queries, words
from panjereh.exchange.usage.models import Question, Search

Names = dict[str, str]


class DataOut(Schema):
    """`of`: whose data, where not the person's own."""

    of: Names | None
    items: list[Names]


class AskedOut(Schema):
    registry: Names
    custodian: Names
    service: Names
    times: int
    last_at: datetime
    data: list[DataOut]
    yes_or_no: bool
    purpose: Names
    legal_basis: list[Names]
    approval_number: str
    approval_date: str
    approval_body: Names


class QuestionOut(Schema):
    text: str
    asked_at: datetime
    due_at: datetime
    answer: str
    answered_at: datetime | None
    in_e_box: bool


class GroupOut(Schema):
    """`acted`: you (a request of your own), another (somebody else acted), nobody (by itself)."""

    look: UUID
    agency: Names
    agency_id: str
    system: Names
    case: str
    first_at: datetime
    last_at: datetime
    calls: int
    acted: queries.Acted
    asked: list[AskedOut]
    question: QuestionOut | None


class AgencyOut(Schema):
    id: str
    name: Names
    calls: int


class SearchOut(Schema):
    """A search by an auditor; what it found is not told, that it was made is."""

    at: datetime
    case_number: str
    about: Literal["looks-at-you", "looks-by-you"]


def group(found: queries.Group) -> GroupOut:
    agency_id, name = _agency(found)
    return GroupOut(
        look=found.look,
        agency=name,
        agency_id=agency_id,
        system=found.system.name,
        case=found.case,
        first_at=found.first_at,
        last_at=found.last_at,
        calls=found.calls,
        acted=found.acted,
        asked=[asked(one) for one in found.asked],
        question=question(found.question) if found.question else None,
    )


def _agency(found: queries.Group) -> tuple[str, Names]:
    """The member that called, or the one it called for (NIX-20)."""
    member = found.system.member
    return member.x_road_id, _name_of(found.represented) if found.represented else member.name


def _name_of(x_road_id: str) -> Names:
    parts = x_road_id.split("/")
    if len(parts) == 4 and (system := queries.system_of(x_road_id)):
        return system.member.name
    member = Member.objects.filter(code=parts[2]).first() if len(parts) == 3 else None
    return member.name if member else {"fa": x_road_id, "en": x_road_id}


def asked(one: queries.Asked) -> AskedOut:
    grant = one.grant
    return AskedOut(
        registry=grant.service.system.name,
        custodian=grant.service.system.member.name,
        service=grant.service.title,
        times=one.times,
        last_at=one.last_at,
        data=data(grant),
        yes_or_no=bool(grant.attestation),
        purpose=grant.purpose_name,
        legal_basis=law.in_words(grant.legal_basis),
        approval_number=grant.approval_number,
        approval_date=grant.approval_date.isoformat(),
        approval_body=grant.approval_body,
    )


def data(grant: Grant) -> list[DataOut]:
    pointers = words.pointers_of(grant)
    named = _names_by_provider(grant.service_id) if words.unknown(pointers) else {}
    return [
        DataOut(of=dict(one.of) if one.of else None, items=[dict(item) for item in one.items])
        for one in words.told(pointers, named)
    ]


def _names_by_provider(service: int) -> dict[str, words.Names]:
    items = Item.objects.filter(service=service, direction=Item.Direction.OUT)
    return {item.place: item.name for item in items}


def question(found: Question) -> QuestionOut:
    return QuestionOut(
        text=found.text,
        asked_at=found.asked_at,
        due_at=found.due_at,
        answer=found.answer,
        answered_at=found.answered_at,
        in_e_box=found.letter_id != "",
    )


def agency(found: queries.Agency) -> AgencyOut:
    return AgencyOut(id=found.member.x_road_id, name=found.member.name, calls=found.calls)


def search(found: Search, person_name: UUID) -> SearchOut:
    about: Literal["looks-at-you", "looks-by-you"] = (
        "looks-at-you" if found.subject == person_name else "looks-by-you"
    )
    return SearchOut(at=found.at, case_number=found.case_number, about=about)
