"""Reads about registered people."""

from collections.abc import Iterator
from uuid import UUID

from django.db.models import Max

from panjereh.sso.models import AttainedLevel, Person


def active_person(national_id: str) -> Person | None:
    return Person.objects.filter(national_id=national_id, closed_at=None).first()


def every_national_id() -> Iterator[str]:
    """For those who were here before the registry's feeds were followed."""
    return Person.objects.values_list("national_id", flat=True).iterator(10_000)


def attained_level(person_id: UUID) -> int:
    """How surely this person's identity was proved, ever."""
    found = AttainedLevel.objects.filter(person_id=person_id).aggregate(highest=Max("level"))
    return int(found["highest"] or 0)


def person(person_id: UUID) -> Person:
    return Person.objects.get(id=person_id)
