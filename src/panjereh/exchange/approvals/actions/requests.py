"""The deeds about a request for access, of the consumer, the provider, the secretariat and the
clock. What the working group decides is entered in `sessions`, what is signed in `signing`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction

from panjereh.common import clock
from panjereh.exchange.actions import Actor, require_role
from panjereh.exchange.approvals import states
from panjereh.exchange.approvals.actions.register import publish_approval
from panjereh.exchange.approvals.actions.signing import begin_signing
from panjereh.exchange.approvals.actions.trial import close_trial, open_trial
from panjereh.exchange.approvals.models import AccessRequest, Approval
from panjereh.exchange.approvals.steps import lock, move, note
from panjereh.exchange.approvals.terms import terms
from panjereh.exchange.gateway.fields import parse_pointer
from panjereh.exchange.models import Grant, Member, Operator, Representative, Service, System

State = AccessRequest.State
# What a draft says; an unknown name is a mistake of the caller.
WRITTEN = (
    "data_items",
    "purpose",
    "purpose_fa",
    "purpose_en",
    "legal_basis",
    "justification",
    "per_minute",
    "per_day",
    "conditions",
    "wishes",
    "until",
)
NEEDED = ("purpose", "purpose_fa", "purpose_en", "legal_basis", "justification", "per_minute")


class Incomplete(ValueError):
    """Names the fields that are still empty."""

    def __init__(self, missing: list[str]) -> None:
        super().__init__(", ".join(missing))
        self.missing = missing


def begin_request(
    *, actor: Representative, consumer: System, service: Service, reopens: UUID | None = None
) -> AccessRequest:
    """A draft. One that reopens a standing grant begins with what that grant says."""
    require_own(actor, consumer.member)
    if service.system.member_id == consumer.member_id:
        # A body's own systems need a contract too, but nobody else's agreement: 001 S7.3.
        raise states.NotNow("a member does not ask itself; the operator enters such a grant")
    with transaction.atomic():
        request = AccessRequest.objects.create(
            consumer=consumer, service=service, reopens=reopens, **_prefilled(consumer, reopens)
        )
        note(request, "begun", actor)
    return request


def write_request(*, actor: Representative, request: AccessRequest, **written: Any) -> None:
    """Fill in or change the draft. Raises `ValueError` when a data item is no JSON pointer."""
    require_own(actor, request.consumer.member)
    if unknown := written.keys() - set(WRITTEN):
        raise TypeError(f"a request has no {sorted(unknown)}")
    for item in written.get("data_items", ()):
        parse_pointer(item)
    for condition in written.get("conditions", ()):
        if condition["kind"] != "listed" or not parse_pointer(condition["pointer"]):
            raise ValueError("a condition names a list and where the id stands in the request")
    with transaction.atomic():
        lock(request)
        if request.state not in {State.DRAFT, State.CHANGES}:
            raise states.NotNow("a request is written before it is submitted")
        for name, value in written.items():
            setattr(request, name, value)
        request.save(update_fields=[*written])


def submit_request(*, actor: Representative, request: AccessRequest) -> None:
    """To the provider; access to test data begins at once, where this exchange is for tests."""
    require_own(actor, request.consumer.member)
    with transaction.atomic():
        lock(request)
        if missing := [name for name in NEEDED if not getattr(request, name)]:
            raise Incomplete(missing)
        request.provider_answer, request.submitted_at = "", clock.now()
        move(request, "submitted", actor)
        open_trial(actor, request)


def withdraw_request(*, actor: Representative, request: AccessRequest, reason: str = "") -> None:
    require_own(actor, request.consumer.member)
    with transaction.atomic():
        lock(request)
        close(request, "withdrawn", actor, reason)


def answer_request(
    *, actor: Representative, request: AccessRequest, answer: str, text: str = ""
) -> None:
    """The provider's word: `agreed`, `declined` or `changes-asked-by-provider`.

    A refusal ends nothing: without agreement the working group decides (NIX-07).
    """
    require_own(actor, request.service.system.member)
    if answer not in {"agreed", "declined", "changes-asked-by-provider"}:
        raise ValueError(f"no answer: {answer}")
    if answer != "agreed" and not text.strip():
        raise Incomplete(["text"])
    with transaction.atomic():
        lock(request)
        if answer in AccessRequest.Answer.values:
            request.provider_answer = answer
        move(request, answer, actor, text)


def consent(*, actor: Operator, request: AccessRequest, number: str, text: str = "") -> Approval:
    """The secretariat's consent to what the provider agreed to. It is public from now on."""
    require_role(actor, Operator.Role.SECRETARIAT)
    if not number.strip():
        raise Incomplete(["number"])
    with transaction.atomic():
        lock(request)
        request.approval = publish_approval(request, number=number, date=clock.now().date())
        move(request, "consented", actor, text)
        begin_signing(request)
    return request.approval


