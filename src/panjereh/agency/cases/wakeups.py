"""An instance is woken: load it, let it go on, write down what came of it.

Nobody else opens the state. Everything that one wake-up changes is written in one transaction:
state, columns of the case, its history and the next job.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from panjereh.agency.cases.timeline import WORKER, record, said, tell
from panjereh.agency.engine import process, spiff
from panjereh.agency.engine.spiff import Instance, Step, Waiting
from panjereh.agency.forms.scope import Scope
from panjereh.agency.job_queue import defer_advance
from panjereh.agency.models import Case, ProcessInstance, StepResult
from panjereh.agency.packages.model import Package
from panjereh.agency.packages.queries import package_of
from panjereh.common import clock
from panjereh.common.outbox.actions import emit
from panjereh.sdk import exchange

# A worker that is heard of no more is replaced after this long; longer than any call may take.
LEASE = timedelta(seconds=15)
MAX_STATE_BYTES = 20_000
WRITTEN = ("hold", "decision", "document", "closed_at", "answers", "chosen", "promised_at")


@dataclass
class Awake:
    """A case with its instance, loaded at a revision."""

    case: Case
    row: ProcessInstance
    package: Package
    instance: Instance

    @property
    def waiting(self) -> Waiting:
        return spiff.waiting(self.instance)


def load(case_id: int) -> Awake:
    return _awake(_rows().get(pk=case_id))


def lock(case_id: int) -> Awake:
    return _awake(lock_row(case_id))


def lock_row(case_id: int) -> ProcessInstance:
    """The row of the instance is the lock, for pages, jobs and timers alike."""
    return _rows().select_for_update(of=("self", "case")).get(pk=case_id)


def _rows() -> QuerySet[ProcessInstance]:
    """Without the files of the package, which every process keeps in memory."""
    rows = ProcessInstance.objects.select_related("case__version")
    return rows.defer("case__version__files")


def _awake(row: ProcessInstance) -> Awake:
    case, package = row.case, package_of(row.case.version)
    results = {r.step: r.answer for r in case.stepresult_set.order_by("pk")}
    instance = process.wake(package, row.state, facts_of(case), results)
    return Awake(case, row, package, instance)


def facts_of(case: Case) -> Scope:
    return {
        "applicant": case.applicant,
        "answers": case.answers,
        "chosen": case.chosen,
        "case": {"tracking_id": case.tracking_id},
    }


def begin(case: Case, package: Package) -> Awake:
    """The first wake-up, in the transaction that makes the case."""
    instance = process.begin(package, facts_of(case))
    row = ProcessInstance(case=case, engine_version=spiff.VERSION)
    awake = Awake(case, row, package, instance)
    write(awake)
    if awake.waiting.services:
        defer_advance(case.pk)
    return awake


def finished(
    awake: Awake, step: Step, answer: dict[str, Any], calls: list[exchange.CallMade]
) -> None:
    """A service answered: keep the answer, with the ids of its calls for the staff, and go on."""
    StepResult.objects.create(
        case=awake.case,
        step=step.id,
        step_key=step.key,
        operation=step.implementation,
        answer=answer,
        calls=[asdict(made) for made in calls],
    )
    if step.implementation.startswith("doc:issue."):
        awake.case.document = answer
    process.answered(awake.instance, step, answer)


def write(awake: Awake) -> None:
    """Write the state and what happened on the way to it. Ends the wake-up."""
    waiting = awake.waiting
    _tell_decisions(awake)
    _tell_steps(awake)
    _tell_waiting(awake, waiting)
    if waiting.done:
        _close(awake, waiting)
    _write_row(awake, waiting)


def _tell_decisions(awake: Awake) -> None:
    for decided in awake.instance.decided:
        if decided["table"] == awake.package.steps.decision:
            awake.case.decision = {**decided, "version": awake.package.version}
        data = {name: decided[name] for name in ("table", "row", "outputs", "law")}
        record(awake.case, kind="decision", state=_running(awake.case), actor=WORKER, data=data)
    awake.instance.decided.clear()


def _tell_steps(awake: Awake) -> None:
    for element in awake.instance.passed:
        text = awake.package.in_all_languages(f"steps.{element}")
        if text and not _is_person_step(awake.package, element):
            record(
                awake.case,
                kind="step",
                state=_running(awake.case),
                actor=WORKER,
                step=element,
                text=text,
            )
    awake.instance.passed.clear()


def _is_person_step(package: Package, element: str) -> bool:
    return isinstance(package.diagram.spec.task_specs.get(element), spiff.PersonStep)


def _running(case: Case) -> str:
    """A step shows work in progress; trouble is over only when it is said to be over."""
    return Case.Status.TROUBLE if case.status == Case.Status.TROUBLE else Case.Status.IN_PROGRESS


def _tell_waiting(awake: Awake, waiting: Waiting) -> None:
    """The process has come to a step of the person: say so once, and what is waited for."""
    for step in waiting.people:
        subject = step.implementation.removeprefix("form:")
        if awake.case.hold != subject:
            awake.case.hold = subject
            text = awake.package.in_all_languages(f"steps.{step.id}")
            record(
                awake.case,
                kind="held",
                state=Case.Status.WAITING,
                actor=WORKER,
                step=step.id,
                text=text,
            )
    if not waiting.people:
        awake.case.hold = ""


def _close(awake: Awake, waiting: Waiting) -> None:
    case, end = awake.case, waiting.end
    if case.closed_at:
        return
    case.closed_at = clock.now()
    state = awake.package.steps.ends[end]
    text = awake.package.in_all_languages(f"ends.{end}")
    record(case, kind="closed", state=state, actor=WORKER, step=end, text=text)
    emit(
        f"agency.case.{state}",
        subject=case.tracking_id,
        data={"tracking_id": case.tracking_id, "service_id": case.version.service_id},
    )


def _write_row(awake: Awake, waiting: Waiting) -> None:
    row, case = awake.row, awake.case
    row.state = spiff.dump(awake.instance)
    row.revision += 1
    row.next_due = _next_look(waiting)
    row.case = case
    row.save()
    case.save(update_fields=WRITTEN)
    tell(case)
    if waiting.next_due and not waiting.services:
        defer_advance(case.pk, at=waiting.next_due)


def _next_look(waiting: Waiting) -> datetime | None:
    """The sweep wakes the case then, should the job that was to do it be lost."""
    looks = [waiting.next_due] if waiting.next_due else []
    if waiting.services:
        looks.append(clock.now() + LEASE)
    return min(looks, default=None)


TROUBLE = _("We are having trouble reaching %(system)s. Nothing is lost; we go on by ourselves.")
RECOVERED = _("%(system)s answers again, and the work goes on.")
STUCK = _("Something has to be looked at by our staff. Nothing is lost; you need not do anything.")


def in_trouble(awake: Awake, step: Step, system: Any, data: dict[str, Any]) -> None:
    """PER-13: the applicant reads what happens, once, and never has to come back for it."""
    told = awake.case.status == Case.Status.TROUBLE
    record(
        awake.case,
        kind="trouble",
        state=Case.Status.TROUBLE,
        actor=WORKER,
        step=step.id,
        text=None if told else said(TROUBLE, system=system),
        data=data,
    )


def recovered(awake: Awake, step: Step, system: Any) -> None:
    record(
        awake.case,
        kind="recovered",
        state=Case.Status.IN_PROGRESS,
        actor=WORKER,
        step=step.id,
        text=said(RECOVERED, system=system),
    )


def stuck(row: ProcessInstance, reason: str, step: str = "") -> None:
    """An operator has to look; the applicant hears that it is seen to."""
    row.stalled_since = row.stalled_since or clock.now()
    row.stalled_reason = reason[:200]
    if row.case.status != Case.Status.TROUBLE:
        record(
            row.case,
            kind="stuck",
            state=Case.Status.TROUBLE,
            actor=WORKER,
            step=step,
            text=said(STUCK),
            data={"reason": reason[:200]},
        )
