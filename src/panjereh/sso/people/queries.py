"""Reads about registered people. What asks a registry says so: it raises `ExchangeError`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Max

from panjereh.sdk import civil_registry
from panjereh.sso.models import AttainedLevel, Person
from panjereh.sso.people.minors import is_minor, rule
from panjereh.sso.people.models import Guardianship


@dataclass(frozen=True, kw_only=True)
class Child:
    """A child for whom somebody acts by law, as the civil registry says today."""

    national_id: str
    given_name: str
    family_name: str
    father_name: str
    birth_date: date
    ground: str
    account: Person | None = None


def active_person(national_id: str) -> Person | None:
    """Also a child, whose account only its guardian uses: see `own_account`."""
    return Person.objects.filter(national_id=national_id, closed_at=None).first()


def own_account(national_id: str) -> Person | None:
    """The account that its holder signs in to; a child's has no mobile yet."""
    person = active_person(national_id)
    return person if person and person.mobile else None


def every_national_id() -> Iterator[str]:
    """For those who were here before the registry's feeds were followed; foreign nationals are
    in none of them."""
    iranians = Person.objects.filter(kind=Person.Kind.NATIONAL)
    return iranians.values_list("national_id", flat=True).iterator(10_000)


def children_of(person: Person) -> list[Child]:
    """For whom this person acts by law today, eldest first: asks the civil registry."""
    if person.kind != Person.Kind.NATIONAL:
        return []
    wards = civil_registry.wards(person.national_id, user=person.national_id)
    accounts = {
        account.national_id: account
        for account in Person.objects.filter(
            national_id__in=[ward.child.national_id for ward in wards], closed_at=None
        )
    }
    found = [_child(ward, accounts) for ward in wards if _is_served(ward)]
    return sorted(found, key=lambda child: (child.birth_date, child.national_id))


def acts_for_now(guardian: Person, child: Person) -> bool:
    """Whether this person still acts for the child: asks the civil registry. From the day on
    which the child is of age nobody does."""
    if guardian.closed_at or child.closed_at or not is_minor(child.birth_date):
        return False
    return any(one.national_id == child.national_id for one in children_of(guardian))


def minors_of(guardian_id: UUID) -> list[Person]:
    """Children whose accounts this person opened or joined, and who are not of age. The registry
    may say otherwise by now: `acts_for_now` asks it."""
    standing = Guardianship.objects.filter(guardian_id=guardian_id, ended_at=None)
    children = Person.objects.filter(guardianships__in=standing, closed_at=None)
    return [child for child in children.order_by("birth_date", "id") if is_minor(child.birth_date)]


def _is_served(ward: civil_registry.Ward) -> bool:
    born = ward.child.birth_date
    return (
        ward.ground in rule().guardians
        and ward.child.vital_status != "deceased"
        and born is not None
        and is_minor(born)
    )


def _child(ward: civil_registry.Ward, accounts: dict[str, Person]) -> Child:
    told = ward.child
    assert told.birth_date is not None  # noqa: S101 - `_is_served` has looked
    return Child(
        national_id=told.national_id,
        given_name=told.given_name or "",
        family_name=told.family_name or "",
        father_name=told.father_name or "",
        birth_date=told.birth_date,
        ground=ward.ground,
        account=accounts.get(told.national_id),
    )


def attained_level(person_id: UUID) -> int:
    """How surely this person's identity was proved, ever."""
    found = AttainedLevel.objects.filter(person_id=person_id).aggregate(highest=Max("level"))
    return int(found["highest"] or 0)


def person(person_id: UUID) -> Person:
    return Person.objects.get(id=person_id)
