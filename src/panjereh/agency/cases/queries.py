"""Cases as people and staff see them."""

from django.db.models import QuerySet

from panjereh.agency.models import Agency, Case, CaseEvent, CaseLook
from panjereh.sdk.signin import Person


def cases_of(person: Person, agency: Agency) -> QuerySet[Case]:
    mine = Case.objects.filter(person=person.national_id, agency=agency)
    return mine.select_related("version").order_by("-submitted_at")


def case_of(person: Person, agency: Agency, tracking_id: str) -> Case | None:
    """None also for somebody else's case: its existence is nobody's business."""
    return cases_of(person, agency).filter(tracking_id=tracking_id).first()


def told_events(case: Case) -> list[CaseEvent]:
    """The history in the applicant's words."""
    return [event for event in case.events.order_by("pk") if event.text]


def looks_at(case: Case) -> QuerySet[CaseLook]:
    return case.looks.select_related("staff").order_by("-at")


def inbox(agency: Agency, *, only: str = "") -> QuerySet[Case]:
    """Newest first; `only` is a state, or `stuck` for what an operator has to see."""
    cases = Case.objects.filter(agency=agency).select_related("version", "processinstance")
    if only == "stuck":
        cases = cases.filter(processinstance__stalled_since__isnull=False)
    elif only:
        cases = cases.filter(status=only)
    return cases.order_by("-submitted_at")


def unreported(case: Case) -> list[CaseEvent]:
    """What the national tracking does not know yet, in order."""
    return [e for e in case.events.filter(pk__gt=case.reported_event).order_by("pk") if e.text]
