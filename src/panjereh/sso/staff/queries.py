"""Who is an officer, and what officers did."""

from uuid import UUID

from django.db.models import Q, QuerySet

from panjereh.sso.models import Person
from panjereh.sso.staff.actions import digest_of
from panjereh.sso.staff.models import Act, Officer

SHOWN = 100


def officer_of(person_id: UUID) -> Officer | None:
    """The office that the owner of this account holds."""
    person = Person.objects.filter(id=person_id, closed_at=None).only("national_id").first()
    if person is None:
        return None
    digest = digest_of(person.national_id)
    return Officer.objects.filter(national_id_digest=digest, active=True).first()


def acts(search: str = "") -> QuerySet[Act]:
    """Newest first; by deed, subject or name of the officer."""
    found = Act.objects.order_by("-at", "-pk")
    if search:
        wanted = Q(deed__startswith=search) | Q(subject=search) | Q(name__icontains=search)
        found = found.filter(wanted)
    return found[:SHOWN]
