"""What happens to an authorization request: let through, sign in, or an honest error.

Pure, so that every cell of the matrix can be tested. A level is delivered or refused, never
silently lowered, and asking for one voluntarily counts like asking for it essentially.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from panjereh.sso.levels import Level

Verdict = Literal["pass", "sign-in", "login_required", "unmet_authentication_requirements"]


@dataclass(frozen=True, kw_only=True)
class Wish:
    """`levels` are those the client named, as far as we have them; `minimum` is the client's own.

    `hinted_subject` is the person an id_token_hint names: never switched for another one.
    """

    minimum: int
    levels: Sequence[int] = ()
    named_levels: bool = False
    prompt: frozenset[str] = frozenset()
    max_age: int | None = None
    hinted_subject: str = ""


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    level: int
    authenticated_at: datetime
    subject: str


def decide(
    wish: Wish,
    session: SignedIn | None,
    *,
    levels: Sequence[Level],
    now: datetime,
    fresh_since: datetime | None = None,
) -> Verdict:
    """`fresh_since` is when the journey of this very request began, if it went through a login."""
    wanted = _wanted(wish, levels)
    if wanted is None:
        return "unmet_authentication_requirements"
    silent = "none" in wish.prompt
    if session is None:
        return "login_required" if silent else "sign-in"
    if wish.hinted_subject and wish.hinted_subject != session.subject:
        return "login_required"
    if session.level < wanted.level:
        return "unmet_authentication_requirements" if silent else "sign-in"
    if is_fresh(session, fresh_since) or not _must_be_fresh(wish, session, wanted, now):
        return "pass"
    return "login_required" if silent else "sign-in"


def delivered_level(
    session: SignedIn, *, levels: Sequence[Level], fresh_since: datetime | None = None
) -> Level:
    """The level a token may state: one that needs a fresh sign-in is not lent by an old session."""
    fresh = is_fresh(session, fresh_since)
    return max(
        (have for have in levels if have.level <= session.level and (fresh or have.single_sign_on)),
        key=lambda have: have.level,
    )


def is_fresh(session: SignedIn, fresh_since: datetime | None) -> bool:
    return fresh_since is not None and session.authenticated_at >= fresh_since


def _wanted(wish: Wish, levels: Sequence[Level]) -> Level | None:
    """The lowest level that satisfies the request; None when we have none."""
    if wish.named_levels and not wish.levels:
        return None
    least = max(min(wish.levels), wish.minimum) if wish.levels else wish.minimum
    fitting = [level for level in levels if level.level >= least]
    return min(fitting, key=lambda level: level.level, default=None)


def _must_be_fresh(wish: Wish, session: SignedIn, wanted: Level, now: datetime) -> bool:
    if "login" in wish.prompt or not wanted.single_sign_on:
        return True
    age = (now - session.authenticated_at).total_seconds()
    return wish.max_age is not None and age > wish.max_age
