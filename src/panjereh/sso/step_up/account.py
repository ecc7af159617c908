"""On a person's own page: which levels there are, which they have reached, which they hold now."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from panjereh.sso.account.sections import Section
from panjereh.sso.levels import Level, levels
from panjereh.sso.models import AttainedLevel, Person
from panjereh.sso.sessions.actions import LiveSession
from panjereh.sso.step_up.own import lasting_levels
from panjereh.sso.step_up.ways import open_ways


@dataclass(frozen=True)
class Row:
    level: Level
    since: datetime | None
    now: bool
    can_rise: bool


def section(person: Person, session: LiveSession) -> Section:
    since = dict(AttainedLevel.objects.filter(person=person).values_list("level", "attained_at"))
    rows = [_row(person, session, level, since.get(level.level)) for level in levels()]
    title = _("How surely I am known")
    return Section("sso_step_up/account.html", {"rows": rows}, "levels", title)


def _row(person: Person, session: LiveSession, level: Level, since: datetime | None) -> Row:
    held = level.level <= session.level
    offered = not held and level in lasting_levels()
    return Row(level, since, held, offered and bool(open_ways(person, frozenset(level.ways))))
