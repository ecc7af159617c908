"""Looks at the person's data as the window shows them: joined with the person's own requests."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from panjereh.common import clock
from panjereh.sdk import usage
from panjereh.ui.jalali import as_date
from panjereh.window import queries

LATE = timedelta(seconds=30)
QuestionState = Literal["waiting", "late", "answered"]


@dataclass
class Shown:
    """One agency and case. A tracking id that is not of the person's own requests is not shown:
    it may be another's."""

    group: usage.Group
    request: queries.Tracked | None
    told: list[usage.Asked] = field(default_factory=list)
    done: list[usage.Names] = field(default_factory=list)  # services that told nothing of anybody
    rights: list[usage.Asked] = field(default_factory=list)  # each purpose and approval once

    @property
    def question_state(self) -> QuestionState | None:
        question = self.group.question
        if question is None:
            return None
        if question.answered_at:
            return "answered"
        return "late" if question.due_at < clock.now() else "waiting"

    @property
    def several_days(self) -> bool:
        return as_date(self.group.first_at) != as_date(self.group.last_at)

    @property
    def purposes(self) -> list[usage.Names]:
        return list({right.purpose["fa"]: right.purpose for right in self.rights}.values())


def late_since(found: usage.Looks) -> datetime | None:
    """Up to when the list is complete, when that is longer ago than a person would expect."""
    until = found.complete_until
    return until if until and until < clock.now() - LATE else None


def shown(groups: Iterable[usage.Group], person: str) -> list[Shown]:
    kept = list(groups)
    own = queries.requests_among(person, [group.case for group in kept if group.case])
    return [_shown(group, own.get(group.case)) for group in kept]


def _shown(group: usage.Group, request: queries.Tracked | None) -> Shown:
    found = Shown(group, request)
    rights: dict[tuple[str, str], usage.Asked] = {}
    for asked in group.asked:
        if asked.data:
            found.told.append(asked)
        else:
            found.done.append(asked.service)
        rights.setdefault((asked.approval_number, asked.purpose["fa"]), asked)
    found.rights = list(rights.values())
    return found
