"""Who develops for whom, and what an agency sees of its own sites."""

from uuid import UUID

from django.db.models import QuerySet

from panjereh.sso.models import Person, RelyingParty
from panjereh.sso.portal.actions.agencies import digest_of
from panjereh.sso.portal.models import Agency, Application, Developer, SeenRequest, Site

SHOWN_REQUESTS = 20


def developer_of(person_id: UUID) -> Developer | None:
    """The appointment of the owner of this account."""
    person = Person.objects.filter(id=person_id, closed_at=None).only("national_id").first()
    if person is None:
        return None
    standing = Developer.objects.select_related("agency").filter(active=True)
    return standing.filter(national_id_digest=digest_of(person.national_id)).first()


def may_try(person_id: UUID, party: RelyingParty) -> bool:
    """A test client is for the agency's own developers."""
    developer = developer_of(person_id)
    return developer is not None and developer.agency_id == party.agency


def sites_of(agency: Agency) -> QuerySet[Site]:
    return Site.objects.filter(agency=agency).select_related("agency", "test", "live")


def every_site() -> QuerySet[Site]:
    return Site.objects.select_related("agency", "test", "live")


def waiting_applications() -> QuerySet[Application]:
    """The longest waiting first."""
    found = Application.objects.filter(state=Application.State.ASKED)
    return found.select_related("site__agency", "asked_by").order_by("asked_at")


def seen_requests(client_id: str) -> QuerySet[SeenRequest]:
    return SeenRequest.objects.filter(client_id=client_id).order_by("-at", "-pk")[:SHOWN_REQUESTS]
