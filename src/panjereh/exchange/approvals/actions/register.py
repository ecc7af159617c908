"""Entering approvals into the public register. An entry is public at once and never changes."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import transaction

from panjereh.common import clock
from panjereh.common.outbox.actions import emit
from panjereh.common.text import fold
from panjereh.exchange.actions import require_role
from panjereh.exchange.approvals.models import (
    AccessRequest,
    Agreement,
    Approval,
    ApprovedSeries,
    Session,
)
from panjereh.exchange.approvals.rules import notes_in_words
from panjereh.exchange.directory.models import Item
from panjereh.exchange.models import Grant, Member, Operator, Service

SECRETARIAT = {
    "fa": "دبیرخانه کارگروه تعامل‌پذیری دولت الکترونیکی",
    "en": "Secretariat of the e-government interoperability working group",
}


def group_of(session: Session) -> dict[str, str]:
    return {
        "fa": f"کارگروه تعامل‌پذیری دولت الکترونیکی، جلسه {session.number}",
        "en": f"E-government interoperability working group, session {session.number}",
    }


def publish_approval(
    request: AccessRequest,
    *,
    number: str,
    date: date,
    session: Session | None = None,
    row: str = "",
) -> Approval:
    """What consent or a decision of the group makes public; inside its transaction."""
    body = group_of(session) if session else SECRETARIAT
    service, consumer = request.service, request.consumer.member
    return enter(
        number=number.strip(),
        date=date,
        body_fa=body["fa"],
        body_en=body["en"],
        session_number=session.number if session else None,
        row=row,
        consumers=[named(consumer)],
        providers=[named(service.system.member)],
        service_code=f"{service.system.code}/{service.code}",
        service_fa=service.title_fa,
        service_en=service.title_en,
        inputs=items_in_words(service, "in"),
        outputs=items_in_words(service, "out", request.data_items),
        conditions=conditions_in_words(request.conditions) + _wishes(request),
        purpose_fa=request.purpose_fa,
        purpose_en=request.purpose_en,
        legal_basis=request.legal_basis,
        notes=notes_in_words(consumer),
    )


def enter_approval(
    *, actor: Operator, facts: Mapping[str, Any], grants: Iterable[Grant] = ()
) -> Approval:
    """An approval that was decided before this register, as its text says. `facts` are columns."""
    require_role(actor, Operator.Role.OPERATOR, Operator.Role.SECRETARIAT)
    with transaction.atomic():
        approval = enter(**facts)
        for grant in grants:
            link_series(approval, grant.series)
    return approval


def link_series(approval: Approval, series: uuid.UUID) -> None:
    ApprovedSeries.objects.get_or_create(approval=approval, series=series)


def record_agreement(
    *,
    actor: Operator,
    member: Member,
    number: str,
    signed_on: date,
    document_sha256: str,
    valid_until: date | None = None,
) -> Agreement:
    """PRV-17: that a confidentiality agreement with the party was signed, and which text."""
    require_role(actor, Operator.Role.SECRETARIAT)
    if len(bytes.fromhex(document_sha256)) != 32:
        raise ValueError("a SHA-256 has 64 hexadecimal digits")
    with transaction.atomic():
        agreement = Agreement.objects.create(
            member=member,
            number=number,
            signed_on=signed_on,
            valid_until=valid_until,
            document_sha256=document_sha256.lower(),
            recorded_by=actor.name,
        )
        emit("exchange.agreement.recorded", subject=number, data={"member": member.x_road_id})
    return agreement


def named(member: Member) -> dict[str, str]:
    return {"code": member.x_road_id, **member.name}


def items_in_words(
    service: Service, direction: str, wanted: Iterable[str] | None = None
) -> list[dict[str, Any]] | None:
    """Items as the service's description names them; None where there is no description."""
    known = {item.place: item for item in Item.objects.filter(service=service, direction=direction)}
    if wanted is None:
        return [_item(item) for item in known.values()] or None
    return [_item(known[p]) if p in known else {"key": p, "fa": p, "en": p} for p in wanted]


def conditions_in_words(conditions: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    return [
        {
            "fa": f"فقط برای شناسه‌هایی که هنگام استعلام در فهرست {c['list']} هستند",
            "en": f"only for ids on the list {c['list']} at the time of the request",
        }
        for c in conditions
    ]


def _item(item: Item) -> dict[str, Any]:
    return {"key": item.place, **item.name, "type": item.type, "required": item.required}


def _wishes(request: AccessRequest) -> list[dict[str, str]]:
    return [{"fa": request.wishes, "en": request.wishes}] if request.wishes else []


def enter(**facts: Any) -> Approval:
    """What every entry has in common; inside its transaction."""
    approval = Approval(**facts, entered_at=clock.now())
    approval.search = _words(approval)
    approval.save()
    emit(
        "exchange.approval.published",
        subject=approval.number,
        data={"number": approval.number, "row": approval.row, "service": approval.service_code},
    )
    return approval


def _words(approval: Approval) -> str:
    bodies = [*approval.consumers, *approval.providers]
    told = [approval.number, approval.row, approval.service_code, *approval.service_title.values()]
    told += [text for body in bodies for text in body.values()]
    return fold(" ".join([*told, *approval.purpose.values(), *approval.body.values()]))
