"""Grants that nobody uses: the secretariat proposes to give them up, the consumer decides."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction

from panjereh.common import clock
from panjereh.common.outbox.actions import emit
from panjereh.exchange.actions import new_version, require_role
from panjereh.exchange.approvals.actions.grants import revoke_signed
from panjereh.exchange.approvals.actions.requests import Incomplete, require_own
from panjereh.exchange.approvals.models import Proposal
from panjereh.exchange.models import Grant, Operator, Representative


def propose_withdrawal(*, actor: Operator, grant: Grant, idle_months: int) -> Proposal:
    require_role(actor, Operator.Role.SECRETARIAT)
    with transaction.atomic():
        proposal = Proposal.objects.create(
            series=grant.series,
            member=grant.consumer.member,
            idle_months=idle_months,
            proposed_by=actor.name,
        )
        _tell(proposal, "proposed")
    return proposal


def give_up_grant(*, actor: Representative, grant: Grant) -> None:
    """The consumer needs it no more. It stops working in every gateway within two seconds."""
    require_own(actor, grant.consumer.member)
    with transaction.atomic():
        revoke_signed(grant)
        new_version(actor, "grant.given-up", str(grant))
        _answer(grant.series, "given-up", "")


def keep_grant(*, actor: Representative, proposal: Proposal, reason: str) -> None:
    if actor.member_id != proposal.member_id or not actor.active:
        raise PermissionDenied("only a representative of the consumer answers")
    if not reason.strip():
        raise Incomplete(["reason"])
    with transaction.atomic():
        _answer(proposal.series, "kept", reason.strip())


def _answer(series: UUID, answer: str, reason: str) -> None:
    for proposal in Proposal.objects.select_for_update().filter(series=series, answer=""):
        proposal.answer, proposal.reason, proposal.answered_at = answer, reason, clock.now()
        proposal.save()
        _tell(proposal, answer)


def _tell(proposal: Proposal, what: str) -> None:
    data = {"grant": str(proposal.series), "member": proposal.member.x_road_id, "state": what}
    emit("exchange.grant.idle", subject=str(proposal.series), data=data)
