"""Fetch what a form needs, in as few rounds as its sources hang on one another."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from panjereh.agency.forms.definition import Form
from panjereh.agency.forms.view import FormView, Known, Need, Record, view
from panjereh.agency.operations import registry
from panjereh.agency.operations.registry import Call
from panjereh.common import clock
from panjereh.sdk import exchange

MAX_ROUNDS = 4


@dataclass(frozen=True)
class Trouble:
    """A source did not answer as it should. `rejected` is the code with which it said no."""

    source: str
    system: str
    rejected: str = ""


@dataclass(frozen=True)
class Looked:
    known: Known
    view: FormView
    troubles: list[Trouble]

    @property
    def away(self) -> list[Trouble]:
        return [trouble for trouble in self.troubles if not trouble.rejected]


def look(form: Form, known: Known, call: Call) -> Looked:
    """The form with everything fetched that can be fetched now."""
    troubles: list[Trouble] = []
    for _ in range(MAX_ROUNDS):
        seen = view(form, known)
        failed = {trouble.source for trouble in troubles}
        needs = [need for need in seen.needs if need.source not in failed]
        if not needs:
            break
        answers = exchange.gather(*[_caller(need, call) for need in needs])
        for need, answer in zip(needs, answers, strict=True):
            known = _taken(form, known, need, answer, troubles)
    return Looked(known, view(form, known), troubles)


def _caller(need: Need, call: Call) -> Callable[[], dict[str, object]]:
    found = registry.find(need.operation)
    if found is None:
        raise LookupError(f"nobody can do {need.operation}")
    return lambda: found[0].run(need.asked, call)


def _taken(
    form: Form,
    known: Known,
    need: Need,
    answer: dict[str, object] | exchange.ExchangeError,
    troubles: list[Trouble],
) -> Known:
    if not isinstance(answer, exchange.ExchangeError):
        return _with_record(known, need, answer)
    rejected = answer.code if isinstance(answer, exchange.Rejected) else ""
    if _only_offers(form, need.source):
        # What only fills a field in advance never keeps anybody from going on.
        return _with_record(known, need, {}) if rejected else _skipping(known, need)
    found = registry.find(need.operation)
    troubles.append(Trouble(need.source, found[0].system if found else "", rejected))
    return known


def _with_record(known: Known, need: Need, data: dict[str, object]) -> Known:
    made = Record(need.asked, data, clock.now().isoformat())
    return replace(known, records={**known.records, need.source: made})


def _skipping(known: Known, need: Need) -> Known:
    return replace(known, skipped=known.skipped | {need.source})


def _only_offers(form: Form, source: str) -> bool:
    return not any(field.source == source for field in form.fields.values())
