"""Reads about legal persons. What ends in `_now` asks their registry and raises `ExchangeError`."""

from dataclasses import dataclass, field
from uuid import UUID

from panjereh.sdk import legal_persons
from panjereh.sdk.exchange import Rejected
from panjereh.sso.models import Person
from panjereh.sso.organisations.models import Leadership, Organisation

# A company in liquidation still acts, through its liquidator; one that is dissolved does not.
ACTING = frozenset({"active", "in-liquidation"})


@dataclass(frozen=True)
class Signatories:
    """Who binds the legal person: national ids in the order of the register. `rule` is `each`
    (any of them alone), `two` (any two of them) or `all` (only together)."""

    rule: str = "all"
    national_ids: list[str] = field(default_factory=list)


def led_by(person_id: UUID) -> list[Organisation]:
    """As the registry last said; before somebody acts, `may_lead_now` asks it again."""
    leading = Leadership.objects.filter(person_id=person_id, ended_at=None)
    return list(Organisation.objects.filter(leaderships__in=leading).order_by("name", "legal_id"))


def leader_of(organisation_id: UUID) -> Person | None:
    """As the registry last said."""
    standing = Leadership.objects.filter(organisation_id=organisation_id, ended_at=None)
    found = standing.select_related("person").first()
    return found.person if found else None


def organisation(organisation_id: UUID) -> Organisation | None:
    return Organisation.objects.filter(id=organisation_id).first()


def registered_organisation(legal_id: str) -> Organisation | None:
    return Organisation.objects.filter(legal_id=legal_id).first()


def may_lead_now(legal_id: str, national_id: str) -> bool:
    """Whether the registry names this person chief executive of it, and it may still act."""
    found = company_now(legal_id, asker=national_id)
    return (
        found is not None
        and found.status in ACTING
        and found.chief_executive_national_id == national_id
    )


def signatories_now(legal_id: str, *, asker: str = "") -> Signatories:
    """Nobody signs for what is unknown or may not act any more."""
    found = company_now(legal_id, asker=asker)
    if found is None or found.status not in ACTING:
        return Signatories()
    return Signatories(found.signing_rule or "all", found.signatories)


def company_now(legal_id: str, *, asker: str = "") -> legal_persons.Company | None:
    """`asker` is the national id of whoever is in front of the screen."""
    try:
        return legal_persons.company(legal_id, user=asker)
    except Rejected as error:
        if error.code == "company-unknown":
            return None
        raise
