"""On an officer's own page: the way to the desk."""

from django.utils.translation import gettext_lazy as _

from panjereh.sso.account.sections import Section
from panjereh.sso.models import Person
from panjereh.sso.sessions.actions import LiveSession
from panjereh.sso.staff.queries import officer_of


def section(person: Person, session: LiveSession) -> Section | None:
    officer = officer_of(person.id)
    if officer is None:
        return None
    context = {"roles": officer.roles}
    return Section("sso_staff/account.html", context, "office", _("My office"))
