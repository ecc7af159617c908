"""After the approval: the contract is drafted and signed by the secretariat, then by consumer and
provider, each with its own key. When all have signed and the service was tried, it is a grant."""

from datetime import UTC, datetime, time

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction

from panjereh.common import clock
from panjereh.exchange.actions import Actor, require_role
from panjereh.exchange.approvals.actions.grants import activate_grant, draft_contract, keys_for
from panjereh.exchange.approvals.contract import (
    PARTIES,
    ContractRefused,
    content_hash,
    named_keys,
    read_signature,
    sign,
)
from panjereh.exchange.approvals.keys import sandbox_key, secretariat_key
from panjereh.exchange.approvals.models import AccessRequest, ApprovedSeries
from panjereh.exchange.approvals.rules import notes_of
from panjereh.exchange.approvals.states import NotNow
from panjereh.exchange.approvals.steps import lock, move, note
from panjereh.exchange.approvals.terms import Terms
from panjereh.exchange.models import Operator, Representative, System


def begin_signing(request: AccessRequest) -> None:
    """Inside the transaction of the approval: what is signed is exactly what was approved."""
    request.contract = draft_contract(
        consumer=request.consumer,
        service=request.service,
        terms=approved_terms(request),
        not_after=_end(request),
    )
    hashed, at = content_hash(request.contract), int(clock.now().timestamp())
    key = secretariat_key(settings.KEYS)
    request.signatures = {"secretariat": sign(hashed, key, verdict="accept", signed_at=at)}
    request.save(update_fields=["contract", "signatures"])


def sign_contract(
    *, actor: Representative, request: AccessRequest, party: str, signature: str
) -> None:
    """A member's signature, made with its own key on its own machine (compact JWS).

    Raises `ContractRefused` when it is none over this contract.
    """
    party_of(actor, request, party)
    with transaction.atomic():
        lock(request)
        if request.state != AccessRequest.State.APPROVED:
            raise NotNow("there is nothing to be signed")
        _check(request, party, signature)
        request.signatures = {**request.signatures, party: signature}
        request.save(update_fields=["signatures"])
        enter_into_force(actor, request)


def sign_in_sandbox(*, actor: Representative, request: AccessRequest, party: str) -> None:
    """Where the sandbox holds the member's key, a click signs. Raises `PermissionDenied` else."""
    key = sandbox_key(settings.KEYS, party_of(actor, request, party).code)
    if key is None:
        raise PermissionDenied("only the sandbox holds keys of members")
    hashed, at = content_hash(request.contract), int(clock.now().timestamp())
    signature = sign(hashed, key, verdict="accept", signed_at=at)
    sign_contract(actor=actor, request=request, party=party, signature=signature)


def enter_into_force(actor: Actor, request: AccessRequest) -> None:
    """Inside the transaction of the last signature, or of the trial run that was still missing."""
    tried = request.runs.first()
    if set(request.signatures) != set(PARTIES) or tried is None or not tried.passed:
        return
    grant = activate_grant(actor=actor, contract=request.contract, signatures=request.signatures)
    request.grant = grant
    move(request, "granted", actor)
    if request.approval is not None:
        ApprovedSeries.objects.get_or_create(approval=request.approval, series=grant.series)


def draft_again(*, actor: Operator, request: AccessRequest) -> None:
    """Keys changed, or another version was approved meanwhile: the same terms, signed anew."""
    require_role(actor, Operator.Role.SECRETARIAT)
    with transaction.atomic():
        lock(request)
        if request.state != AccessRequest.State.APPROVED:
            raise NotNow("there is nothing to be signed")
        begin_signing(request)
        note(request, "drafted-again", actor)


def party_of(actor: Representative, request: AccessRequest, party: str) -> System:
    """The system that the representative signs for. Raises `PermissionDenied` for another's."""
    system = {"consumer": request.consumer, "provider": request.service.system}.get(party)
    if system is None or not actor.active or system.member_id != actor.member_id:
        raise PermissionDenied("a representative signs for the own member only")
    return system


def approved_terms(request: AccessRequest) -> Terms:
    approval = request.approval
    if approval is None:
        raise NotNow("nothing was approved yet")
    return Terms(
        data_items=request.data_items,
        purpose={
            "code": request.purpose,
            "name": request.purpose_name,
            "legal_basis": request.legal_basis,
        },
        approval={
            "number": approval.number,
            "date": approval.date.isoformat(),
            "body": approval.body,
            "row": approval.row,
        },
        quota_per_minute=request.per_minute or 1,
        quota_per_day=request.per_day,
        conditions=request.conditions,
        notes=notes_of(request.consumer.member, request.service.system.member),
    )


def _check(request: AccessRequest, party: str, signature: str) -> None:
    known = keys_for(request.consumer, request.service).of(party)
    wanted = named_keys(request.contract)[party]
    said = read_signature(signature, {k: v for k, v in known.items() if k == wanted})
    if (said.content_hash, said.verdict) != (content_hash(request.contract), "accept"):
        raise ContractRefused(f"the {party} did not accept this contract")


def _end(request: AccessRequest) -> datetime | None:
    """The last day counts to its end."""
    return datetime.combine(request.until, time(23, 59, 59), UTC) if request.until else None
