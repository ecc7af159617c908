"""The deed of level 2: have a photo compared, and note what was reached."""

import logging
from typing import Literal

from django.db import transaction

from panjereh.sdk import civil_registry
from panjereh.sdk.exchange import ExchangeError
from panjereh.sso.events.actions import tell_agencies
from panjereh.sso.levels import level_of
from panjereh.sso.models import Person
from panjereh.sso.one_time import limits
from panjereh.sso.one_time.limits import Limit
from panjereh.sso.people.actions import attain
from panjereh.sso.policy import policy
from panjereh.sso.safety.notices import notify

log = logging.getLogger("panjereh.sso.face")

WAY = "face"
PROOF = "civil-registry+face"

Finding = Literal["matched", "differs", "no-face", "several-faces", "locked", "away"]


def compare_face(person: Person, photo: bytes) -> Finding:
    """Whether the civil registry knows this face as the person's. Raises `LimitReached`.

    The photo is in memory only, here and at the registry; nobody keeps it.
    """
    _spend_try(person)
    try:
        answer = civil_registry.match_face(person.national_id, photo=photo)
    except ExchangeError as error:
        return _trouble(error)
    if not answer.matched:
        return _undecided(answer.problem)
    reach_level(person)
    return "matched"


def reach_level(person: Person) -> None:
    level = level_of(WAY)
    with transaction.atomic():
        if attain(person.id, level, PROOF):
            tell_agencies(person.id, "assurance-level-change")
            notify(person.id, "level-attained", level=str(level))


def _spend_try(person: Person) -> None:
    numbers = policy()
    limits.spend(
        Limit(WAY, str(person.id), limits.HOUR, numbers.face_tries_per_hour),
        Limit(WAY, str(person.id), limits.DAY, numbers.face_tries_per_day),
    )


def _undecided(problem: str) -> Finding:
    if problem == "no-face":
        return "no-face"
    return "several-faces" if problem == "several-faces" else "differs"


def _trouble(error: ExchangeError) -> Finding:
    """The log tells which; the person can only come again, or go to a counter."""
    if error.code == "too-many-tries":
        return "locked"
    log.warning(
        "sso.face.failed code=%s cause=%s request=%s", error.code, error.cause, error.request_id
    )
    return "away"
