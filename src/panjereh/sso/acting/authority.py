"""Whether a mandate stands at this moment. Registries are asked each time, nothing is kept.

002 art 18, Civil Code art 1180: for a child acts whom the civil registry names. 002 art 5: for a
legal person acts its chief executive, and whom that one has sent.
"""

from collections.abc import Callable
from typing import Literal

from panjereh.common import clock
from panjereh.sso.acting.models import EVERY_SERVICE, Clerk, Mandate
from panjereh.sso.digests import keyed
from panjereh.sso.models import Person
from panjereh.sso.organisations.queries import may_lead_now
from panjereh.sso.people.queries import acts_for_now

Fault = Literal["", "ended", "not-given", "run-out", "account-closed", "service", "registry"]


def fault_of(mandate: Mandate, *, service: str | None = None) -> Fault:
    """Empty when somebody may act by it now, for this service if one is named.

    Raises `ExchangeError` when the registry it rests on does not answer.
    """
    return fault_in_table(mandate, service=service) or fault_at_registry(mandate)


def fault_in_table(mandate: Mandate, *, service: str | None = None) -> Fault:
    """What our own tables have against it; asks nobody."""
    now = clock.now()
    if mandate.ended_at is not None:
        return "ended"
    if mandate.given_at is None or mandate.accepted_at is None:
        return "not-given"
    if mandate.ends_at is not None and mandate.ends_at <= now:
        return "run-out"
    people = (mandate.principal, mandate.agent, mandate.given_by)
    if any(person and person.closed_at for person in people):
        return "account-closed"
    return "" if service is None or covers(mandate.services, service) else "service"


def fault_at_registry(mandate: Mandate) -> Fault:
    return "" if _GROUNDS[Mandate.Kind(mandate.kind)](mandate) else "registry"


def covers(services: list[str], service: str) -> bool:
    """A mandate for single services is good for these and for nothing beside them."""
    return EVERY_SERVICE in services or service in services


def clerk_of(person: Person, agency: str) -> Clerk | None:
    """This person's counter at the agency, if it was registered and not ended."""
    digest = keyed("clerk", person.national_id)
    return Clerk.objects.filter(person_digest=digest, agency=agency, ended_at=None).first()


def _is_guardian(mandate: Mandate) -> bool:
    assert mandate.agent and mandate.principal  # noqa: S101 - given, so both are known
    return acts_for_now(mandate.agent, mandate.principal)


def _leads(mandate: Mandate) -> bool:
    assert mandate.organisation and mandate.agent  # noqa: S101
    return may_lead_now(mandate.organisation.legal_id, mandate.agent.national_id)


def _was_sent_by_who_leads(mandate: Mandate) -> bool:
    """With the chief executive goes what they signed, until the next one says otherwise."""
    assert mandate.organisation and mandate.given_by  # noqa: S101
    return may_lead_now(mandate.organisation.legal_id, mandate.given_by.national_id)


def _by_consent(mandate: Mandate) -> bool:
    return True


def _is_clerk(mandate: Mandate) -> bool:
    """The counter is of the agency that the request is for; it may have been closed since."""
    assert mandate.agent  # noqa: S101
    digest = keyed("clerk", mandate.agent.national_id)
    counters = Clerk.objects.filter(person_digest=digest, ended_at=None)
    return any(
        clerk.office == mandate.office and covers(clerk.services, service)
        for clerk in counters
        for service in mandate.services
    )


_GROUNDS: dict[Mandate.Kind, Callable[[Mandate], bool]] = {
    Mandate.Kind.GUARDIAN: _is_guardian,
    Mandate.Kind.CHIEF_EXECUTIVE: _leads,
    Mandate.Kind.STAFF: _was_sent_by_who_leads,
    Mandate.Kind.HELPER: _by_consent,
    Mandate.Kind.CLERK: _is_clerk,
}
