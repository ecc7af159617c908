"""Services that a person is about to need, each with the fact that brought it up (WIN-06 to 08)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import yaml

from panjereh.sdk import health_registry
from panjereh.ui.jalali import as_date, long_date
from panjereh.window import queries
from panjereh.window.directory import DATA
from panjereh.window.models import Service


@dataclass(frozen=True)
class Fact:
    """Something a registry knows of the person. `id` is the registry's own name for it."""

    id: str
    day: date


@dataclass(frozen=True)
class Rule:
    fact: str
    life_event: str
    within_days: int
    reason: dict[str, str]
    time: dict[str, str]
    source: dict[str, str]


@dataclass(frozen=True)
class Expected:
    """A service that is shown to the person, and why."""

    service: Service
    reason: dict[str, str]
    time: dict[str, str]
    source: dict[str, str]
    overdue: bool


@lru_cache
def rules() -> list[Rule]:
    entries: list[dict[str, Any]] = yaml.safe_load(
        (DATA / "predictions.yaml").read_text(encoding="utf-8")
    )
    return [Rule(**entry) for entry in entries]


def birth_notices(person: str) -> list[Fact]:
    """Newborns of the person: asked of the health registry, by the person's own sign-in."""
    notices = health_registry.birth_notices(person, user=person)
    return [Fact(n.notice_id, as_date(n.born_at)) for n in notices if n.born_at]


INQUIRIES: dict[str, Callable[[str], list[Fact]]] = {"birth-notices": birth_notices}


def expected_services(
    facts: dict[str, list[Fact]], requests: Iterable[queries.Tracked], today: date
) -> list[Expected]:
    """What the facts bring up, without what is done already or under way."""
    known = list(requests)
    by_event = queries.services_by_life_event()
    done = queries.entered_births(f.id for found in facts.values() for f in found)
    return [
        _expected(rule, fact, service, today)
        for rule in rules()
        for service in by_event.get(rule.life_event, [])
        for fact in _open_facts(facts.get(rule.fact, []), done, service, known)
    ]


def _open_facts(
    facts: list[Fact], done: set[str], service: Service, requests: list[queries.Tracked]
) -> list[Fact]:
    """Facts that nothing was done about: every request since the day of a fact answers one."""
    waiting = sorted((f for f in facts if f.id not in done), key=lambda f: f.day)
    running = [
        as_date(t.received_at)
        for t in requests
        if t.request.service_id == service.service_id and t.running
    ]
    answered = 0
    for day in sorted(running):
        if answered < len(waiting) and day >= waiting[answered].day:
            answered += 1
    return waiting[answered:]


def _expected(rule: Rule, fact: Fact, service: Service, today: date) -> Expected:
    last_day = fact.day + timedelta(days=rule.within_days)
    words = {"day": long_date(fact.day), "last_day": long_date(last_day)}
    return Expected(
        service=service,
        reason={language: text.format(**words) for language, text in rule.reason.items()},
        time={language: text.format(**words) for language, text in rule.time.items()},
        source=rule.source,
        overdue=today > last_day,
    )