def ask_changes(*, actor: Operator, request: AccessRequest, text: str) -> None:
    require_role(actor, Operator.Role.SECRETARIAT)
    if not text.strip():
        raise Incomplete(["text"])
    with transaction.atomic():
        lock(request)
        move(request, "changes-asked", actor, text)


def send_to_group(*, actor: Operator, request: AccessRequest, text: str = "") -> None:
    """The secretariat does not consent, or the matter is the group's to decide."""
    require_role(actor, Operator.Role.SECRETARIAT)
    with transaction.atomic():
        lock(request)
        move(request, "sent-to-group", actor, text)


def keep_terms() -> int:
    """GOV-24. Who is silent is reminded; then a provider's silence goes to the group, and what the
    consumer leaves lying lapses. Returns how many requests were moved or reminded."""
    now, touched = clock.now(), 0
    for request in AccessRequest.objects.filter(due_at__lte=now + states.REMINDER_BEFORE):
        with transaction.atomic():
            lock(request)
            touched += _keep_term(request, now)
    return touched


def _keep_term(request: AccessRequest, now: datetime) -> bool:
    if request.due_at is None or request.due_at > now + states.REMINDER_BEFORE:
        return False
    if request.due_at > now or request.state in {State.SECRETARIAT, State.GROUP}:
        return _remind(request, now)
    if request.state == State.PROVIDER:
        request.provider_answer = AccessRequest.Answer.SILENT
        move(request, "not-answered", None)
    else:
        close(request, "lapsed", None)
    return True


def _remind(request: AccessRequest, now: datetime) -> bool:
    """Once before the end of a term, and then once a day when it has passed."""
    overdue = request.due_at is not None and request.due_at <= now
    if request.reminded_at is not None and not (
        overdue and request.reminded_at.date() < now.date()
    ):
        return False
    AccessRequest.objects.filter(pk=request.pk).update(reminded_at=now)
    note(request, "overdue" if overdue else "reminded", None)
    return True


def close(request: AccessRequest, deed: str, actor: Actor | None, text: str = "") -> None:
    """To an end without a grant; the request is locked."""
    move(request, deed, actor, text)
    close_trial(actor, request)


def require_own(actor: Actor, member: Member) -> None:
    """Requests are the members' own: not even an operator writes or answers one for them."""
    if not isinstance(actor, Representative) or not actor.active or actor.member_id != member.pk:
        raise PermissionDenied("only a representative of the member may do this")


def _prefilled(consumer: System, reopens: UUID | None) -> Mapping[str, Any]:
    if reopens is None:
        return {}
    standing = Grant.objects.get(series=reopens, state=Grant.State.ACTIVE, consumer=consumer)
    said = terms(standing.contract)
    return {
        "data_items": list(said.data_items),
        "purpose": said.purpose["code"],
        "purpose_fa": said.purpose["name"]["fa"],
        "purpose_en": said.purpose["name"]["en"],
        "legal_basis": said.purpose["legal_basis"],
        "per_minute": said.quota_per_minute,
        "per_day": said.quota_per_day,
        "conditions": list(said.conditions),
    }
