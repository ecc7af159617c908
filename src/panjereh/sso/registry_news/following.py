"""Who is told by the feeds: each is called in the transaction in which the file is taken."""

from panjereh.sdk.feeds.following.actions import Match
from panjereh.sso.models import Person
from panjereh.sso.registry_news import actions


def death_told(match: Match) -> None:
    """A death closes the account at once; a death that was entered wrongly opens it again."""
    person = Person.objects.filter(national_id=match.national_id).first()
    if person is None:
        return
    if match.state == "alive":
        reason = f"the entry of the death was withdrawn, file {match.sequence}"
        actions.reopen_account(person, actor=match.feed, reason=reason)
    else:
        actions.close_account(person, ground=actions.DECEASED, told=match)


def change_told(match: Match) -> None:
    if person := Person.objects.filter(national_id=match.national_id).first():
        actions.ask_anew(person, told=match)
