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
from panjereh.sso.staff.actions import record_act
from panjereh.sso.staff.models import Officer


def register_clerk(
    *, national_id: str, agency: str, office: str, services: list[str], actor: Officer
) -> Clerk:
    """The officer answers for it, on the word of the agency whose counter it is."""
    if not (agency and office and services):
        raise ValueError("a clerk is registered for an agency, a counter and its services")
    now = clock.now()
    place = {"office": office, "services": services, "registered_by": actor.name}
    with transaction.atomic():
        clerk, _ = Clerk.objects.update_or_create(
            person_digest=keyed("clerk", national_id),
            agency=agency,
            ended_at=None,
            defaults=place,
            create_defaults=place | {"registered_at": now},
        )
        facts = {"agency": agency, "office": office, "services": " ".join(services)}
        record_act(actor, "register-clerk", str(clerk.id), **facts)
    return clerk


def end_clerk(clerk_id: UUID, *, actor: Officer) -> bool:
    """What the clerk has begun ends at its next look. False when it had ended before."""
    with transaction.atomic():
        standing = Clerk.objects.filter(id=clerk_id, ended_at=None)
        if not standing.update(ended_at=clock.now()):
            return False
        record_act(actor, "end-clerk", str(clerk_id))
    return True


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
