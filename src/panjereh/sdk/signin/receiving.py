"""Do what a security event asks for: end sessions here, look at the person anew."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from panjereh.common import clock
from panjereh.sdk.signin.models import ChangedPerson, LocalSession, TakenEvent
from panjereh.sdk.signin.person import Person, person_in
from panjereh.sdk.signin.security_events import SecurityEvent
from panjereh.sdk.signin.sessions import end_sessions, store

# Longer than the sign-on tries to tell, so that no event is done twice.
TAKEN_KEPT = timedelta(days=30)
CHANGED = "identity-changed"
ENDING = {
    "session-revoked",
    "account-disabled",
    "account-purged",
    "identifier-changed",
    "identifier-recycled",
    "consent-withdrawn",
    CHANGED,
}


@dataclass(frozen=True)
class IdentityNews:
    """Some datum of the person's identity has changed; which one is not told (000 A4.2)."""

    happened_at: datetime
    transaction: str


Recheck = Callable[[Person, IdentityNews], None]


def take(event: SecurityEvent) -> bool:
    """Once each. False when we have it already, which is no error: the sign-on may tell twice."""
    with transaction.atomic():
        taken = TakenEvent(jti=event.jti, taken_at=clock.now())
        if not _first(taken):
            return False
        if event.kind == CHANGED and _recheck():
            _look_anew(event)
        if event.kind in ENDING:
            end_sessions(sid=event.sid, sub=event.sub)
    return True


def _first(taken: TakenEvent) -> bool:
    TakenEvent.objects.filter(taken_at__lt=clock.now() - TAKEN_KEPT).delete()
    _, fresh = TakenEvent.objects.get_or_create(
        jti=taken.jti, defaults={"taken_at": taken.taken_at}
    )
    return fresh


def _look_anew(event: SecurityEvent) -> None:
    """At once for somebody who is here; else the news waits for the person's next sign-in."""
    news = IdentityNews(event.happened_at, event.transaction)
    if person := next(_here(event.sub), None):
        _tell_site(person, news)
        return
    ChangedPerson.objects.update_or_create(
        sub=event.sub,
        defaults={"happened_at": news.happened_at, "transaction": news.transaction},
    )


def _here(sub: str) -> Iterator[Person]:
    for key in LocalSession.objects.filter(sub=sub).values_list("session_key", flat=True):
        if person := person_in(store(key)):
            yield person


def tell_waiting_news(person: Person) -> None:
    """The person is back: what was told meanwhile is looked at now."""
    with transaction.atomic():
        waiting = ChangedPerson.objects.select_for_update().filter(sub=person.sub).first()
        if waiting is None:
            return
        _tell_site(person, IdentityNews(waiting.happened_at, waiting.transaction))
        waiting.delete()


def _tell_site(person: Person, news: IdentityNews) -> None:
    if recheck := _recheck():
        recheck(person, news)


def _recheck() -> Recheck | None:
    """What this site does with such news, by its own rule; without one new claims are enough."""
    name = settings.SIGNIN.get("identity_changed")
    return import_string(name) if name else None
