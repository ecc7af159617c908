"""The section of the account, and the page with all of it: who acts for me, for whom I act."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from panjereh.sso.account.sections import Section
from panjereh.sso.acting.queries import (
    given_by_person,
    held_by,
    offered_to,
    uses_by,
    uses_for,
)
from panjereh.sso.models import Person
from panjereh.sso.organisations.queries import led_by
from panjereh.sso.sessions.actions import LiveSession

NEWEST = 3


def section(person: Person, session: LiveSession) -> Section:
    """Who may act for me and what was done stands in the account itself; deeds lead to the page."""
    context = {
        "given": [row for row in given_by_person(person) if row.state != "over"],
        "held": [row for row in held_by(person) if row.state == "standing"],
        "offered": offered_to(person),
        "uses": uses_for(person)[:NEWEST],
    }
    return Section("sso_acting/account.html", context, "acting", _("Acting for another"))


def overview_context(person: Person) -> dict[str, Any]:
    return {
        "given": given_by_person(person),
        "held": held_by(person),
        "offered": offered_to(person),
        "uses": uses_for(person),
        "done": uses_by(person),
        "companies": led_by(person.id),
    }
