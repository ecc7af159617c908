"""For who has lost every way in: a counter looks at the national card, then three days of waiting.

The owner is told on every channel when it is asked for, and any session of the account stops it;
so an officer who was deceived, or deceives, cannot open an account unseen.
"""

from django.db import transaction

from panjereh.common import clock
from panjereh.sso.events.actions import tell_agencies
from panjereh.sso.factors.models import (
    AuthenticatorApp,
    NeverSmsAlone,
    Passkey,
    RecoverySet,
    Reset,
)
from panjereh.sso.models import Person
from panjereh.sso.people.queries import active_person
from panjereh.sso.policy import policy
from panjereh.sso.safety.ending import end_everything
from panjereh.sso.safety.notices import notify
from panjereh.sso.sessions.actions import LiveSession
from panjereh.sso.staff.actions import record_act, require_role
from panjereh.sso.staff.models import Officer

SUPPORT = Officer.Role.SUPPORT.value
DUE_AT_ONCE = 100


class NobodyThere(Exception):
    """There is no open account with this national id."""


class WaitsAlready(Exception):
    """It was asked for before and is still waiting."""


def ask_for_reset(officer: Officer, *, national_id: str, record: str) -> Reset:
    """Raises `NobodyThere` or `WaitsAlready`."""
    require_role(officer, SUPPORT)
    person = active_person(national_id)
    if person is None:
        raise NobodyThere
    with transaction.atomic():
        Person.objects.select_for_update().values("id").get(id=person.id)
        if waiting_reset(person) is not None:
            raise WaitsAlready
        now = clock.now()
        reset = Reset.objects.create(
            person=person, record=record, asked_at=now, due_at=now + policy().reset_waits
        )
        notify(person.id, "ways-reset-asked")
        record_act(officer, "ways.reset-asked", str(person.id), record=record)
    return reset


def waiting_reset(person: Person) -> Reset | None:
    return Reset.objects.filter(person=person, done_at=None, cancelled_at=None).first()


def stop_reset(actor: LiveSession) -> bool:
    """The owner is in, so nothing is lost. False when there was none."""
    waiting = Reset.objects.filter(person_id=actor.person_id, done_at=None, cancelled_at=None)
    with transaction.atomic():
        if not waiting.update(cancelled_at=clock.now()):
            return False
        notify(actor.person_id, "ways-reset-stopped")
    return True


def reset_due() -> int:
    due = Reset.objects.filter(due_at__lte=clock.now(), done_at=None, cancelled_at=None)
    return sum(_reset(waiting) for waiting in due[:DUE_AT_ONCE])


def _reset(waiting: Reset) -> bool:
    """The person begins again with the national id and a code by SMS."""
    person = waiting.person_id
    open_still = Reset.objects.filter(id=waiting.id, done_at=None, cancelled_at=None)
    with transaction.atomic():
        if not open_still.update(done_at=clock.now()):
            return False
        for what in (Passkey, AuthenticatorApp, RecoverySet, NeverSmsAlone):
            what.objects.filter(person_id=person).delete()
        end_everything(person)
        notify(person, "ways-reset")
        tell_agencies(person, "credential-change")
    return True
