"""The section of the account about companies."""

from django.utils.translation import gettext_lazy as _

from panjereh.sso.account.sections import Section
from panjereh.sso.models import Person
from panjereh.sso.organisations.queries import led_by
from panjereh.sso.sessions.actions import LiveSession


def section(person: Person, session: LiveSession) -> Section:
    context = {"companies": led_by(person.id)}
    return Section("sso_organisations/account.html", context, "companies", _("My companies"))
