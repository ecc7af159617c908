"""The newest lines on the person's page."""

from django.utils.translation import gettext_lazy as _

from panjereh.sso.account.sections import Section
from panjereh.sso.ledger.queries import Wanted, releases
from panjereh.sso.models import Person
from panjereh.sso.sessions.actions import LiveSession

SHOWN = 5


def section(person: Person, session: LiveSession) -> Section:
    page = releases(person.id, Wanted(most=SHOWN))
    title = _("Who was told what about me")
    return Section("sso_ledger/account.html", {"lines": page.lines}, "releases", title)
