"""The deeds on accounts that the registry's news calls for."""

from django.db import transaction

from panjereh.common import clock
from panjereh.common.outbox.actions import emit
from panjereh.sdk import civil_registry
from panjereh.sdk.exchange import calls_noted
from panjereh.sdk.feeds.following.actions import Match
from panjereh.sso.acting.actions import end_all_of
from panjereh.sso.events.actions import tell_agencies
from panjereh.sso.events.kinds import ACCOUNT_DISABLED, ACCOUNT_ENABLED, IDENTITY_CHANGED
from panjereh.sso.models import Grant, Journey, Person, Session
from panjereh.sso.provider.subjects import own_subject
from panjereh.sso.registry_news.models import Closing, Refresh
from panjereh.sso.safety.notices import notify
from panjereh.sso.sessions.actions import end_session

DECEASED = "deceased"
REFRESHED = ("given_name", "family_name", "father_name", "birth_date")


def close_account(person: Person, *, ground: str, told: Match) -> bool:
    """SSO-25: from this moment nobody signs in, no session and no token of this person lives on.

    False when the account was closed already.
    """
    with transaction.atomic():
        locked = Person.objects.select_for_update().get(pk=person.pk)
        if locked.closed_at is not None:
            return False
        now = clock.now()
        Person.objects.filter(pk=locked.pk).update(closed_at=now)
        Closing.objects.create(
            person=locked,
            ground=ground,
            feed=told.feed,
            sequence=told.sequence,
            request_id=told.request_id,
            closed_at=now,
        )
        _end_everything(locked)
        notify(locked.id, "account-closed")
        tell_agencies(locked.id, ACCOUNT_DISABLED)
        sub = own_subject(locked.id)
        emit("sso.person.closed", subject=sub, data={"sub": sub, "ground": ground})
    return True


def _end_everything(person: Person) -> None:
    """Also what has run out by itself here: its clients may still be in."""
    for sid in Session.objects.filter(person=person, ended_at=None).values_list("id", flat=True):
        end_session(sid, actor=person.id)
    Grant.objects.filter(person=person, revoked_at=None).update(revoked_at=clock.now())
    Journey.objects.filter(national_id=person.national_id).delete()
    end_all_of(person, reason="account-closed")


def reopen_account(person: Person, *, actor: str, reason: str) -> bool:
    """The closing was wrong; the person signs in anew. False when the account is open."""
    if not (actor and reason):
        raise ValueError("who opens an account again, and why, is written down")
    with transaction.atomic():
        locked = Person.objects.select_for_update().get(pk=person.pk)
        standing = Closing.objects.filter(person=locked, reopened_at=None)
        if locked.closed_at is None or not standing.exists():
            return False  # also when the person closed it
        Person.objects.filter(pk=locked.pk).update(closed_at=None)
        standing.update(reopened_at=clock.now(), reopened_by=actor, reopened_because=reason)
        tell_agencies(locked.id, ACCOUNT_ENABLED)
        sub = own_subject(locked.id)
        emit("sso.person.reopened", subject=sub, data={"sub": sub})
    return True


def ask_anew(person: Person, *, told: Match) -> None:
    """What we hand out about this person may be old; the worker asks the registry.

    000 A4.2: sites hear of it now, on the notice, and not which datum it is: a service waits for
    a new inquiry at the registry, not for us.
    """
    with transaction.atomic():
        _, fresh = Refresh.objects.get_or_create(
            person=person,
            feed=told.feed,
            sequence=told.sequence,
            defaults={"request_id": told.request_id, "told_at": clock.now()},
        )
        if fresh:
            tell_agencies(person.id, IDENTITY_CHANGED, because=_file(told))


def _file(told: Match) -> str:
    """A site that follows the feed itself knows the same news by this."""
    return f"{told.feed}/{told.sequence}"


def refresh_identity(refresh: Refresh) -> None:
    """One inquiry for all that is due for the person. Raises `ExchangeError`."""
    with calls_noted() as calls:
        found = civil_registry.person(refresh.person.national_id)
    facts = {name: getattr(found, name) for name in REFRESHED}
    with transaction.atomic():
        Person.objects.filter(pk=refresh.person_id).update(
            **{name: value for name, value in facts.items() if value is not None}
        )
        Refresh.objects.filter(
            person=refresh.person_id, done_at=None, told_at__lte=refresh.told_at
        ).update(done_at=clock.now(), inquiry_id=calls[-1].request_id if calls else "")
