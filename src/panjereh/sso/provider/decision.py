"""What happens to an authorization request: let through, sign in, step up, or an honest error.

Pure, so that every cell of the matrix can be tested. A level is delivered or refused, never
silently lowered, and asking for one voluntarily counts like asking for it essentially.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from panjereh.sso.levels import Level

Verdict = Literal[
    "pass", "sign-in", "step-up", "login_required", "unmet_authentication_requirements"
]
LONGEST_AGE = 10**9


@dataclass(frozen=True, kw_only=True)
class Wish:
    """`levels` are those the client named, as far as we have them; `minimum` is the client's own.

    `hinted_subject` is the person an id_token_hint names, `hinted_name` the one of a login_hint:
    never switched for another one.
    """

    minimum: int
    levels: Sequence[int] = ()
    named_levels: bool = False
    prompt: frozenset[str] = frozenset()
    max_age: int | None = None
    hinted_subject: str = ""
    hinted_name: str = ""


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """`reached` says since when each level is held; a new proof of one does not renew another."""

    reached: Mapping[int, datetime]
    subject: str
    names: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Delivered:
    """What a token states. Both are of one proof, so that they never tell of different ones."""

    level: Level
    authenticated_at: datetime


def decide(
    wish: Wish,
    session: SignedIn | None,
    *,
    levels: Sequence[Level],
    now: datetime,
    fresh_since: datetime | None = None,
) -> Verdict:
    """`fresh_since` is when the journey of this very request began, if it went through a login."""
    wanted = wanted_level(wish, levels)
    if wanted is None:
        return "unmet_authentication_requirements"
    if session is None or not session.reached:
        verdict: Verdict = "sign-in"
    elif is_somebody_else(wish, session):
        return "login_required"
    elif delivered(wish, session, levels=levels, now=now, fresh_since=fresh_since):
        return "pass"
    elif _whole_login(wish, session, now, fresh_since):
        verdict = "sign-in"
    else:
        verdict = "step-up"
    return _silent(session, wanted) if "none" in wish.prompt else verdict


def _silent(session: SignedIn | None, wanted: Level) -> Verdict:
    """What a page would have asked the person for is told to the client instead."""
    lacks = session is not None and session.reached and max(session.reached) < wanted.level
    return "unmet_authentication_requirements" if lacks else "login_required"


def delivered(
    wish: Wish,
    session: SignedIn,
    *,
    levels: Sequence[Level],
    now: datetime,
    fresh_since: datetime | None = None,
) -> Delivered | None:
    """The highest level held that is as fresh as this request and the level itself ask for."""
    wanted = wanted_level(wish, levels)
    for level in sorted(levels, key=lambda level: level.level, reverse=True):
        at = session.reached.get(level.level)
        if wanted is None or level.level < wanted.level:
            return None
        if at and _fresh_enough(wish, level, at, now, fresh_since):
            return Delivered(level, at)
    return None


def fresh_after(
    wish: Wish, wanted: Level, now: datetime, fresh_since: datetime | None
) -> datetime | None:
    """Only proofs since then count; None when any proof of the running session does."""
    if not wanted.single_sign_on:
        return fresh_since or now
    return _new_login_after(wish, now, fresh_since)


def _new_login_after(wish: Wish, now: datetime, fresh_since: datetime | None) -> datetime | None:
    if "login" in wish.prompt:
        return fresh_since or now
    if wish.max_age is None:
        return None
    oldest = now - timedelta(seconds=min(wish.max_age, LONGEST_AGE))
    return min(oldest, fresh_since) if fresh_since else oldest


def _fresh_enough(
    wish: Wish, level: Level, at: datetime, now: datetime, fresh_since: datetime | None
) -> bool:
    after = fresh_after(wish, level, now, fresh_since)
    return after is None or at >= after


def _whole_login(
    wish: Wish, session: SignedIn, now: datetime, fresh_since: datetime | None
) -> bool:
    """The person was asked to sign in anew and has not yet: a step-up alone is too little."""
    after = _new_login_after(wish, now, fresh_since)
    return after is not None and max(session.reached.values()) < after


def is_somebody_else(wish: Wish, session: SignedIn) -> bool:
    """An id_token_hint names the subject; a login_hint the subject or another name of theirs."""
    if wish.hinted_subject and wish.hinted_subject != session.subject:
        return True
    return bool(wish.hinted_name) and wish.hinted_name not in {session.subject, *session.names}


def wanted_level(wish: Wish, levels: Sequence[Level]) -> Level | None:
    """The lowest level that satisfies the request; None when we have none."""
    if wish.named_levels and not wish.levels:
        return None
    least = max(min(wish.levels), wish.minimum) if wish.levels else wish.minimum
    fitting = [level for level in levels if level.level >= least]
    return min(fitting, key=lambda level: level.level, default=None)
