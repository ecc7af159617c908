"""The deeds about sessions of the working group: agenda, decisions, minutes signed by the
secretariat. What the group decides binds both sides (NIX-07)."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import rfc8785
from django.conf import settings
from django.db import transaction
from django.db.models import Max

from panjereh.common import clock, jws
from panjereh.common.outbox.actions import emit
from panjereh.exchange.actions import require_role
from panjereh.exchange.approvals import states
from panjereh.exchange.approvals.actions.register import enter, group_of, publish_approval
from panjereh.exchange.approvals.actions.requests import Incomplete, close
from panjereh.exchange.approvals.actions.signing import begin_signing
from panjereh.exchange.approvals.contract import thumbprint
from panjereh.exchange.approvals.keys import secretariat_key
from panjereh.exchange.approvals.models import (
    AccessRequest,
    AgendaItem,
    Approval,
    Minutes,
    Plan,
    Session,
)
from panjereh.exchange.approvals.states import NotNow
from panjereh.exchange.approvals.steps import lock, move, note
from panjereh.exchange.models import Operator

Decision = AgendaItem.Decision
SECRETARIAT, GROUP = Operator.Role.SECRETARIAT, Operator.Role.WORKING_GROUP
KIND = "minutes+jws"


def plan_session(*, actor: Operator, number: int, held_on: date) -> Session:
    require_role(actor, SECRETARIAT)
    with transaction.atomic():
        session = Session.objects.create(number=number, held_on=held_on)
        emit("exchange.session.planned", subject=str(number), data={"on": held_on.isoformat()})
    return session


def put_on_agenda(*, actor: Operator, session: Session, matter: AccessRequest | Plan) -> AgendaItem:
    """A request that waits for the group, or a business plan."""
    require_role(actor, SECRETARIAT)
    with transaction.atomic():
        _require(session, Session.State.PLANNED, Session.State.HELD)
        if matter.state not in {AccessRequest.State.GROUP, Plan.State.SUBMITTED}:
            raise NotNow("the matter does not wait for the group")
        last = session.items.aggregate(last=Max("order"))["last"] or 0
        about = {"request": matter} if isinstance(matter, AccessRequest) else {"plan": matter}
        item = AgendaItem.objects.create(session=session, order=last + 1, **about)
        if isinstance(matter, AccessRequest):
            note(matter, "put-on-agenda", actor, str(session.number))
    return item


def hold_session(
    *, actor: Operator, session: Session, present: Sequence[Mapping[str, str]]
) -> None:
    """The session takes place: who is present, officials by name and body."""
    require_role(actor, SECRETARIAT, GROUP)
    named = [{"name": p["name"].strip(), "body": p["body"].strip()} for p in present]
    if not named or not all(p["name"] and p["body"] for p in named):
        raise Incomplete(["present"])
    with transaction.atomic():
        _require(session, Session.State.PLANNED, Session.State.HELD)
        Session.objects.filter(pk=session.pk).update(state=Session.State.HELD, present=named)
    session.refresh_from_db()


def decide_item(
    *, actor: Operator, item: AgendaItem, decision: str, text: Mapping[str, str], number: str = ""
) -> AgendaItem:
    """What the group decided, in words of both languages; an approval has a number."""
    require_role(actor, GROUP, SECRETARIAT)
    if missing := _missing(decision, text, number):
        raise Incomplete(missing)
    with transaction.atomic():
        standing = AgendaItem.objects.select_for_update(of=("self",)).get(pk=item.pk)
        _require(standing.session, Session.State.HELD)
        if standing.decision:
            raise NotNow("this item is decided already")
        standing.decision = Decision(decision)
        standing.text_fa, standing.text_en = text["fa"].strip(), text["en"].strip()
        standing.decided_at = clock.now()
        standing.save()
        _carry_out(actor, standing, number)
    return standing


def sign_minutes(*, actor: Operator, session: Session) -> Minutes:
    """GOV-26. Closes the session: from now on anyone can verify what was decided."""
    require_role(actor, SECRETARIAT)
    with transaction.atomic():
        _require(session, Session.State.HELD)
        items = list(session.items.select_related("request__consumer", "request__service", "plan"))
        if not items or not all(item.decision for item in items):
            raise NotNow("every item needs a decision before the minutes are signed")
        content = minutes_content(session, items)
        minutes = Minutes.objects.create(
            session=session,
            content=content,
            sha256=hashlib.sha256(rfc8785.dumps(content)).hexdigest(),
            signature=_signed(content),
            signed_by=actor.name,
            signed_at=clock.now(),
        )
        Session.objects.filter(pk=session.pk).update(state=Session.State.SIGNED)
        emit("exchange.minutes.signed", subject=str(session.number), data={"sha": minutes.sha256})
    return minutes


def submit_plan(
    *, actor: Operator, legal_id: str, name: Mapping[str, str], summary: str, document_sha256: str
) -> Plan:
    """NIX-22: the secretariat enters what an access or service operator handed in."""
    require_role(actor, SECRETARIAT)
    with transaction.atomic():
        plan = Plan.objects.create(
            legal_id=legal_id,
            name_fa=name["fa"],
            name_en=name["en"],
            summary=summary,
            document_sha256=document_sha256,
        )
        emit("exchange.plan.submitted", subject=str(plan.pk), data={"plan": plan.pk})
    return plan


def minutes_content(session: Session, items: Sequence[AgendaItem]) -> dict[str, Any]:
    """Names of officials and bodies, decisions and numbers: all of it is public."""
    return {
        "kind": "minutes of the e-government interoperability working group",
        "session": session.number,
        "date": session.held_on.isoformat(),
        "present": session.present,
        "items": [_item_content(item) for item in items],
    }


def _item_content(item: AgendaItem) -> dict[str, Any]:
    told: dict[str, Any] = {
        "item": item.order,
        "decision": item.decision,
        "text": item.text,
        "matter": _matter(item),
    }
    approval = _approval_of(item)
    return told | ({"approval": approval.facts} if approval else {})


def _matter(item: AgendaItem) -> dict[str, Any]:
    if item.request is None:
        return {"kind": "business plan", "company": item.plan.name if item.plan else {}}
    return {
        "kind": "request for access",
        "number": item.request.pk,
        "consumer": item.request.consumer.x_road_id,
        "service": item.request.service.x_road_id,
        "data_items": item.request.data_items,
    }


def _approval_of(item: AgendaItem) -> Approval | None:
    matter = item.request or item.plan
    return matter.approval if matter and item.decision == Decision.APPROVED else None


def _carry_out(actor: Operator, item: AgendaItem, number: str) -> None:
    if item.plan is not None:
        _decide_plan(item, item.plan, number)
    elif item.request is not None:
        _decide_request(actor, item, item.request, number)


def _decide_request(actor: Operator, item: AgendaItem, request: AccessRequest, number: str) -> None:
    text = item.text_fa
    lock(request)
    if item.decision == Decision.APPROVED:
        request.approval = publish_approval(
            request,
            number=number,
            date=item.session.held_on,
            session=item.session,
            row=f"{item.session.number}-{item.order}",
        )
        move(request, "group-approved", actor, text)
        begin_signing(request)
    elif item.decision == Decision.CHANGES:
        move(request, "group-asked-changes", actor, text)
    elif item.decision == Decision.REFUSED:
        close(request, "group-refused", actor, text)
    elif item.decision == Decision.VOID:
        _require_closed(request)
    else:
        note(request, "postponed", actor, text)


def _require_closed(request: AccessRequest) -> None:
    if request.state not in states.CLOSED:
        raise NotNow("the request still waits for a decision")


def _decide_plan(item: AgendaItem, plan: Plan, number: str) -> None:
    if item.decision == Decision.REFUSED:
        Plan.objects.filter(pk=plan.pk).update(state=Plan.State.REFUSED)
    if item.decision != Decision.APPROVED:
        return
    body, company = group_of(item.session), {"code": plan.legal_id, **plan.name}
    plan.approval = enter(
        number=number,
        date=item.session.held_on,
        body_fa=body["fa"],
        body_en=body["en"],
        session_number=item.session.number,
        row=f"{item.session.number}-{item.order}",
        kind=Approval.Kind.PLAN,
        consumers=[company],
        providers=[],
        service_code="",
        service_fa="اتصال کارور دسترسی یا خدمت",
        service_en="Connection of an access or service operator",
        inputs=None,
        outputs=None,
        conditions=[item.text],
        legal_basis="002 art 10 note 2",
    )
    plan.state = Plan.State.APPROVED
    plan.save()


def _missing(decision: str, text: Mapping[str, str], number: str) -> list[str]:
    needed = {"decision": decision in Decision.values}
    needed |= {f"text_{language}": bool(text[language].strip()) for language in ("fa", "en")}
    needed["number"] = decision != Decision.APPROVED or bool(number.strip())
    return [name for name, given in needed.items() if not given]


def _require(session: Session, *states: str) -> None:
    standing = Session.objects.select_for_update().get(pk=session.pk)
    if standing.state not in states:
        raise NotNow(f"the session is {standing.state}")


def _signed(content: Mapping[str, Any]) -> str:
    key = secretariat_key(settings.KEYS)
    return jws.sign(content, key, kind=KIND, kid=thumbprint(key.verify_key.encode().hex()))
