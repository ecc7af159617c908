"""A chief executive registers the company, and a later one takes it over (SSO-06, WIN-02)."""

from django.db import transaction

from panjereh.common import clock
from panjereh.common.outbox.actions import emit
from panjereh.sdk.legal_persons import Company
from panjereh.sso.models import Person
from panjereh.sso.organisations.models import Leadership, Organisation
from panjereh.sso.organisations.queries import ACTING, company_now, leader_of, may_lead_now
from panjereh.sso.people.minors import is_minor
from panjereh.sso.provider.subjects import own_subject
from panjereh.sso.safety.notices import notify


class CompanyRefused(Exception):
    """Why this person cannot register it; `reason` has its words at the field."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def company_to_register(person: Person, legal_id: str) -> Company:
    """002 art 5: the registry names this person as chief executive now, and the company may act.

    Whoever is not its chief executive learns neither its state nor whether it has registered.
    Raises `CompanyRefused`, and `ExchangeError` when the registry is away.
    """
    if is_minor(person.birth_date):
        raise CompanyRefused("not-of-age")
    found = company_now(legal_id, asker=person.national_id)
    if found is None:
        raise CompanyRefused("company-unknown")
    if found.chief_executive_national_id != person.national_id:
        raise CompanyRefused("not-chief-executive")
    if found.status not in ACTING:
        raise CompanyRefused("may-not-act")
    return found


def register_organisation(person: Person, *, legal_id: str) -> Organisation:
    """The actor has seen the name and the state, and says they are right.

    A company that is registered already is not registered again: whoever leads it now takes over.
    """
    company = company_to_register(person, legal_id)
    now = clock.now()
    with transaction.atomic():
        organisation, fresh = Organisation.objects.get_or_create(
            legal_id=legal_id,
            defaults={
                "name": company.name or "",
                "kind": company.kind or "",
                "registered_at": now,
                "registered_by": person,
            },
        )
        if fresh:
            sub = own_subject(organisation.id)
            emit("sso.organisation.registered", subject=sub, data={"sub": sub})
        _lead(organisation, person, company)
    return organisation


def _lead(organisation: Organisation, person: Person, company: Company) -> None:
    """The row of the organisation orders two tabs, and two who think that they lead it."""
    Organisation.objects.select_for_update().get(id=organisation.id)
    Organisation.objects.filter(id=organisation.id).update(name=company.name, kind=company.kind)
    before = leader_of(organisation.id)
    if before == person:
        return
    if before:
        _end(organisation, before)
    Leadership.objects.create(organisation=organisation, person=person, began_at=clock.now())


def recheck_leader(organisation: Organisation) -> bool:
    """Ask the registry whether the leader we know still is one, and end the leadership if not.

    Raises `ExchangeError`; no answer is no "no".
    """
    leader = leader_of(organisation.id)
    if leader is None:
        return False
    if may_lead_now(organisation.legal_id, leader.national_id):
        return True
    with transaction.atomic():
        _end(organisation, leader)
    return False


def _end(organisation: Organisation, leader: Person) -> None:
    standing = Leadership.objects.filter(organisation=organisation, person=leader, ended_at=None)
    if standing.update(ended_at=clock.now()):
        notify(leader.id, "company-lost", name=organisation.name)
        sub = own_subject(organisation.id)
        emit("sso.organisation.leader-changed", subject=sub, data={"sub": sub})
