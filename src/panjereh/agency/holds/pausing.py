"""Cases of a held person stand still, and go on from the same place.

A case that is about to move looks for a hold under its own lock. Whoever lifts the hold takes the
same lock before it lets the case go, so neither misses what the other does.
"""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from panjereh.agency.cases import wakeups
from panjereh.agency.cases.timeline import WORKER, record, said, tell
from panjereh.agency.holds.models import Hold
from panjereh.agency.holds.queries import holding_case, open_cases
from panjereh.agency.job_queue import defer_advance
from panjereh.agency.models import Case, ProcessInstance

HELD = "registry-hold"
LIFTED = "registry-hold-lifted"
TOLD = _(
    "The civil registry has told us that your identity data changed. Your request waits, and "
    "nothing is lost. It goes on when you have confirmed who you are."
)
TOLD_OF_DEATH = _("The civil registry has told us of a death. The request waits.")
GOES_ON = _("Who you are is confirmed, and the work goes on.")


def pause_if_held(case_id: int, person: str) -> bool:
    """Whether the case stands still now. One look-up for nearly everybody, who is not held."""
    if not Hold.objects.filter(person=person, lifted_at=None).exists():
        return False
    with transaction.atomic():
        row = wakeups.lock_row(case_id)
        hold = holding_case(row.case)
        if hold is None or row.case.closed_at:
            return False
        _pause(row, hold)
    return True


def pause_cases(hold: Hold) -> None:
    """All of the person's cases that the agency's rule holds; in the transaction of the hold."""
    for case in open_cases(hold.person, hold.agency_id):
        row = wakeups.lock_row(case.pk)
        if not row.case.closed_at and holding_case(row.case):
            _pause(row, hold)


def _pause(row: ProcessInstance, hold: Hold) -> None:
    row.next_due = None  # the sweep has no reason to wake it
    row.save(update_fields=["next_due"])
    told = _told(row.case, hold)
    if told and row.case.status == Case.Status.WAITING:
        return
    dead = hold.cause == Hold.Cause.DEATH
    record(
        row.case,
        kind=HELD,
        state=Case.Status.WAITING,  # again, when a step that was under way has just ended
        actor=WORKER,
        text=None if told else said(TOLD_OF_DEATH if dead else TOLD),
        data={"hold": hold.pk},
    )
    tell(row.case)


def _told(case: Case, hold: Hold) -> bool:
    last = case.events.filter(kind__in=[HELD, LIFTED]).order_by("-pk").first()
    return last is not None and last.kind == HELD and last.data.get("hold") == hold.pk


def resume_cases(hold: Hold) -> None:
    """Those that nothing else holds; in the transaction that lifts the hold."""
    for case in open_cases(hold.person, hold.agency_id):
        if _told(case, hold):
            _resume(case.pk, hold)


def _resume(case_id: int, hold: Hold) -> None:
    awake = wakeups.lock(case_id)
    if holding_case(awake.case) or awake.case.closed_at:
        return
    state = Case.Status.WAITING if awake.case.hold else Case.Status.IN_PROGRESS
    record(
        awake.case,
        kind=LIFTED,
        state=state,
        actor=WORKER,
        text=said(GOES_ON),
        data={"hold": hold.pk},
    )
    wakeups.write(awake)
    if awake.waiting.services:
        defer_advance(case_id)
