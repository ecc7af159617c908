"""Register a person, once in life, and note what they have proved since."""

from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction

from panjereh.common import clock
from panjereh.common.outbox.actions import emit
from panjereh.sdk.feeds.following.index import know_customer
from panjereh.sso.models import AttainedLevel, Person
from panjereh.sso.people.inquiries import Identity
from panjereh.sso.people.minors import is_minor
from panjereh.sso.people.models import ForeignResident, Guardianship
from panjereh.sso.people.queries import Child, children_of
from panjereh.sso.provider.subjects import own_subject
from panjereh.sso.safety.closing import come_back
from panjereh.sso.safety.numbers import note_owned

OF_AGE = "of-age"
PROOFS = {
    Person.Kind.NATIONAL: "civil-registry+shahkar",
    Person.Kind.FIDA: "foreigners-registry+shahkar",
}


def register_person(identity: Identity, *, through: str) -> tuple[Person, bool]:
    """Make the account active. The second value is False when there was one already (WIN-02).

    The actor is the person: the code came back from the number, the data were confirmed. A child
    that has come of age takes over the account that its guardian opened (SSO-22).
    """
    now = clock.now()
    facts = _facts(identity) | {"mobile_confirmed_at": now}
    with transaction.atomic():
        if back := come_back(identity.national_id, facts):
            return back, True
        person, fresh = Person.objects.get_or_create(
            national_id=identity.national_id,
            defaults=facts | {"registered_at": now, "registered_through": through},
        )
        if not (fresh or _take_over(person, facts)):
            return person, False
        _activate(person, identity)
        note_owned(person.id)
    return person, True


def _facts(identity: Identity) -> dict[str, Any]:
    return {
        "kind": identity.kind,
        "birth_date": identity.birth_date,
        "mobile": identity.mobile,
        "given_name": identity.given_name,
        "family_name": identity.family_name,
        "father_name": identity.father_name,
    }


def _take_over(person: Person, facts: dict[str, Any]) -> bool:
    """Of two tabs one does it. From now on nobody else acts for the person."""
    taken = Person.objects.filter(id=person.id, mobile="", closed_at=None).update(**facts)
    if not taken:
        return False
    end_guardianships(person, because=OF_AGE)
    person.refresh_from_db()
    return True


def _activate(person: Person, identity: Identity) -> None:
    if identity.permit:
        ForeignResident.objects.create(person=person, **msgspec.structs.asdict(identity.permit))
    else:
        know_customer(person.national_id)  # the registry's feeds are looked through for them
    AttainedLevel.objects.create(
        person=person, level=1, proof=PROOFS[identity.kind], attained_at=clock.now()
    )
    sub = own_subject(person.id)
    emit("sso.person.registered", subject=sub, data={"sub": sub})


class ChildRefused(Exception):
    """Why an account cannot be opened for this child; `reason` has its words on the page."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def child_to_register(guardian: Person, national_id: str) -> Child:
    """Whoever asks must act for the child today: the civil registry is asked anew.

    Raises `ChildRefused`, and `ExchangeError` when the registry is away.
    """
    if is_minor(guardian.birth_date):
        raise ChildRefused("not-of-age")
    child = next((one for one in children_of(guardian) if one.national_id == national_id), None)
    if child is None:
        raise ChildRefused("not-yours")
    return child


def register_child(guardian: Person, *, national_id: str, through: str = "") -> Person:
    """SSO-22: open the account of a child, or join the other guardian's who opened it.

    The actor is the guardian, who has seen the data and says they are right.
    """
    child = child_to_register(guardian, national_id)
    with transaction.atomic():
        account, fresh = Person.objects.get_or_create(
            national_id=national_id, defaults=_facts_of_child(child, through)
        )
        if account.closed_at or account.mobile:
            raise ChildRefused("account-closed")
        Guardianship.objects.get_or_create(
            child=account,
            guardian=guardian,
            ended_at=None,
            defaults={"ground": child.ground, "began_at": clock.now()},
        )
        if fresh:
            _tell_of_child(account)
    return account


def _facts_of_child(child: Child, through: str) -> dict[str, Any]:
    return {
        "given_name": child.given_name,
        "family_name": child.family_name,
        "father_name": child.father_name,
        "birth_date": child.birth_date,
        "registered_at": clock.now(),
        "registered_through": through,
    }


def _tell_of_child(account: Person) -> None:
    know_customer(account.national_id)
    sub = own_subject(account.id)
    emit("sso.child.registered", subject=sub, data={"sub": sub})


def end_guardianships(child: Person, *, because: str) -> int:
    return Guardianship.objects.filter(child=child, ended_at=None).update(
        ended_at=clock.now(), ended_because=because
    )


def attain(person_id: UUID, level: int, proof: str) -> bool:
    """The person can reach this level from now on. False when they could already.

    `proof` names the sources, joined with "+"; `verified_claims` shows them to agencies.
    """
    with transaction.atomic():
        _, fresh = AttainedLevel.objects.get_or_create(
            person_id=person_id, level=level, defaults={"proof": proof, "attained_at": clock.now()}
        )
        if fresh:
            sub = own_subject(person_id)
            emit("sso.level.attained", subject=sub, data={"sub": sub, "level": level})
    return fresh
