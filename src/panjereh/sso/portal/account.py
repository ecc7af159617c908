"""On a developer's own page: the way to the desk."""

from django.utils.translation import gettext_lazy as _

from panjereh.sso.account.sections import Section
from panjereh.sso.models import Person
from panjereh.sso.portal.queries import developer_of
from panjereh.sso.sessions.actions import LiveSession


def section(person: Person, session: LiveSession) -> Section | None:
    developer = developer_of(person.id)
    if developer is None:
        return None
    context = {"agency": developer.agency}
    return Section("sso_portal/account.html", context, "sites", _("Sites of my agency"))
