from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from panjereh.common import clock
from panjereh.common.problems import Problem
from panjereh.registries.civil.models import Marriage, Person
from panjereh.ui.jalali import years_after

OF_AGE = 18  # Civil Code art 1210 note 2 and the single article on maturity of 1313


@dataclass(frozen=True)
class Family:
    spouse: Person | None
    parents: list[Person]
    children: list[Person]


@dataclass(frozen=True)
class Ward:
    """A child, and on which ground somebody acts for it."""

    ground: str
    child: Person


def person(national_id: str, birth_date: date | None = None) -> Person:
    """The person; with a birth date, only if it is hers. The refusal does not say what is right."""
    found = Person.objects.filter(pk=national_id).first()
    if found is None:
        raise Problem(404, "person-unknown", "no person has this national id")
    if birth_date is not None and birth_date != found.birth_date:
        raise Problem(409, "birth-date-differs", "the birth date is not that of this person")
    return found


def family(national_id: str) -> Family:
    """Spouse of the marriage that lasts, mother then father, children eldest first."""
    related = Person.objects.select_related("mother", "father").filter(pk=national_id).first()
    if related is None:
        raise Problem(404, "person-unknown", "no person has this national id")
    children = Person.objects.filter(Q(mother=related) | Q(father=related))
    return Family(
        spouse=_spouse(related),
        parents=[parent for parent in (related.mother, related.father) if parent],
        children=list(children.order_by("birth_date", "national_id")),
    )


def wards(guardian_id: str) -> list[Ward]:
    """Living children under age for whom this person acts today, eldest first. Nobody acts who
    has died; the paternal grandfather does when there is no father, and before the court's."""
    guardian = person(guardian_id)
    if guardian.died_on:
        return []
    found = [Ward(ground, child) for ground, child in _acts_for(guardian) if _is_minor(child)]
    return sorted(found, key=lambda ward: (ward.child.birth_date, ward.child.national_id))


def _acts_for(guardian: Person) -> Iterator[tuple[str, Person]]:
    living = Person.objects.filter(died_on=None)
    yield from (("father", child) for child in living.filter(father=guardian))
    orphans = living.exclude(father__died_on=None, father__isnull=False)
    for child in orphans.filter(father__father=guardian):
        yield "paternal-grandfather", child
    for child in _named_by_court(orphans, guardian):
        yield "court", child


def _named_by_court(orphans: QuerySet[Person], guardian: Person) -> QuerySet[Person]:
    named = orphans.filter(court_guardians__guardian=guardian, court_guardians__ended_on=None)
    grandfather_lives = Q(father__father__isnull=False, father__father__died_on=None)
    return named.exclude(grandfather_lives)


def _is_minor(child: Person) -> bool:
    return localdate(clock.now()) < years_after(child.birth_date, OF_AGE)


def _spouse(of: Person) -> Person | None:
    lasting = Marriage.objects.select_related("wife", "husband").filter(ended_on=None)
    marriage = lasting.filter(Q(wife=of) | Q(husband=of)).order_by("married_on").first()
    if marriage is None:
        return None
    return marriage.husband if marriage.wife_id == of.pk else marriage.wife
