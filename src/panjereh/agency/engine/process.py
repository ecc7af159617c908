"""A package's process, awake: the same for a stored case and for a sample journey."""

from typing import Any

from panjereh.agency.engine import spiff
from panjereh.agency.engine.spiff import Instance, Step
from panjereh.agency.forms import scope as scopes
from panjereh.agency.forms.scope import Scope
from panjereh.agency.packages.model import Package

Results = dict[str, dict[str, Any]]  # step id -> what it answered


def begin(package: Package, facts: Scope) -> Instance:
    return spiff.start(package.diagram, _scope(package, facts, {}), _decider(package))


def wake(package: Package, state: dict[str, Any], facts: Scope, results: Results) -> Instance:
    scope = _scope(package, facts, results)
    return spiff.load(package.diagram, state, scope, _decider(package))


def inputs_of(package: Package, instance: Instance, step: Step) -> dict[str, Any]:
    """What the step is given, by steps.yaml."""
    described = package.steps.steps.get(step.id)
    scope = {**instance.environment.scope, **step.facts}
    inputs: dict[str, Any] = scopes.resolve(described.inputs, scope) if described else {}
    return inputs


def answered(instance: Instance, step: Step, answer: dict[str, Any]) -> None:
    instance.learn(step.id, answer)
    spiff.finish(instance, step.key)


def _scope(package: Package, facts: Scope, results: Results) -> Scope:
    named = scopes.named(package.form, facts["answers"])
    return {**facts, "named": named, "steps": dict(results), "decisions": {}}


def _decider(package: Package) -> spiff.Decide:
    return lambda table, scope: package.decision_tables[table].decide(scope).record()
