"""Sessions of this site that the sign-on says are over."""

from datetime import timedelta
from importlib import import_module

from django.conf import settings
from django.db import transaction

from panjereh.common import clock
from panjereh.sdk.signin.models import EndedSession, LocalSession

SESSION_CAP = timedelta(hours=12)


def end_sessions(*, sid: str, sub: str) -> int:
    """The sign-on says that this session is over, or, without a `sid`, all of this person's."""
    mine = LocalSession.objects.filter(sid=sid) if sid else LocalSession.objects.filter(sub=sub)
    with transaction.atomic():
        if sid:
            EndedSession.objects.get_or_create(sid=sid, defaults={"ended_at": clock.now()})
        keys = list(mine.values_list("session_key", flat=True))
        for key in keys:
            store(key).delete()
        mine.delete()
        EndedSession.objects.filter(ended_at__lt=clock.now() - SESSION_CAP).delete()
    return len(keys)


def store(key: str):  # type: ignore[no-untyped-def]  # the engine is the site's choice
    return import_module(settings.SESSION_ENGINE).SessionStore(session_key=key)
