"""Authenticate somebody at a distance, for an agency that asks over the exchange (SSO-24).

The proof is the serial of the person's present identity card: a change of identity data brings a
new card, so its holder has been through the registry's own counter. The answer is yes or no with a
reference that the agency keeps; nothing of the register is told.
"""

from datetime import timedelta

from django.db import transaction

from panjereh.common import clock
from panjereh.common.problems import Problem
from panjereh.registries.civil.models import Authentication, Person

TRIES, WITHIN = 5, timedelta(hours=1)


def authenticate(*, national_id: str, card_serial: str, consumer: str) -> Authentication:
    """Raises `Problem` after five failures in an hour, whoever asked."""
    with transaction.atomic():
        # The row of the person orders tries, so that many at once are counted like one by one.
        person = Person.objects.select_for_update().filter(pk=national_id).first()
        if person is None:
            raise Problem(404, "person-unknown", "no person has this national id")
        limit_tries(national_id, Authentication.Method.CARD)
        return Authentication.objects.create(
            national_id=national_id,
            method=Authentication.Method.CARD,
            consumer=consumer,
            succeeded=_proves(person, card_serial),
            at=clock.now(),
        )


def limit_tries(national_id: str, method: str) -> None:
    failed = Authentication.objects.filter(
        national_id=national_id, method=method, succeeded=False, at__gt=clock.now() - WITHIN
    ).count()
    if failed >= TRIES:
        raise Problem(
            429,
            "too-many-tries",
            "it failed too often",
            retry_in=int(WITHIN.total_seconds()),
        )


def _proves(person: Person, card_serial: str) -> bool:
    if person.died_on:
        return False
    return person.cards.filter(withdrawn_at=None, serial=card_serial).exists()
