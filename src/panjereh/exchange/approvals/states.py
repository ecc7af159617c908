"""The life of a request for access: which deed leads from where to where, and whose turn it is.

As DataPass (France): changes are asked for without losing the request, and a standing grant lives
on while it is reopened. As the law (001 S7.3-4): agreement of the provider and consent of the
secretariat, else the working group. Pure: no database.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

CONSUMER, PROVIDER, SECRETARIAT, GROUP, CLOCK = (
    "consumer",
    "provider",
    "secretariat",
    "group",
    "clock",
)
OPEN: Final = ("draft", "provider", "secretariat", "group", "changes", "approved")
CLOSED: Final = ("granted", "refused", "withdrawn", "lapsed")


@dataclass(frozen=True)
class Transition:
    deed: str
    by: str
    after: tuple[str, ...]
    to: str


TRANSITIONS: Final = {
    t.deed: t
    for t in (
        Transition("submitted", CONSUMER, ("draft", "changes"), "provider"),
        Transition("withdrawn", CONSUMER, OPEN, "withdrawn"),
        Transition("agreed", PROVIDER, ("provider",), "secretariat"),
        Transition("changes-asked-by-provider", PROVIDER, ("provider",), "changes"),
        Transition("declined", PROVIDER, ("provider",), "group"),
        Transition("not-answered", CLOCK, ("provider",), "group"),
        Transition("consented", SECRETARIAT, ("secretariat",), "approved"),
        Transition("changes-asked", SECRETARIAT, ("secretariat",), "changes"),
        Transition("sent-to-group", SECRETARIAT, ("secretariat",), "group"),
        Transition("group-approved", GROUP, ("group",), "approved"),
        Transition("group-refused", GROUP, ("group",), "refused"),
        Transition("group-asked-changes", GROUP, ("group",), "changes"),
        Transition("granted", CONSUMER, ("approved",), "granted"),
        Transition("lapsed", CLOCK, ("changes", "approved"), "lapsed"),
    )
}

# GOV-24: how long the one whose turn it is has time. A draft may wait for ever.
TERMS: Final = {
    "provider": timedelta(days=15),
    "secretariat": timedelta(days=7),
    "group": timedelta(days=30),
    "changes": timedelta(days=30),
    "approved": timedelta(days=30),
}
REMINDER_BEFORE: Final = timedelta(days=3)


class NotNow(Exception):
    """The deed does not fit the state; the text is for the person who tried."""


def after(deed: str, state: str) -> str:
    """The state that the deed leads to. Raises `NotNow` where it has no place."""
    transition = TRANSITIONS[deed]
    if state not in transition.after:
        raise NotNow(f"{deed} is not possible in the state {state}")
    return transition.to
