"""On a person's own page: the certificates they sign with."""

from django.utils.translation import gettext_lazy as _

from panjereh.sso.account.sections import Section
from panjereh.sso.models import Person
from panjereh.sso.sessions.actions import LiveSession
from panjereh.sso.signatures.queries import certificates_of


def section(person: Person, session: LiveSession) -> Section | None:
    rows = certificates_of(person.id)
    if not rows:
        return None
    title = _("Certificates that I sign with")
    return Section("sso_signatures/account.html", {"certificates": rows}, "certificates", title)
