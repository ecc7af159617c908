"""For whom a person may act at a site, as tables and registries say at this moment."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field

from panjereh.sdk.exchange import ExchangeError
from panjereh.sso.acting.authority import clerk_of, fault_at_registry, fault_in_table
from panjereh.sso.acting.models import Clerk, Mandate
from panjereh.sso.models import Person, RelyingParty
from panjereh.sso.organisations.models import Organisation
from panjereh.sso.organisations.queries import led_by, may_lead_now
from panjereh.sso.people.queries import children_of
from panjereh.sso.provider.claims import COMPANY_CLAIMS
from panjereh.sso.provider.subjects import subject

log = logging.getLogger("panjereh.sso.acting")

Represented = Person | Organisation


@dataclass(frozen=True)
class Option:
    """`id` is how this site knows the represented; `mandate` is missing where a registry alone
    is the ground and it was not used before."""

    id: str
    kind: Mandate.Kind
    represented: Represented
    mandate: Mandate | None = None

    @property
    def name(self) -> str:
        return name_of(self.represented)

    @property
    def birth_date(self) -> object:
        return getattr(self.represented, "birth_date", None)


@dataclass
class Options:
    """`away`: a registry did not answer, so somebody may be missing here."""

    given: list[Option] = field(default_factory=list)
    unregistered: list[str] = field(default_factory=list)
    clerk: Clerk | None = None
    away: bool = False

    def find(self, representee: str) -> Option | None:
        return next((option for option in self.given if option.id == representee), None)


def options_for(agent: Person, party: RelyingParty, service: str) -> Options:
    found = Options(clerk=clerk_of(agent, party.agency) if service else None)
    try:
        _children(found, agent, party)
        if serves_companies(party):
            _companies(found, agent, party)
    except ExchangeError as error:
        log.warning("sso.acting.registry code=%s request=%s", error.code, error.request_id)
        found.away = True
    found.given += _by_mandate(found, agent, party, service)
    return found


def serves_companies(party: RelyingParty) -> bool:
    """A site that may not know a company by name cannot do anything for one."""
    return bool(set(COMPANY_CLAIMS) & set(party.granted_claims))


def name_of(represented: Represented) -> str:
    if isinstance(represented, Organisation):
        return represented.name
    return f"{represented.given_name} {represented.family_name}"


def represented_by(mandate: Mandate) -> Represented:
    represented = mandate.principal or mandate.organisation
    assert represented is not None  # noqa: S101 - a constraint of the table
    return represented


def id_at(represented: Represented, party: RelyingParty) -> str:
    return subject(represented.id, party.agency)


def _children(found: Options, agent: Person, party: RelyingParty) -> None:
    for child in children_of(agent):
        if child.account is None:
            found.unregistered.append(f"{child.given_name} {child.family_name}")
        else:
            kind = Mandate.Kind.GUARDIAN
            found.given.append(Option(id_at(child.account, party), kind, child.account))


def _companies(found: Options, agent: Person, party: RelyingParty) -> None:
    for company in led_by(agent.id):
        if may_lead_now(company.legal_id, agent.national_id):
            kind = Mandate.Kind.CHIEF_EXECUTIVE
            found.given.append(Option(id_at(company, party), kind, company))


def _by_mandate(
    found: Options, agent: Person, party: RelyingParty, service: str
) -> Iterator[Option]:
    """What people and companies gave. A clerk's is asked for anew each time."""
    kinds = [Mandate.Kind.STAFF, Mandate.Kind.HELPER]
    held = Mandate.objects.filter(agent=agent, kind__in=kinds, ended_at=None)
    seen = {option.id for option in found.given}
    for mandate in held.select_related("principal", "organisation", "agent", "given_by"):
        option = _option(mandate, party, service)
        if option and option.id not in seen and _stands(found, mandate):
            seen.add(option.id)
            yield option


def _option(mandate: Mandate, party: RelyingParty, service: str) -> Option | None:
    if fault_in_table(mandate, service=service):
        return None
    if mandate.organisation and not serves_companies(party):
        return None
    represented = represented_by(mandate)
    return Option(id_at(represented, party), Mandate.Kind(mandate.kind), represented, mandate)


def _stands(found: Options, mandate: Mandate) -> bool:
    try:
        return not fault_at_registry(mandate)
    except ExchangeError:
        found.away = True
        return False
