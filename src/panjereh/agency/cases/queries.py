"""Cases as people and staff see them."""

import time
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from panjereh.agency.models import Agency, Case, CaseEvent, CaseLook
from panjereh.common import clock
from panjereh.sdk.signin import Person
from panjereh.sdk.signin.person import EVERY_SERVICE

TOLD_WITHIN = timedelta(minutes=5)
MOVING = {Case.Status.RECEIVED, Case.Status.IN_PROGRESS, Case.Status.TROUBLE}
LOOK_AGAIN_SECONDS = 0.05


def cases_of(person: Person, agency: Agency) -> QuerySet[Case]:
    mine = Case.objects.filter(person=person.national_id, agency=agency)
    if person.acting and not person.acting.covers(EVERY_SERVICE):
        mine = mine.filter(version__service_id__in=person.acting.services)
    return mine.select_related("version").defer("version__files").order_by("-submitted_at")


def case_of(person: Person, agency: Agency, tracking_id: str) -> Case | None:
    """None also for somebody else's case: its existence is nobody's business."""
    return cases_of(person, agency).filter(tracking_id=tracking_id).first()


def wait_while_moving(case: Case, *, seconds: float) -> None:
    """Return when the case is decided or waits for the person, at the latest after `seconds`."""
    deadline = time.monotonic() + seconds
    while case.status in MOVING and time.monotonic() < deadline:
        time.sleep(LOOK_AGAIN_SECONDS)
        case.refresh_from_db(fields=["status"])


def told_events(case: Case) -> list[CaseEvent]:
    """The history in the applicant's words."""
    return [event for event in case.events.order_by("pk") if event.text]


def looks_at(case: Case) -> QuerySet[CaseLook]:
    return case.looks.select_related("staff").order_by("-at")


def calls_of(case: Case) -> list[dict[str, Any]]:
    """Which calls the steps of a case made, for its staff; nothing of their content."""
    return [
        {**made, "at": result.at}
        for result in case.stepresult_set.order_by("pk")
        for made in result.calls
    ]


def inbox(agency: Agency, *, only: str = "") -> QuerySet[Case]:
    """Newest first; `only` is a state, or `stuck` for what an operator has to see."""
    cases = (
        Case.objects.filter(agency=agency)
        .select_related("version", "processinstance")
        .defer("version__files")
    )
    if only == "stuck":
        cases = cases.filter(processinstance__stalled_since__isnull=False)
    elif only:
        cases = cases.filter(status=only)
    return cases.order_by("-submitted_at")


def unreported(case: Case) -> QuerySet[CaseEvent]:
    """What the national tracking does not know yet, in order."""
    return case.events.filter(pk__gt=case.reported_event).exclude(text={}).order_by("pk")


def left_untold() -> QuerySet[Case]:
    """Whose last news the tracking should have by now: their job was lost."""
    late = clock.now() - TOLD_WITHIN
    news = CaseEvent.objects.filter(
        case=OuterRef("pk"), pk__gt=OuterRef("reported_event"), at__lt=late
    ).exclude(text={})
    recent = Q(closed_at=None) | Q(closed_at__gt=clock.now() - timedelta(days=2))
    return Case.objects.filter(recent).filter(Exists(news))
