"""Do the service steps that a case waits for: call first, then lock, then write all at once.

A worker that is killed between the call and the commit leaves the step STARTED; whoever comes
next makes the same call with the same key, so what was done twice counts once. Consecutive steps
run in one go, independent ones at once.
"""

import logging
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction

from panjereh.agency.cases import wakeups
from panjereh.agency.cases.timeline import tell
from panjereh.agency.cases.wakeups import Awake
from panjereh.agency.engine import process, spiff
from panjereh.agency.engine.spiff import Step
from panjereh.agency.holds.pausing import pause_if_held
from panjereh.agency.job_queue import defer_advance
from panjereh.agency.models import Case
from panjereh.agency.operations import registry
from panjereh.agency.operations.registry import Call, Operation
from panjereh.agency.operations.systems import SYSTEMS
from panjereh.common import clock
from panjereh.sdk import exchange

log = logging.getLogger("panjereh.agency")

# Fast first, for most troubles are short; then slowly, for ever.
BACK_OFF_SECONDS = (0.5, 1, 2, 5, 10, 30, 60)
OPERATOR_AFTER = 20  # attempts, about a quarter of an hour
SLOW_SECONDS = 600


@dataclass
class Outcome:
    step: Step
    system: str
    answer: dict[str, Any] | None = None
    error: exchange.ExchangeError | None = None
    calls: list[exchange.CallMade] = field(default_factory=list)


def advance_case(case_id: int) -> None:
    """Go on until the case waits for a person, a time or a provider that is away."""
    try:
        awake: Awake | None = wakeups.load(case_id)
        # SSO-24: nothing goes on for a person whose services are held.
        while awake is not None and not pause_if_held(case_id, awake.case.person):
            awake = _advance_once(case_id, awake)
    except Exception as error:
        # Nobody retries a fault of ours or of a package; it goes to the operators' list.
        _give_to_operator(case_id, type(error).__name__)
        raise


def _advance_once(case_id: int, awake: Awake) -> Awake | None:
    """One round of calls. The case as it is now, when there is more to do at once."""
    steps = awake.waiting.services
    if not steps:
        return _tick(case_id, awake)
    outcomes = exchange.gather(*[_caller(awake, step) for step in steps])
    with transaction.atomic():
        return _settle(case_id, awake, outcomes)


def _tick(case_id: int, seen: Awake) -> Awake | None:
    """Only the clock can move this case."""
    due = seen.row.next_due
    if due is None or due > clock.now():
        return None
    with transaction.atomic():
        awake = wakeups.lock(case_id)
        spiff.tick(awake.instance)
        wakeups.write(awake)
    return awake if awake.waiting.services else None


def _caller(awake: Awake, step: Step) -> Any:
    """Everything a call needs is made ready here: its thread touches no database."""
    found = registry.find(step.implementation)
    if found is None:
        raise LookupError(f"nobody can do {step.implementation}")
    operation, subject = found
    inputs = process.inputs_of(awake.package, awake.instance, step)
    call = Call(
        service=awake.package.service,
        case=awake.case.tracking_id,
        user=awake.case.user,
        key=f"case-{awake.case.pk}-{step.key}",
        subject=subject,
        language=awake.case.language,
    )
    return lambda: _made(operation, step, inputs, call)


def _made(operation: Operation, step: Step, inputs: dict[str, Any], call: Call) -> Outcome:
    outcome = Outcome(step, operation.system)
    with exchange.calls_noted() as outcome.calls:
        try:
            outcome.answer = operation.run(inputs, call)
        except exchange.ExchangeError as error:
            outcome.error = error
    return outcome


def _settle(case_id: int, seen: Awake, outcomes: list[Outcome]) -> Awake | None:
    row = wakeups.lock_row(case_id)
    # Somebody else may have moved the case meanwhile; then what was loaded is of yesterday.
    awake = seen if row.revision == seen.row.revision else wakeups.lock(case_id)
    if awake is seen:
        awake.row, awake.case = row, row.case
    failed = [outcome for outcome in outcomes if not _apply(awake, outcome)]
    if not failed:
        _clear_trouble(awake, outcomes)
    wakeups.write(awake)
    if failed:
        _back_off(awake, failed)
        return None
    return awake if awake.waiting.services else None


def _apply(awake: Awake, outcome: Outcome) -> bool:
    """False when the step has to be tried again."""
    if outcome.step.key not in {step.key for step in awake.waiting.services}:
        return True
    if outcome.answer is not None:
        wakeups.finished(awake, outcome.step, outcome.answer, outcome.calls)
        return True
    error = outcome.error
    if not isinstance(error, exchange.Rejected):
        return False
    return spiff.fail(awake.instance, outcome.step.key, error.code)


def _clear_trouble(awake: Awake, outcomes: list[Outcome]) -> None:
    if awake.case.status == Case.Status.TROUBLE:
        wakeups.recovered(awake, outcomes[0].step, SYSTEMS[outcomes[0].system].name)
    awake.row.attempts = 0
    awake.row.stalled_since, awake.row.stalled_reason = None, ""


def _back_off(awake: Awake, failed: list[Outcome]) -> None:
    worst = failed[0]
    error = worst.error
    away = isinstance(error, exchange.Unavailable)
    awake.row.attempts += 1
    fault = error.code if error else "unknown"
    if away:
        data = {"code": fault, "request_id": error.request_id if error else ""}
        wakeups.in_trouble(awake, worst.step, SYSTEMS[worst.system].name, data)
    if not away or awake.row.attempts >= OPERATOR_AFTER:
        wakeups.stuck(awake.row, f"{worst.step.implementation}: {fault}", worst.step.id)
    wait = _pause(awake.row.attempts) if away else timedelta(seconds=SLOW_SECONDS)
    awake.row.next_due = clock.now() + wait
    awake.row.save()
    awake.case.save()
    tell(awake.case)
    defer_advance(awake.case.pk, at=awake.row.next_due)
    log.info(
        "agency.case.waits step=%s code=%s attempts=%s", worst.step.id, fault, awake.row.attempts
    )


def _pause(attempts: int) -> timedelta:
    if attempts > OPERATOR_AFTER:
        return timedelta(seconds=SLOW_SECONDS)
    return timedelta(seconds=BACK_OFF_SECONDS[min(attempts, len(BACK_OFF_SECONDS)) - 1])


def _give_to_operator(case_id: int, reason: str) -> None:
    with transaction.atomic():
        row = wakeups.lock_row(case_id)
        wakeups.stuck(row, reason)
        row.next_due = None
        row.save()
        tell(row.case)
