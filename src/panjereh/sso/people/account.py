"""The section of the account about children."""

from django.utils.translation import gettext_lazy as _

from panjereh.sso.account.sections import Section
from panjereh.sso.models import Person
from panjereh.sso.people.minors import comes_of_age
from panjereh.sso.people.queries import minors_of
from panjereh.sso.sessions.actions import LiveSession


def section(person: Person, session: LiveSession) -> Section:
    rows = [(child, comes_of_age(child.birth_date)) for child in minors_of(person.id)]
    return Section("sso_people/account.html", {"children": rows}, "children", _("My children"))
