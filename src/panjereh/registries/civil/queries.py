from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from panjereh.common.problems import Problem
from panjereh.registries.civil.models import Marriage, Person


@dataclass(frozen=True)
class Family:
    spouse: Person | None
    parents: list[Person]
    children: list[Person]


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


def _spouse(of: Person) -> Person | None:
    lasting = Marriage.objects.select_related("wife", "husband").filter(ended_on=None)
    marriage = lasting.filter(Q(wife=of) | Q(husband=of)).order_by("married_on").first()
    if marriage is None:
        return None
    return marriage.husband if marriage.wife_id == of.pk else marriage.wife
