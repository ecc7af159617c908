"""Whether a sign-in is worth telling its owner about: the rules of FranceConnect.

Whoever is told of everything reads nothing; so what is usual is not told.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class SignInMoment:
    """`suspicious`: the edge says so. `continued`: a running session went on, with another proof or
    none. `first`: the account has just been opened. `shared`: many people use this browser."""

    suspicious: bool = False
    continued: bool = False
    first: bool = False
    known: bool = False
    shared: bool = False


def notice_of(moment: SignInMoment) -> str | None:
    """The kind of notice; None when there is nothing to tell."""
    if moment.suspicious:
        return "suspicious-sign-in"
    if moment.continued or moment.first:
        return None
    if not moment.known:
        return "new-browser"
    return "shared-browser" if moment.shared else None
