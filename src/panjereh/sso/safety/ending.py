"""End whatever runs in a person's name."""

from uuid import UUID

from panjereh.common import clock
from panjereh.sso.models import Grant, Session
from panjereh.sso.sessions.actions import end_session

NONE = UUID(int=0)


def end_everything(person_id: UUID, *, but: UUID | None = None) -> int:
    """Sessions and tokens; also what has run out by itself here, for its clients may still be in.

    Half-done sign-ins stay, for their pages look the same as ever; their codes are dead. `but`:
    this session goes on. Returns how many sessions ended.
    """
    spared = but or NONE
    running = Session.objects.filter(person_id=person_id, ended_at=None).exclude(id=spared)
    ended = sum(end_session(s, actor=person_id) for s in running.values_list("id", flat=True))
    Grant.objects.filter(person_id=person_id, revoked_at=None).exclude(session_id=spared).update(
        revoked_at=clock.now()
    )
    return ended
