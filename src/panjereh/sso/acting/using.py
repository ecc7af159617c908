"""Act for another at a site: choose for whom, take up the mandate, and write the use down."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from panjereh.common import clock
from panjereh.sso.acting.actions import told_people
from panjereh.sso.acting.asked import Asked
from panjereh.sso.acting.authority import Fault, fault_in_table, fault_of
from panjereh.sso.acting.models import EVERY_SERVICE, Choice, Mandate, MandateUse
from panjereh.sso.acting.options import Option, name_of, options_for
from panjereh.sso.models import Journey, Person, RelyingParty
from panjereh.sso.organisations.models import Organisation
from panjereh.sso.people.queries import person
from panjereh.sso.provider.store import NewGrant, save_grant
from panjereh.sso.provider.subjects import subject
from panjereh.sso.safety.notices import notify

PARTS = ("principal", "organisation", "agent", "given_by")
GROUNDS = {
    Mandate.Kind.GUARDIAN: "civil-registry",
    Mandate.Kind.CHIEF_EXECUTIVE: "legal-persons-registry",
}


class MayNotAct(Exception):
    """There is no mandate for it, or no longer."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True)
class Chosen:
    """The answer to «on whose behalf?»; without a mandate it is oneself."""

    mandate: UUID | None


def choose(journey: Journey, *, actor: UUID, party: RelyingParty, asked: Asked, one: str) -> None:
    """Remember it for this journey only; `one` is an id of the page, or empty for oneself.

    Raises `MayNotAct` for an id that was not on the page, and `ExchangeError`.
    """
    mandate = mandate_for(actor, party, asked, one) if one else None
    remember(journey, actor=actor, mandate=mandate)


def remember(journey: Journey, *, actor: UUID, mandate: Mandate | None) -> None:
    values = {"person_id": actor, "mandate": mandate, "expires_at": journey.expires_at}
    Choice.objects.update_or_create(journey=journey.id, defaults=values)


def chosen_in(journey: Journey, actor: UUID) -> Chosen | None:
    """None when it was not asked yet, or was asked of somebody else who sat here before."""
    found = Choice.objects.filter(journey=journey.id, person_id=actor).first()
    return Chosen(found.mandate_id) if found else None


def mandate_for(actor: UUID, party: RelyingParty, asked: Asked, one: str) -> Mandate:
    """By the id that the site has for the represented; there must be a ground for it today."""
    option = options_for(person(actor), party, asked.service).find(one)
    if option is None:
        raise MayNotAct("registry")
    return option.mandate or _recorded(option, actor)


def _recorded(option: Option, agent: UUID) -> Mandate:
    """The registry is the ground; the row is what uses and their end are told by."""
    now = clock.now()
    company = option.represented if isinstance(option.represented, Organisation) else None
    child = option.represented if isinstance(option.represented, Person) else None
    mandate, _ = Mandate.objects.get_or_create(
        kind=option.kind,
        principal=child,
        organisation=company,
        agent_id=agent,
        ended_at=None,
        defaults={
            "agent_national_id": "",
            "services": [EVERY_SERVICE],
            "proof": GROUNDS[option.kind],
            "asked_at": now,
            "given_at": now,
            "accepted_at": now,
        },
    )
    return mandate


def taken_up(mandate_id: UUID, *, actor: UUID, asked: Asked) -> Mandate:
    """The mandate, looked at anew. Raises `MayNotAct` and `ExchangeError`."""
    mandate = Mandate.objects.select_related(*PARTS).filter(id=mandate_id, agent=actor).first()
    if mandate is None:
        raise MayNotAct("not-given")
    if fault := fault_of(mandate, service=asked.service) or _used_up(mandate):
        raise MayNotAct(fault)
    return mandate


def _used_up(mandate: Mandate) -> Fault:
    """At a counter the citizen consents to one request; the next one needs a new code."""
    once = mandate.kind == Mandate.Kind.CLERK
    return "ended" if once and mandate.uses.exists() else ""


def begin_use(mandate: Mandate, grant: NewGrant, *, party: RelyingParty, service: str) -> str:
    """Issue the code, and write down who used which mandate for what. Returns the code.

    The lock makes this and the end of the mandate happen one after the other: either the end finds
    this grant and revokes it, or there is no grant. Raises `MayNotAct` and `SessionEnded`.
    """
    with transaction.atomic():
        locked = Mandate.objects.select_for_update(of=("self",)).select_related(*PARTS)
        held = locked.get(id=mandate.id)
        if fault := fault_in_table(held, service=service) or _used_up(held):
            raise MayNotAct(fault)
        use = MandateUse(
            mandate=held,
            session_id=grant.session_id,
            client_id=party.client_id,
            service=service,
            at=clock.now(),
        )
        code = save_grant(grant.acting(use.id))
        use.save()
        Mandate.objects.filter(id=held.id).update(checked_at=clock.now())
        _tell(use, party)
    return code


def _tell(use: MandateUse, party: RelyingParty) -> None:
    """The represented learns of each use; a child's news go to who acts for the child."""
    agent = use.mandate.agent
    assert agent is not None  # noqa: S101 - only what was accepted is used
    site = party.name.get("fa", party.client_id)
    for person_id in told_people(use.mandate):
        if person_id != agent.id:
            facts = {"who": name_of(agent), "site": site, "service": use.service}
            notify(person_id, "acted-for-you", **{k: v for k, v in facts.items() if v})


def is_oneself(actor: UUID, party: RelyingParty, one: str) -> bool:
    return one == subject(actor, party.agency)
