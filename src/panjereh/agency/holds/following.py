"""What the feeds of the civil registry set off; called in the transaction that takes the file."""

from django.utils import timezone

from panjereh.agency.holds import actions
from panjereh.agency.holds.models import Hold
from panjereh.sdk.feeds.following.actions import Match
from panjereh.sdk.signin.person import Person
from panjereh.sdk.signin.receiving import IdentityNews

SIGN_ON = "sign-on"


def change_told(match: Match) -> None:
    actions.hold_person(match, Hold.Cause.IDENTITY)


def death_told(match: Match) -> None:
    if match.state == "alive":
        actions.death_withdrawn(match)
    else:
        actions.hold_person(match, Hold.Cause.DEATH)


def sign_on_told(person: Person, news: IdentityNews) -> None:
    """The sign-on passes on the news of the registry's feed. Which of the two comes first makes
    the hold; the other one names the same file and finds it made."""
    feed, _, number = news.transaction.rpartition("/")
    match = Match(
        feed=feed or SIGN_ON,
        national_id=person.national_id,
        change_date=timezone.localdate(news.happened_at),
        state="",
        sequence=int(number) if number.isdecimal() else int(news.happened_at.timestamp()),
        request_id=SIGN_ON,
    )
    actions.hold_person(match, Hold.Cause.IDENTITY)
