"""What the feeds of the civil registry set off; called in the transaction that takes the file."""

from panjereh.agency.holds import actions
from panjereh.agency.holds.models import Hold
from panjereh.sdk.feeds.following.actions import Match


def change_told(match: Match) -> None:
    actions.hold_person(match, Hold.Cause.IDENTITY)


def death_told(match: Match) -> None:
    if match.state == "alive":
        actions.death_withdrawn(match)
    else:
        actions.hold_person(match, Hold.Cause.DEATH)
