"""The deeds on mandates: offer, consent, accept, end. Each tells the represented."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction

from panjereh.common import clock
from panjereh.common.outbox.actions import emit
from panjereh.sso.acting.ending import end_uses
from panjereh.sso.acting.models import Mandate
from panjereh.sso.acting.options import Represented, name_of, represented_by
from panjereh.sso.models import Person
from panjereh.sso.one_time.actions import Holder, Verdict, issue_code, redeem_code
from panjereh.sso.organisations.models import Organisation
from panjereh.sso.organisations.queries import leader_of, may_lead_now
from panjereh.sso.policy import policy
from panjereh.sso.provider.subjects import own_subject
from panjereh.sso.safety.notices import notify

BY_CODE = "one-time-code"


class MandateRefused(Exception):
    """Why somebody cannot be given a mandate; `reason` has its words on the page."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a person typed: who shall act, in which services, until when."""

    agent_national_id: str
    services: list[str]
    ends_at: datetime


def offer(wanted: Wanted, *, actor: Person, company: Organisation | None = None) -> Mandate:
    """Write down what the actor wants to give; nothing holds before the code and the acceptance.

    It says nothing about whether the other one has an account: that shows when they accept.
    Raises `MandateRefused`, and `ExchangeError` when the registry of legal persons is away.
    """
    _check(wanted, actor)
    if company and not may_lead_now(company.legal_id, actor.national_id):
        raise MandateRefused("not-leading")
    return Mandate.objects.create(
        kind=Mandate.Kind.STAFF if company else Mandate.Kind.HELPER,
        principal=None if company else actor,
        organisation=company,
        agent_national_id=wanted.agent_national_id,
        given_by=actor,
        services=wanted.services,
        ends_at=wanted.ends_at,
        asked_at=clock.now(),
    )


def _check(wanted: Wanted, actor: Person) -> None:
    if wanted.agent_national_id == actor.national_id:
        raise MandateRefused("oneself")
    if not actor.mobile:
        raise MandateRefused("no-number")
    longest = clock.now() + policy().mandate_longest
    if not clock.now() < wanted.ends_at <= longest or not wanted.services:
        raise MandateRefused("time")


def code_for(mandate: Mandate, holder: Person) -> str:
    """A code that consents to this mandate and to no other."""
    return issue_code(journey=mandate.id, purpose="mandate", holder=_holder(holder))


def consent(mandate: Mandate, *, holder: Person, guess: str) -> Verdict:
    """The represented, or their chief executive, has typed the code of the own phone."""
    verdict = redeem_code(
        journey=mandate.id, purpose="mandate", holder=_holder(holder), guess=guess
    )
    if verdict == "right":
        _give(mandate)
    return verdict


def _give(mandate: Mandate) -> None:
    """A helper has still to accept; the clerk at the counter is the one who asked."""
    now = clock.now()
    with transaction.atomic():
        row = Mandate.objects.select_for_update().get(id=mandate.id)
        if row.given_at or row.ended_at:
            return
        row.given_at, row.proof = now, BY_CODE
        if row.agent_id is not None:
            row.accepted_at = now
            row.ends_at = now + policy().clerk_mandate
        row.save(update_fields=["given_at", "proof", "accepted_at", "ends_at"])
        _tell(row, "mandate-given")


def accept(mandate_id: UUID, *, actor: Person) -> None:
    """Whom it was offered to takes it. Raises `PermissionDenied` for anybody else."""
    with transaction.atomic():
        mandate = Mandate.objects.select_for_update().filter(id=mandate_id).first()
        if mandate is None or not _may_accept(mandate, actor):
            raise PermissionDenied
        if mandate.accepted_at:
            return
        mandate.agent, mandate.accepted_at = actor, clock.now()
        mandate.agent_national_id = ""  # known by the account from now on
        mandate.save(update_fields=["agent", "accepted_at", "agent_national_id"])
        _emit(mandate, "accepted")


def _may_accept(mandate: Mandate, actor: Person) -> bool:
    return (
        mandate.agent_national_id == actor.national_id
        and mandate.given_at is not None
        and mandate.ended_at is None
        and mandate.ends_at is not None
        and mandate.ends_at > clock.now()
    )


def end_mandate(mandate_id: UUID, *, actor: Person) -> None:
    """The represented, or who acts, ends it at once: tokens die, sites are told."""
    mandate = _locked_parts(mandate_id)
    if mandate is None or not may_end(mandate, actor):
        raise PermissionDenied
    _end(mandate, by=actor.id, reason="taken-back" if _gives(mandate, actor) else "given-back")


def end_for(mandates: Iterable[Mandate], *, reason: str) -> None:
    """What they rest on is gone: the registry says no, the time is over, an account is closed."""
    for mandate in mandates:
        _end(mandate, by=None, reason=reason)


def end_all_of(person: Person, *, reason: str) -> None:
    """The account is closed: nobody acts for this person, and this person for nobody."""
    given = Mandate.objects.filter(ended_at=None, principal=person)
    held = Mandate.objects.filter(ended_at=None, agent=person)
    sent = Mandate.objects.filter(ended_at=None, given_by=person)
    parts = (given | held | sent).select_related("principal", "organisation", "agent", "given_by")
    end_for(parts, reason=reason)


def may_end(mandate: Mandate, actor: Person) -> bool:
    holds = actor.id == mandate.agent_id or (
        mandate.agent_id is None and actor.national_id == mandate.agent_national_id
    )
    return holds or _gives(mandate, actor)


def _gives(mandate: Mandate, actor: Person) -> bool:
    """Also a later chief executive, as the registry last named one."""
    if actor.id in {mandate.principal_id, mandate.given_by_id}:
        return True
    leader = leader_of(mandate.organisation_id) if mandate.organisation_id else None
    return leader is not None and leader.id == actor.id


def _end(mandate: Mandate, *, by: UUID | None, reason: str) -> None:
    now = clock.now()
    with transaction.atomic():
        standing = Mandate.objects.filter(id=mandate.id, ended_at=None)
        if not standing.update(ended_at=now, ended_by=by, end_reason=reason):
            return
        end_uses(mandate)
        if mandate.given_at:
            _tell(mandate, "mandate-ended")


def _locked_parts(mandate_id: UUID) -> Mandate | None:
    parts = ("principal", "organisation", "agent", "given_by")
    return Mandate.objects.select_related(*parts).filter(id=mandate_id).first()


def _tell(mandate: Mandate, kind: str) -> None:
    """To whoever can read it: a child's news go to who acts for the child."""
    who = name_of(mandate.agent) if mandate.agent else ""
    for person_id in told_people(mandate):
        notify(person_id, kind, who=who, name=name_of(represented_by(mandate)))
    _emit(mandate, kind.removeprefix("mandate-"))


def told_people(mandate: Mandate) -> list[UUID]:
    principal = mandate.principal
    if principal and principal.mobile:
        return [principal.id]
    if mandate.organisation and (leader := leader_of(mandate.organisation.id)):
        return [leader.id]
    return [mandate.agent_id] if mandate.agent_id else []


def _emit(mandate: Mandate, deed: str) -> None:
    represented: Represented = represented_by(mandate)
    sub = own_subject(represented.id)
    emit(f"sso.mandate.{deed}", subject=sub, data={"sub": sub, "kind": mandate.kind})


def _holder(person: Person) -> Holder:
    return Holder(person.national_id, person.mobile)
