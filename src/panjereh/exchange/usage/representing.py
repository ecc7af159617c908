"""On whose looks a person may look: one's own, and those of one's own children under age.

X-Road's Represented-Party is a claim of the caller, never a proof, so nothing here believes it.
That somebody is the parent of a child says the civil registry, asked over the exchange.
"""

from django.utils import timezone

from panjereh.common import clock
from panjereh.common.problems import Problem
from panjereh.sdk import civil_registry
from panjereh.sdk.exchange import ExchangeError

OF_AGE = 18


def person_asked_about(*, user: str, person: str) -> str:
    """The national id whose looks may be shown to `user`. Raises `Problem`."""
    if not user:
        raise Problem(400, "user-missing", "say who looks by an X-Road-UserId header")
    if person in ("", user):
        return user
    if not _is_own_child(user, person):
        raise Problem(403, "not-yours", "looks are shown to the person and to a child's parent")
    return person


def _is_own_child(user: str, person: str) -> bool:
    try:
        children = civil_registry.family(user, user=user).children
    except ExchangeError as error:
        raise Problem(
            503,
            "registry-silent",
            "the civil registry does not say now whether this is a child of the user",
            cause="provider",
            retry_in=30,
        ) from error
    return any(child.national_id == person and _under_age(child) for child in children)


def _under_age(child: civil_registry.Person) -> bool:
    if child.birth_date is None:
        return False
    today = timezone.localdate(clock.now())
    birthday_passed = (today.month, today.day) >= (child.birth_date.month, child.birth_date.day)
    return today.year - child.birth_date.year - (not birthday_passed) < OF_AGE
