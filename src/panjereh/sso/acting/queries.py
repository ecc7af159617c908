"""What a person reads about mandates: who acts for them, for whom they act, what was done."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.functional import Promise

from panjereh.common import clock
from panjereh.sso.acting.authority import fault_in_table
from panjereh.sso.acting.models import EVERY_SERVICE, Clerk, Mandate, MandateUse
from panjereh.sso.acting.options import name_of, represented_by
from panjereh.sso.acting.services import in_language, title_of
from panjereh.sso.acting.words import ENDS, KINDS
from panjereh.sso.models import Person, RelyingParty
from panjereh.sso.organisations.queries import led_by
from panjereh.sso.policy import policy
from panjereh.sso.relying_parties.queries import names

SHOWN = 50
PARTS = ("principal", "organisation", "agent", "given_by")


@dataclass(frozen=True)
class MandateRow:
    """`state` is offered, standing or over."""

    mandate: Mandate
    who: str
    whom: str
    state: str
    used: int

    @property
    def kind_name(self) -> str | Promise:
        return KINDS[self.mandate.kind]

    @property
    def end_name(self) -> str | Promise:
        return ENDS.get(self.mandate.end_reason, ENDS["run-out"])

    @property
    def service_names(self) -> list[str]:
        return service_names(self.mandate)


@dataclass(frozen=True)
class UseRow:
    at: datetime
    who: str
    whom: str
    kind: str
    site: dict[str, str]
    service: str

    @property
    def kind_name(self) -> str | Promise:
        return KINDS[self.kind]

    @property
    def service_name(self) -> str:
        return title_of(self.service) if self.service else ""


def given_by_person(person: Person) -> list[MandateRow]:
    """For this person, and for the companies that they lead; the newest first."""
    companies = [company.id for company in led_by(person.id)]
    mine = Q(principal=person) | Q(organisation__in=companies) & ~Q(agent=person)
    return _rows(_given().filter(mine))


def held_by(person: Person) -> list[MandateRow]:
    return _rows(_given().filter(agent=person).exclude(kind=Mandate.Kind.CLERK))


def offered_to(person: Person) -> list[MandateRow]:
    """What waits for this person's yes. Found by the number that the giver typed."""
    now = clock.now()
    waiting = _given().filter(
        agent_national_id=person.national_id,
        accepted_at=None,
        ended_at=None,
        ends_at__gt=now,
        given_at__gt=now - policy().mandate_offered,
    )
    return _rows(waiting)


def uses_for(person: Person) -> list[UseRow]:
    """Each time somebody acted for this person, or for a company they lead (WIN-30)."""
    companies = [company.id for company in led_by(person.id)]
    theirs = Q(mandate__principal=person) | Q(mandate__organisation__in=companies)
    return _use_rows(MandateUse.objects.filter(theirs))


def uses_by(person: Person) -> list[UseRow]:
    return _use_rows(MandateUse.objects.filter(mandate__agent=person))


def agencies() -> list[tuple[str, str]]:
    """Code and name of those with a site here."""
    sites = RelyingParty.objects.filter(closed_at=None, asks_consent=False)
    found = {party.agency: in_language(party.agency_name) for party in sites}
    return sorted(found.items(), key=lambda entry: entry[1])


def clerks_now() -> QuerySet[Clerk]:
    return Clerk.objects.filter(ended_at=None).order_by("agency", "office", "registered_at")


def unfinished(mandate_id: UUID, giver: UUID) -> Mandate | None:
    """Written down by this person and without the code yet."""
    waiting = Mandate.objects.select_related(*PARTS).filter(
        id=mandate_id, given_by=giver, given_at=None, ended_at=None
    )
    return waiting.first()


def service_names(mandate: Mandate) -> list[str]:
    """Empty when it is for all of them."""
    codes = mandate.services
    return [] if EVERY_SERVICE in codes else [title_of(code) for code in codes]


def _given() -> QuerySet[Mandate]:
    return Mandate.objects.select_related(*PARTS).exclude(given_at=None)


def _rows(mandates: QuerySet[Mandate]) -> list[MandateRow]:
    return [
        MandateRow(
            mandate=mandate,
            who=name_of(mandate.agent) if mandate.agent else "",
            whom=name_of(represented_by(mandate)),
            state=_state(mandate),
            used=mandate.used,
        )
        for mandate in mandates.annotate(used=Count("uses")).order_by("-asked_at")[:SHOWN]
    ]


def _state(mandate: Mandate) -> str:
    fault = fault_in_table(mandate)
    if fault == "not-given":
        assert mandate.ends_at is not None  # noqa: S101 - it is offered for a time
        return "offered" if mandate.ends_at > clock.now() else "over"
    return "over" if fault else "standing"


def _use_rows(uses: QuerySet[MandateUse]) -> list[UseRow]:
    parts = [f"mandate__{part}" for part in PARTS]
    found = list(uses.select_related(*parts).order_by("-at")[:SHOWN])
    sites = names({use.client_id for use in found})
    return [
        UseRow(
            at=use.at,
            who=name_of(use.mandate.agent) if use.mandate.agent else "",
            whom=name_of(represented_by(use.mandate)),
            kind=use.mandate.kind,
            site=sites[use.client_id].name if use.client_id in sites else {},
            service=use.service,
        )
        for use in found
    ]
