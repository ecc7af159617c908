"""Sections of the account page."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from panjereh.sso.account.sections import Section
from panjereh.sso.models import Person
from panjereh.sso.safety.kinds import FACTS, Text, kind_of
from panjereh.sso.safety.models import Notice
from panjereh.sso.safety.numbers import may_get_codes
from panjereh.sso.safety.queries import known_browsers, recent_notices, waiting_change
from panjereh.sso.sessions.actions import LiveSession

FEW = 5


@dataclass(frozen=True)
class NoticeRow:
    at: datetime
    text: Text
    facts: list[tuple[Text, str]]


def notice_rows(found: list[Notice]) -> list[NoticeRow]:
    return [
        NoticeRow(
            at=notice.at,
            text=kind_of(notice.kind).text,
            facts=[
                (FACTS[name], value)
                for name, value in notice.facts.items()
                if value and name in FACTS
            ],
        )
        for notice in found
    ]


def notices(person: Person, session: LiveSession) -> Section:
    found = list(recent_notices(person.id)[: FEW + 1])
    context = {"notices": notice_rows(found[:FEW]), "more": len(found) > FEW}
    return Section("sso_safety/notices.html", context, "notices", _("News of my account"))


def browsers(person: Person, session: LiveSession) -> Section:
    context = {"browsers": known_browsers(person.id)}
    return Section("sso_safety/browsers.html", context, "browsers", _("Browsers I use"))


def number(person: Person, session: LiveSession) -> Section:
    context = {
        "holder": person,
        "works": may_get_codes(person),
        "waiting": waiting_change(person.id),
    }
    return Section("sso_safety/number.html", context, "number", _("My mobile number"))


def closing(person: Person, session: LiveSession) -> Section:
    return Section("sso_safety/closing.html", {}, "closing", _("Close my account"))
