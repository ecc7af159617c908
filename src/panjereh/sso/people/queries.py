"""Reads about registered people."""

from uuid import UUID

from panjereh.sso.models import Person


def active_person(national_id: str) -> Person | None:
    return Person.objects.filter(national_id=national_id, closed_at=None).first()


def person(person_id: UUID) -> Person:
    return Person.objects.get(id=person_id)
