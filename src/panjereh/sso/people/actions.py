"""Register a person, once in life, and note what they have proved since."""

from uuid import UUID

import msgspec
from django.db import transaction

from panjereh.common import clock
from panjereh.common.outbox.actions import emit
from panjereh.sdk.feeds.following.index import know_customer
from panjereh.sso.models import AttainedLevel, Person
from panjereh.sso.people.inquiries import Identity
from panjereh.sso.provider.subjects import own_subject


def register_person(identity: Identity, *, through: str) -> tuple[Person, bool]:
    """Make the account active. The second value is False when there was one already (WIN-02).

    The actor is the person: the code came back from the number, the data were confirmed.
    """
    now = clock.now()
    facts = msgspec.structs.asdict(identity) | {
        "mobile_confirmed_at": now,
        "registered_at": now,
        "registered_through": through,
    }
    with transaction.atomic():
        person, fresh = Person.objects.get_or_create(
            national_id=facts.pop("national_id"), defaults=facts
        )
        if fresh:
            AttainedLevel.objects.create(
                person=person, level=1, proof="civil-registry+shahkar", attained_at=now
            )
            know_customer(person.national_id)  # the registry's feeds are looked through for them
            sub = own_subject(person.id)
            emit("sso.person.registered", subject=sub, data={"sub": sub})
    return person, fresh


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
