"""Lines of the ledger as they are shown: with what held when the data were told."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from panjereh.common import clock
from panjereh.sso.acting.models import Mandate, MandateUse
from panjereh.sso.acting.options import name_of, represented_by
from panjereh.sso.ledger.models import Statement
from panjereh.sso.models import Grant, Person, Release, RelyingParty
from panjereh.sso.policy import policy

MOST = 200
Texts = dict[str, str]


@dataclass(frozen=True)
class Wanted:
    """Which lines; `before` is the id of the line that they follow."""

    agency: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    most: int = 20


@dataclass(frozen=True, kw_only=True)
class Line:
    """`acted` is "other" when somebody acted for the person, "self" when the person acted for
    somebody; `whom` names that somebody."""

    id: int
    at: datetime
    agency: str
    agency_name: Texts
    site: str
    site_name: Texts
    claims: list[str]
    purpose: Texts
    legal_basis: Texts
    session: UUID
    acted: str = ""
    whom: str = ""

    @property
    def laws(self) -> list[str]:
        return sorted(set(self.legal_basis.values()))


@dataclass(frozen=True)
class Page:
    lines: list[Line]
    older: int | None


@dataclass
class _Said:
    """What the sites of a page said, by time."""

    statements: dict[str, list[Statement]] = field(default_factory=dict)
    parties: dict[str, RelyingParty] = field(default_factory=dict)

    def at(self, client_id: str, time: datetime) -> Statement | RelyingParty | None:
        known = self.statements.get(client_id, [])
        held = [statement for statement in known if statement.since <= time]
        return held[-1] if held else next(iter(known), None) or self.parties.get(client_id)


def releases(person: UUID, wanted: Wanted) -> Page:
    """Newest first."""
    most = max(1, min(wanted.most, MOST))
    rows = list(_matching(person, wanted).order_by("-released_at", "-id")[: most + 1])
    shown = rows[:most]
    said, uses = _said_by({row.client_id for row in shown}), _uses(shown)
    lines = [_line(row, said, uses.get(row.grant)) for row in shown]
    return Page(lines, shown[-1].id if len(rows) > most else None)


def agencies(person: UUID) -> dict[str, Texts]:
    """For the filter: who was ever told something, by code."""
    codes = kept(person).values_list("agency", flat=True).distinct()
    parties = RelyingParty.objects.filter(agency__in=list(codes)).order_by("registered_at")
    names = {party.agency: party.agency_name for party in parties}
    return {code: names.get(code, {"fa": code, "en": code}) for code in sorted(codes)}


def kept(person: UUID) -> QuerySet[Release]:
    return Release.objects.filter(person_id=person, released_at__gte=kept_since())


def kept_since() -> datetime:
    return clock.now() - policy().releases_kept


def _matching(person: UUID, wanted: Wanted) -> QuerySet[Release]:
    found = kept(person)
    if wanted.agency:
        found = found.filter(agency=wanted.agency)
    if wanted.since:
        found = found.filter(released_at__gte=wanted.since)
    if wanted.until:
        found = found.filter(released_at__lt=wanted.until)
    return found if wanted.before is None else found.filter(_after(person, wanted.before))


def _after(person: UUID, line: int) -> Q:
    last = Release.objects.filter(person_id=person, id=line).first()
    if last is None:
        return Q(id__lt=line)
    return Q(released_at__lt=last.released_at) | Q(released_at=last.released_at, id__lt=line)


def _said_by(client_ids: Iterable[str]) -> _Said:
    said = _Said(parties=RelyingParty.objects.in_bulk(list(client_ids)))
    for statement in Statement.objects.filter(client_id__in=client_ids).order_by("since", "pk"):
        said.statements.setdefault(statement.client_id, []).append(statement)
    return said


def _uses(rows: list[Release]) -> dict[UUID, Mandate]:
    """Which of these sign-ins were made for another, and by which mandate."""
    grants = Grant.objects.filter(id__in=[row.grant for row in rows], mandate_use__isnull=False)
    of_grant = dict(grants.values_list("id", "mandate_use"))
    parts = [f"mandate__{part}" for part in ("principal", "organisation", "agent", "given_by")]
    uses = MandateUse.objects.select_related(*parts).in_bulk(list(of_grant.values()))
    return {grant: uses[use].mandate for grant, use in of_grant.items() if use in uses}


def _line(row: Release, said: _Said, mandate: Mandate | None) -> Line:
    statement = said.at(row.client_id, row.released_at)
    basis = statement.legal_basis if isinstance(statement, Statement) else {}
    acted, whom = _acted(row, mandate)
    return Line(
        id=row.id,
        at=row.released_at,
        agency=row.agency,
        agency_name=statement.agency_name if statement else {"fa": row.agency, "en": row.agency},
        site=row.client_id,
        site_name=statement.name if statement else {"fa": row.client_id, "en": row.client_id},
        claims=row.claims,
        purpose=statement.purpose if statement else {},
        legal_basis={name: basis[name] for name in row.claims if name in basis},
        session=row.session,
        acted=acted,
        whom=whom,
    )


def _acted(row: Release, mandate: Mandate | None) -> tuple[str, str]:
    if mandate is None:
        return "", ""
    if row.person_id == mandate.agent_id:
        return "self", name_of(represented_by(mandate))
    agent: Person | None = mandate.agent
    return "other", name_of(agent) if agent else ""
