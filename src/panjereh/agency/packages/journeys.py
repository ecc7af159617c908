"""Run a sample journey: the form and the process as they are, the exchange as it was recorded."""

from collections.abc import Iterator
from typing import Any

from panjereh.agency.engine import process, spiff
from panjereh.agency.engine.spiff import Instance
from panjereh.agency.forms import scope as scopes
from panjereh.agency.forms.judging import judge
from panjereh.agency.forms.view import FormView, Known, PageView, Record, view
from panjereh.agency.operations import registry
from panjereh.agency.operations.registry import InputWrong
from panjereh.agency.packages.model import Answered, Journey, Package

MAX_ROUNDS = 200


class JourneyFailed(Exception):
    """The journey cannot be gone to its end; the text says where it stopped."""


class _Rejected(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Recording:
    """The exchange of a journey."""

    def __init__(self, journey: Journey) -> None:
        self.entries = journey.exchange
        self.downs = {number: entry.down for number, entry in enumerate(self.entries)}

    def ask(self, implementation: str, inputs: dict[str, Any]) -> dict[str, Any] | None:
        """The recorded answer; None when the provider is down this time."""
        found = registry.find(implementation)
        if found is None:
            raise JourneyFailed(f"nobody can do {implementation}")
        found[0].ask(inputs)
        number, entry = self._entry(implementation, inputs)
        if self.downs[number]:
            self.downs[number] -= 1
            return None
        if entry.reject:
            raise _Rejected(entry.reject)
        return entry.answer or {}

    def _entry(self, implementation: str, inputs: dict[str, Any]) -> tuple[int, Answered]:
        for number, entry in enumerate(self.entries):
            fits = all(inputs.get(name) == value for name, value in entry.inputs.items())
            if entry.operation == implementation and fits:
                return number, entry
        raise JourneyFailed(f"no recorded answer fits the question of {implementation}")


def run(package: Package, journey: Journey) -> list[str]:
    """What differs from the expected outcome; empty when the journey went as it should."""
    found: list[str] = []
    try:
        found.extend(_differences(package, journey))
    except (JourneyFailed, InputWrong) as error:
        found.append(str(error))
    return found


def _differences(package: Package, journey: Journey) -> Iterator[str]:
    recording, expect = Recording(journey), journey.expect
    known = Known(journey.applicant, {}, {})
    known, ended = _fill(package, journey.answers, known, recording)
    seen = view(package.form, known)
    yield from _compare("hold", expect.hold, seen.hold)
    yield from _compare("stop", expect.stop, ended.get("stop", ""))
    refused = {field: row for field, row in ended.items() if field != "stop"}
    yield from _compare("refused", expect.refused, refused)
    if ended:
        return
    if not seen.complete:
        yield "the journey does not answer all pages"
        return
    yield from _process(package, journey, known, seen, recording)


def _compare(what: str, wanted: Any, found: Any) -> Iterator[str]:
    if wanted != found:
        yield f"{what}: expected {wanted or 'nothing'}, found {found or 'nothing'}"


def _fill(
    package: Package, answers: dict[str, Any], known: Known, recording: Recording
) -> tuple[Known, dict[str, str]]:
    """Answer page after page until the form is complete, stops, or refuses an answer."""
    for _ in range(MAX_ROUNDS):
        now = view(package.form, known)
        if now.needs:
            known = _fetched(known, now, recording)
            continue
        page = now.current
        if page is None:
            return known, {}
        if page.stop:
            return known, {"stop": page.stop}
        given = _given(page, answers)
        refused = judge(package.form, known, given, package.decision_tables)
        if refused:
            return known, {field: decision.row for field, decision in refused.items()}
        known = _answer(known, page, given)
    raise JourneyFailed("the form does not come to an end")


def _fetched(known: Known, now: FormView, recording: Recording) -> Known:
    records = dict(known.records)
    skipped = set(known.skipped)
    for need in now.needs:
        try:
            data = recording.ask(need.operation, need.asked)
        except _Rejected:
            data = {}
        if data is None:
            skipped.add(need.source)
        else:
            records[need.source] = Record(need.asked, data, "")
    return Known(known.applicant, known.answers, records, known.seen, frozenset(skipped))


def _given(page: PageView, answers: dict[str, Any]) -> dict[str, Any]:
    given = {}
    for shown in page.fields:
        if shown.field.asked and (value := scopes.get_path(answers, shown.field.id)) is not None:
            given[shown.field.id] = value
    return given


def _answer(known: Known, page: PageView, given: dict[str, Any]) -> Known:
    answers = known.answers
    for field_id, value in given.items():
        answers = scopes.with_path(answers, field_id, value)
    seen = known.seen | {page.page.id}
    if answers == known.answers and seen == known.seen:
        raise JourneyFailed(f"the journey has no answer for the page {page.page.id}")
    return Known(known.applicant, answers, known.records, seen, known.skipped)


def _process(
    package: Package, journey: Journey, known: Known, seen: FormView, recording: Recording
) -> Iterator[str]:
    facts = {
        "applicant": journey.applicant,
        "answers": known.answers,
        "chosen": seen.scope["chosen"],
        "case": {"tracking_id": "SAMPLE"},
    }
    instance = process.begin(package, facts)
    done: list[str] = []
    for _ in range(MAX_ROUNDS):
        waiting = spiff.waiting(instance)
        if waiting.people and not waiting.services:
            _resume(journey, instance, facts)
        elif waiting.services:
            done += _serve(package, instance, recording)
        else:
            break
    yield from _outcome(package, journey, instance, done)


def _resume(journey: Journey, instance: Instance, facts: dict[str, Any]) -> None:
    """The person gives the right answer later; the process goes on where it stood."""
    if not journey.later:
        raise JourneyFailed("the process waits for the person, and the journey answers nothing")
    facts["answers"] = {**facts["answers"], **journey.later}
    instance.environment.scope["answers"] = facts["answers"]
    spiff.finish(instance, spiff.waiting(instance).people[0].key)


def _serve(package: Package, instance: Instance, recording: Recording) -> list[str]:
    done = []
    for step in spiff.waiting(instance).services:
        try:
            answer = recording.ask(step.implementation, process.inputs_of(package, instance, step))
        except _Rejected as error:
            if not spiff.fail(instance, step.key, error.code):
                raise JourneyFailed(f"{step.id} was refused: {error.code}") from error
            continue
        if answer is not None:  # else it is asked again in the next round
            process.answered(instance, step, answer)
            done.append(step.id)
    return done


def _outcome(
    package: Package, journey: Journey, instance: Instance, done: list[str]
) -> Iterator[str]:
    expect = journey.expect
    end = spiff.waiting(instance).end
    yield from _compare("end", expect.end, package.steps.ends.get(end, ""))
    rows = {record["table"]: record["row"] for record in instance.decided}
    for table, row in expect.decisions.items():
        yield from _compare(f"decision {table}", row, rows.get(table, ""))
    for step in expect.done:
        if step not in done:
            yield f"the step {step} was not done"
