"""Which agency a request is for, and who works there."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest
from django.utils.crypto import salted_hmac

from panjereh.agency.models import Agency, StaffMember
from panjereh.sdk.signin import Person


def agency_of(request: HttpRequest) -> Agency:
    """By the host: civil-registration.agency.localhost. No such agency is no such page."""
    found = Agency.objects.filter(slug=slug_of_host(request.get_host())).first()
    if found is None:
        raise Http404("no agency has this address")
    return found


def slug_of_host(host: str) -> str:
    domain = urlsplit(settings.PUBLIC_URLS["agency"]).hostname or ""
    name = host.partition(":")[0]
    return name.removesuffix(f".{domain}") if name.endswith(f".{domain}") else ""


def address_of(agency_slug: str) -> str:
    """The public address of an agency's window."""
    parts = urlsplit(settings.PUBLIC_URLS["agency"])
    return f"{parts.scheme}://{agency_slug}.{parts.netloc}"


def person_key(national_id: str) -> str:
    """What stands for a person where the number itself has no business to be."""
    return salted_hmac("panjereh.agency.staff", national_id, algorithm="sha256").hexdigest()


def staff_member(agency: Agency, person: Person | None) -> StaffMember | None:
    if person is None or person.acting:
        return None  # nobody works at an agency in another's name
    key = person_key(person.national_id)
    return StaffMember.objects.filter(agency=agency, person_key=key).first()
