"""Tracking ids: 100 random bits in letters and digits that cannot be mistaken for each other.

    7K3Q-MZ9D-4RXA-2BC8-WEN5-3

Five groups and a check character. Nothing of the request or the person is in it (TRK-11).
"""

import re
import secrets
from collections.abc import Callable
from typing import Literal

from django.conf import settings

from panjereh.common.text import ascii_digits
from panjereh.national.check_characters import CROCKFORD, check_character

Rule = Literal["national", "main-agency"]
LENGTH, GROUP = 20, 4
_LOOK_ALIKES = str.maketrans("OIL", "011")


def national_id_of_request() -> str:
    return _grouped("".join(secrets.choice(CROCKFORD) for _ in range(LENGTH)))


# 001 art 13(2), by-law art 6: ids come from the national generator or from the main agency. Which
# one is a setting; the second rule would let an agency bring ids of its own range.
GENERATORS: dict[Rule, Callable[[], str]] = {"national": national_id_of_request}


def rule() -> Rule:
    chosen: Rule = getattr(settings, "TRACKING_RULE", "national")
    return chosen


def new_tracking_id() -> str:
    return GENERATORS[rule()]()


def parse_tracking_id(text: str) -> str | None:
    """The canonical form of what somebody typed or heard on the telephone; None if it is wrong."""
    compact = re.sub(r"[\s\-]", "", ascii_digits(text)).upper().translate(_LOOK_ALIKES)
    if len(compact) != LENGTH + 1 or set(compact) - set(CROCKFORD):
        return None
    grouped = _grouped(compact[:LENGTH])
    return grouped if grouped[-1] == compact[-1] else None


def _grouped(body: str) -> str:
    groups = [body[at : at + GROUP] for at in range(0, LENGTH, GROUP)]
    return "-".join([*groups, check_character(body, CROCKFORD)])
