"""The section of the account page."""

from django.utils.translation import gettext_lazy as _

from panjereh.sso.account.sections import Section
from panjereh.sso.factors.queries import ways_of
from panjereh.sso.models import Person
from panjereh.sso.sessions.actions import LiveSession


def section(person: Person, session: LiveSession) -> Section:
    return Section(
        template="sso_factors/account.html",
        context={"ways": ways_of(person.id)},
        anchor="ways",
        title=_("How I sign in"),
    )
