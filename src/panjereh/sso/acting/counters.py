"""Counters of agencies: who works there, and how a citizen consents to one request (PIS-01)."""

from uuid import UUID

from django.db import transaction

from panjereh.common import clock
from panjereh.sso.acting.authority import clerk_of, covers
from panjereh.sso.acting.codes import limit_counter_codes, send_counter_code, send_to_nobody
from panjereh.sso.acting.models import Clerk, Mandate
from panjereh.sso.acting.services import title_of
from panjereh.sso.acting.using import MayNotAct
from panjereh.sso.digests import keyed
from panjereh.sso.models import Person
from panjereh.sso.one_time.actions import Holder, Verdict, redeem_code
from panjereh.sso.people.queries import own_account


def register_clerk(
    *, national_id: str, agency: str, office: str, services: list[str], actor: str
) -> Clerk:
    """`actor` answers for it: an officer of the sign-on, for the agency that named the clerk."""
    if not (actor and office and services):
        raise ValueError("who registers a clerk, at which counter and for what is written down")
    digest = keyed("clerk", national_id)
    with transaction.atomic():
        clerk, _ = Clerk.objects.update_or_create(
            person_digest=digest,
            agency=agency,
            ended_at=None,
            defaults={"office": office, "services": services, "registered_by": actor},
            create_defaults={
                "office": office,
                "services": services,
                "registered_by": actor,
                "registered_at": clock.now(),
            },
        )
    return clerk


def end_clerk(clerk_id: UUID, *, actor: str) -> bool:
    """What the clerk has begun ends at its next look. False when it had ended before."""
    if not actor:
        raise ValueError("who ends a clerk's registration is written down")
    standing = Clerk.objects.filter(id=clerk_id, ended_at=None)
    return bool(standing.update(ended_at=clock.now()))


def ask_citizen(
    national_id: str, *, clerk: Person, agency: str, service: str, address: str
) -> UUID:
    """Send the citizen's own phone a code for this one request. Returns what to redeem it with.

    Whether there is such a citizen shows nowhere: not in the answer, not in its time.
    Raises `MayNotAct` and `LimitReached`.
    """
    counter = clerk_of(clerk, agency)
    if counter is None or not service or not covers(counter.services, service):
        raise MayNotAct("service")
    limit_counter_codes(national_id, clerk, address)
    title = title_of(service)
    citizen = own_account(national_id)
    if citizen is None or citizen.id == clerk.id:
        return send_to_nobody(national_id)
    mandate = Mandate.objects.create(
        kind=Mandate.Kind.CLERK,
        principal=citizen,
        agent=clerk,
        agent_national_id="",
        services=[service],
        office=counter.office,
        asked_at=clock.now(),
    )
    send_counter_code(mandate, citizen, title)
    return mandate.id


def asked_by(clerk: UUID, mandate_id: UUID) -> Mandate | None:
    """What this clerk has asked a citizen for; None also for what is another clerk's."""
    return (
        Mandate.objects.select_related("principal", "agent", "organisation")
        .filter(id=mandate_id, agent=clerk, kind=Mandate.Kind.CLERK, ended_at=None)
        .first()
    )


def guess_for_nobody(asked: UUID) -> Verdict:
    """Counted like any other guess; right it never is."""
    verdict = redeem_code(journey=asked, purpose="mandate", holder=Holder("", ""), guess="")
    return "wrong" if verdict == "right" else verdict
