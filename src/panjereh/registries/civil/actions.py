"""Enter a newborn. The exchange's grant is the permission: only granted systems reach this."""

import hashlib
from dataclasses import astuple, dataclass
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.timezone import localdate

from panjereh.common import clock
from panjereh.common.problems import Problem
from panjereh.registries.civil.events import birth_entered
from panjereh.registries.civil.models import (
    BirthEntry,
    Marriage,
    Person,
    RegistrationOffice,
    Sex,
)
from panjereh.registries.civil.numbers import national_id
from panjereh.ui.jalali import to_jalali

# Civil Code art 1159: born within ten months of the end of the marriage, the child is his.
LONGEST_AFTER_MARRIAGE = timedelta(days=305)


@dataclass(frozen=True, kw_only=True)
class Birth:
    """What an agency asks to enter; the notice is the hospital's."""

    notice_id: str
    given_name: str
    mother_national_id: str
    father_national_id: str
    born_on: date
    sex: str
    birth_place: str

    @property
    def digest(self) -> str:
        return hashlib.sha256("\n".join(map(str, astuple(self))).encode()).hexdigest()


def register_birth(birth: Birth, *, key: str) -> BirthEntry:
    """Enter the newborn of a notice once: number, parents, entry and event, or nothing.

    The same key with the same birth gets the same entry again, however often it is asked.
    """
    try:
        return _register(birth, key)
    except IntegrityError:
        # Another call took the key since we looked; the second look finds its entry.
        return _register(birth, key)


def _register(birth: Birth, key: str) -> BirthEntry:
    with transaction.atomic():
        if earlier := BirthEntry.objects.filter(idempotency_key=key).first():
            return _same(earlier, birth, key)
        mother, father = _parents(birth)
        office = _take_order(birth.birth_place)
        entry, fresh = BirthEntry.objects.get_or_create(
            notice_id=birth.notice_id,
            defaults={
                "idempotency_key": key,
                "request_digest": birth.digest,
                "entry_number": _entry_number(office),
                "child_id": national_id(office.prefix, office.next_order),
            },
        )
        if not fresh:
            return _same(entry, birth, key)
        entry.child = _enter_child(entry.child_id, birth, mother, father)
        birth_entered(birth.notice_id)
    return entry


def _same(entry: BirthEntry, birth: Birth, key: str) -> BirthEntry:
    if entry.idempotency_key != key:
        raise Problem(409, "notice-entered", "the newborn of this notice is in the register")
    if entry.request_digest != birth.digest:
        raise Problem(409, "idempotency-key-reused", "this key was sent with another birth")
    return entry


def _parents(birth: Birth) -> tuple[Person, Person]:
    ids = [birth.mother_national_id, birth.father_national_id]
    known = Person.objects.in_bulk(ids)
    mother, father = known.get(ids[0]), known.get(ids[1])
    if mother is None or father is None or (mother.sex, father.sex) != (Sex.FEMALE, Sex.MALE):
        raise Problem(404, "parent-unknown", "the register does not know these parents")
    if not max(mother.birth_date, father.birth_date) < birth.born_on <= _today():
        raise Problem(409, "birth-date-impossible", "the birth date does not fit")
    if mother.died_on and mother.died_on < birth.born_on:
        raise Problem(409, "parent-deceased", "the mother died before the birth")
    _require_marriage(mother, father, birth.born_on)
    return mother, father


def _require_marriage(mother: Person, father: Person, born_on: date) -> None:
    lasting = Q(ended_on=None) | Q(ended_on__gte=born_on - LONGEST_AFTER_MARRIAGE)
    marriages = Marriage.objects.filter(wife=mother, husband=father, married_on__lte=born_on)
    if not marriages.filter(lasting).exists():
        raise Problem(409, "parents-not-married", "no marriage of these two covers the birth")


def _take_order(place: str) -> RegistrationOffice:
    """The office with its next order, which nobody else gets: the row stays locked to commit."""
    offices = RegistrationOffice.objects.select_for_update().filter(place=place)
    office = offices.first()
    if office is None:
        raise Problem(409, "birth-place-unknown", "no registration office has this name")
    offices.update(next_order=F("next_order") + 1)
    return office


def _enter_child(number: str, birth: Birth, mother: Person, father: Person) -> Person:
    return Person.objects.create(
        national_id=number,
        given_name=birth.given_name,
        family_name=father.family_name,
        father_name=father.given_name,
        birth_date=birth.born_on,
        birth_place=birth.birth_place,
        sex=birth.sex,
        mother=mother,
        father=father,
    )


def _entry_number(office: RegistrationOffice) -> str:
    year, _, _ = to_jalali(_today())
    return f"{year}-{office.prefix}-{office.next_order}"


def _today() -> date:
    return localdate(clock.now())
