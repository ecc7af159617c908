"""The sections of a person's page. Each room brings its own, by one line here.

A section is asked for with the person and the running session; None leaves it out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.safestring import SafeString

from panjereh.sso.models import Person
from panjereh.sso.sessions.actions import LiveSession

# Dotted functions (Person, LiveSession) -> Section | None, in the order of the page.
SECTIONS = (
    "panjereh.sso.account.own.data",
    "panjereh.sso.step_up.account.section",
    "panjereh.sso.safety.account.number",
    "panjereh.sso.factors.account.section",
    "panjereh.sso.account.own.sessions",
    "panjereh.sso.signatures.account.section",
    "panjereh.sso.people.account.section",
    "panjereh.sso.organisations.account.section",
    "panjereh.sso.acting.account.section",
    "panjereh.sso.account.own.consents",
    "panjereh.sso.ledger.account.section",
    "panjereh.sso.account.own.sign_ins",
    "panjereh.sso.safety.account.notices",
    "panjereh.sso.safety.account.browsers",
    "panjereh.sso.staff.account.section",
    "panjereh.sso.portal.account.section",
    "panjereh.sso.safety.account.closing",
)


@dataclass(frozen=True)
class Section:
    """`template` holds what stands under the heading; the page writes the heading itself.

    The names of `context` stand in the template as they are.
    """

    template: str
    context: dict[str, Any]
    anchor: str
    title: str | Promise


@dataclass(frozen=True)
class Shown:
    anchor: str
    title: str | Promise
    content: SafeString


Maker = Callable[[Person, LiveSession], Section | None]


def sections_of(person: Person, session: LiveSession) -> list[Section]:
    makers: list[Maker] = [import_string(name) for name in SECTIONS]
    return [section for maker in makers if (section := maker(person, session))]


def shown(request: HttpRequest, section: Section) -> Shown:
    content = render_to_string(section.template, section.context, request)
    return Shown(section.anchor, section.title, content)
