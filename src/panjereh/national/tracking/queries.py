"""Reads of tracking. Whoever has the id may see the steps: it cannot be guessed (TRK-03, 06)."""

from panjereh.national.tracking.models import Case
from panjereh.national.tracking.numbers import parse_tracking_id


def case(tracking_id: str, *, lock: bool = False) -> Case | None:
    canonical = parse_tracking_id(tracking_id)
    if canonical is None:
        return None
    cases = Case.objects.select_for_update() if lock else Case.objects.all()
    return cases.filter(tracking_id=canonical).first()
