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
from panjereh.sso.people.models import ForeignResident, Guardianship
from panjereh.sso.provider.subjects import own_subject

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
        person, fresh = Person.objects.get_or_create(
            national_id=identity.national_id,
            defaults=facts | {"registered_at": now, "registered_through": through},
        )
        if not (fresh or _take_over(person, facts)):
            return person, False
        _activate(person, identity)
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
