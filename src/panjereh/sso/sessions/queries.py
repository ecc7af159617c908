"""What a person may see of their own sign-ins."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import DurationField, ExpressionWrapper, F, QuerySet

from panjereh.common import clock
from panjereh.sso.models import KnownBrowser, Session, SignIn
from panjereh.sso.policy import policy

SHOWN = 50


@dataclass(frozen=True)
class SessionOwner:
    session: UUID
    person: UUID


def owner_of_session(sid: str) -> SessionOwner | None:
    """Whose session this is, also when it has run out by itself: its clients may still be in."""
    try:
        found = _by_sid(UUID(sid))
    except ValueError:
        return None
    return SessionOwner(*found) if found else None


def _by_sid(sid: UUID) -> tuple[UUID, UUID] | None:
    """Whoever acts for another is known at the site by a `sid` of that use."""
    own = Session.objects.filter(id=sid).values_list("id", "person_id").first()
    return own or (
        Session.objects.filter(mandate_uses__id=sid).values_list("id", "person_id").first()
    )


def running_sessions(person: UUID) -> QuerySet[Session]:
    now = clock.now()
    rest = ExpressionWrapper(F("rest_seconds") * timedelta(seconds=1), DurationField())
    return (
        Session.objects.filter(
            person_id=person, ended_at=None, authenticated_at__gt=now - policy().session_cap
        )
        .annotate(rest=rest)
        .filter(last_seen_at__gt=now - F("rest"))
        .order_by("-last_seen_at")
    )


def recent_sign_ins(person: UUID) -> QuerySet[SignIn]:
    return SignIn.objects.filter(person_id=person).order_by("-at")[:SHOWN]


def is_known(national_id: str, browser_sha256: str) -> bool:
    """This person has signed in on this browser within the last half year.

    One question to the database, whether there is such a person or not.
    """
    since = clock.now() - policy().browser_known
    return KnownBrowser.objects.filter(
        person__national_id=national_id, browser_sha256=browser_sha256, last_seen_at__gt=since
    ).exists()
