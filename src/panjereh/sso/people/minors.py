"""The rule that names who acts for a child, and until when (SSO-22)."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.utils import timezone

from panjereh.common import clock
from panjereh.ui.jalali import years_after

OWN_RULE = Path(__file__).with_name("minors.yaml")


@dataclass(frozen=True)
class Rule:
    """`guardians`: ground -> name by language, those who come first at the beginning."""

    of_age: int
    guardians: dict[str, dict[str, str]]


def rule() -> Rule:
    return _read(Path(getattr(settings, "SSO_MINORS", OWN_RULE)))


@lru_cache
def _read(path: Path) -> Rule:
    kept: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Rule(kept["of_age"], {one["ground"]: one["name"] for one in kept["guardians"]})


def comes_of_age(birth_date: date) -> date:
    """The first day on which nobody acts for this person any more."""
    return years_after(birth_date, rule().of_age)


def is_minor(birth_date: date) -> bool:
    return timezone.localdate(clock.now()) < comes_of_age(birth_date)
