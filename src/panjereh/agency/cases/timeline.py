"""What happened to a case: the only place that writes its events and its status."""

from typing import Any

from django.utils import translation
from django.utils.functional import Promise

from panjereh.agency.cases.queries import unreported
from panjereh.agency.job_queue import defer_report
from panjereh.agency.models import Case, CaseEvent
from panjereh.agency.packages.model import Package
from panjereh.agency.packages.texts import LANGUAGES
from panjereh.common import clock

WORKER = "system:worker"
Text = dict[str, str]


def record(
    case: Case,
    *,
    kind: str,
    state: str,
    actor: str,
    text: Text | None = None,
    step: str = "",
    data: dict[str, Any] | None = None,
) -> CaseEvent:
    """Append an event and take over its state; a deed that has recorded ends with `tell`.

    The caller holds the row of the case or has just made it.
    """
    event = CaseEvent.objects.create(
        case=case,
        at=clock.now(),
        kind=kind,
        step=step,
        state=state,
        actor=actor,
        text=text or {},
        data=data or {},
    )
    if case.status != state:
        case.status = state
        case.save(update_fields=["status"])
    return event


def tell(case: Case) -> None:
    """One job for all that this deed has to tell the national tracking (TRK-03)."""
    if unreported(case).exists():
        defer_report(case.pk)


def said(message: Promise, **values: Any) -> Text:
    """The floor's own sentence in every language; lazy values are translated along."""
    told = {}
    for language in LANGUAGES:
        with translation.override(language):
            told[language] = str(message) % {name: str(value) for name, value in values.items()}
    return told


def unit_of(package: Package) -> str:
    """Who has the case, as the tracking names it."""
    units = package.card.get("units") or [{"fa": package.card["agency"]["name"]["fa"]}]
    return str(units[0]["fa"])
