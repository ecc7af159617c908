"""The one door to SpiffWorkflow: start, finish, fail, receive, tick, waiting, dump, load.

What is done differently from the library's habits, and why (reference: service engine, section 3):
tasks are stored whole, because the default deltas lose data when jsonb reorders keys; the diagram
is kept out of the state; expressions go to zen, and no Python in a diagram runs; a service step
is only ever left STARTED, so that its answer and what follows are written in one transaction.
"""

# mypy: allow-subclassing-any
# (the library has no types)

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from lxml import etree
from SpiffWorkflow.bpmn import BpmnEvent, BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser, TaskParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.script_engine import BasePythonScriptEngineEnvironment, PythonScriptEngine
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer.config import DEFAULT_CONFIG
from SpiffWorkflow.bpmn.serializer.default.task_spec import BpmnTaskSpecConverter
from SpiffWorkflow.bpmn.serializer.default.workflow import (
    BpmnWorkflowConverter,
    SimpleTaskConverter,
    WorkflowConverter,
)
from SpiffWorkflow.bpmn.specs.defaults import ServiceTask, UserTask
from SpiffWorkflow.bpmn.specs.event_definitions import ErrorEventDefinition, MessageEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import BoundaryEvent
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from panjereh.agency.engine import expressions

VERSION = "spiff-3.2.0/1"

logging.getLogger("spiff").setLevel(logging.WARNING)  # one line per token move hides all others

Scope = dict[str, Any]
Decide = Callable[[str, Scope], dict[str, Any]]


class StepNotWaiting(Exception):
    """Somebody else has finished this step, or it is not there yet."""


@dataclass(frozen=True)
class Diagram:
    """A parsed process; shared by all its instances."""

    spec: Any
    called: dict[str, Any]


@dataclass(frozen=True)
class Step:
    """A place where the process waits. `key` is unique even when a loop comes back to it."""

    key: str
    id: str
    implementation: str
    facts: dict[str, Any]  # what the process itself has found out on the way here


@dataclass(frozen=True)
class Waiting:
    services: list[Step]
    people: list[Step]
    messages: list[str]
    next_due: datetime | None
    done: bool
    end: str  # the id of the end event it came to


class ServiceStep(ServiceTask):
    """Left STARTED: only the job that has the answer completes it."""

    def __init__(self, wf_spec: Any, bpmn_id: str, implementation: str = "", **kwargs: Any) -> None:
        super().__init__(wf_spec, bpmn_id, **kwargs)
        self.implementation = implementation

    def _run_hook(self, my_task: Task) -> None:
        return None


class DecisionStep(ServiceStep):
    def _run_hook(self, my_task: Task) -> bool:  # type: ignore[override]
        environment = my_task.workflow.script_engine.environment
        environment.decide_for(my_task, self.implementation.removeprefix("decision:"))
        return True


class PersonStep(UserTask):
    def __init__(self, wf_spec: Any, bpmn_id: str, implementation: str = "", **kwargs: Any) -> None:
        super().__init__(wf_spec, bpmn_id, **kwargs)
        self.implementation = implementation


class ImplementationParser(TaskParser):
    def create_task(self) -> Any:
        implementation = self.node.get("implementation", "")
        return self.spec_class(
            self.spec, self.bpmn_id, implementation=implementation, **self.bpmn_attributes
        )


class Parser(BpmnParser):
    OVERRIDE_PARSER_CLASSES = {
        full_tag("serviceTask"): (ImplementationParser, ServiceStep),
        full_tag("sendTask"): (ImplementationParser, ServiceStep),
        full_tag("businessRuleTask"): (ImplementationParser, DecisionStep),
        full_tag("userTask"): (ImplementationParser, PersonStep),
    }


class Environment(BasePythonScriptEngineEnvironment):
    """Evaluates with zen over the facts of the case; executes nothing."""

    def __init__(self, scope: Scope, decide: Decide) -> None:
        super().__init__()
        self.scope, self.decide = scope, decide
        self.decided: list[dict[str, Any]] = []

    def evaluate(self, expression: str, context: Scope, external_context: Any = None) -> Any:
        return expressions.evaluate(expression, {**self.scope, **context})

    def execute(self, script: str, context: Scope, external_context: Any = None) -> None:
        raise PermissionError("a diagram may not run code")

    def decide_for(self, task: Task, table: str) -> None:
        record = self.decide(table, {**self.scope, **task.data})
        self.decided.append(record)
        decisions = {**task.data.get("decisions", {}), table: record["outputs"]}
        task.data["decisions"] = decisions


@dataclass
class Instance:
    workflow: BpmnWorkflow
    environment: Environment
    passed: list[str] = field(default_factory=list)  # elements completed since it was loaded

    @property
    def decided(self) -> list[dict[str, Any]]:
        return self.environment.decided

    def learn(self, step_id: str, answer: dict[str, Any]) -> None:
        """Let the expressions that follow see what a step has brought."""
        self.environment.scope["steps"] = {
            **self.environment.scope.get("steps", {}),
            step_id: answer,
        }


def read(xml: str) -> Diagram:
    parser = Parser()
    parser.add_bpmn_xml(
        etree.fromstring(xml.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    )
    name = next(n for n, p in parser.process_parsers.items() if p.process_executable)
    return Diagram(parser.get_spec(name), parser.get_subprocess_specs(name))


def start(diagram: Diagram, scope: Scope, decide: Decide) -> Instance:
    environment = Environment(scope, decide)
    workflow = BpmnWorkflow(
        diagram.spec, diagram.called, script_engine=PythonScriptEngine(environment)
    )
    instance = Instance(workflow, environment)
    _run(instance)
    return instance


def finish(instance: Instance, key: str) -> None:
    """A service answered, or a person has done a step; go on as far as the process can."""
    task = _waiting_task(instance, key)
    task.complete()
    instance.passed.append(task.task_spec.bpmn_id)
    _run(instance)


def fail(instance: Instance, key: str, code: str) -> bool:
    """A service refused with `code`; follow the error event drawn at the step, if there is one."""
    task = _waiting_task(instance, key)
    event = BpmnEvent(ErrorEventDefinition("refused", code))
    for sibling in task.parent.children:
        spec = sibling.task_spec
        if isinstance(spec, BoundaryEvent) and spec.catches(sibling, event):
            spec.catch(sibling, event)
            spec._update(sibling)
            _run(instance)
            return True
    return False


def receive(instance: Instance, message: str) -> bool:
    """A message for the case arrived; False when it waits for no such message."""
    if message not in waiting(instance).messages:
        return False
    instance.workflow.catch(BpmnEvent(MessageEventDefinition(message)))
    _run(instance)
    return True


def tick(instance: Instance) -> None:
    """Let the timers that are due go off."""
    instance.workflow.refresh_timers()
    _run(instance)


def waiting(instance: Instance) -> Waiting:
    started = list(_tasks(instance, TaskState.STARTED))
    events = list(instance.workflow.event_manager.tasks.values())
    ends = [t for t in _tasks(instance, TaskState.COMPLETED) if _is_end(t)]
    return Waiting(
        services=[_step(t) for t in started if isinstance(t.task_spec, ServiceStep)],
        people=[
            _step(t)
            for t in _tasks(instance, TaskState.READY)
            if isinstance(t.task_spec, PersonStep)
        ],
        messages=[
            t.task_spec.event_definition.name
            for t in events
            if isinstance(t.task_spec.event_definition, MessageEventDefinition)
        ],
        next_due=min((due for t in events if (due := _due(t))), default=None),
        done=instance.workflow.completed,
        end=ends[-1].task_spec.bpmn_id if ends else "",
    )


def _is_end(task: Task) -> bool:
    spec = task.task_spec
    return bool(
        task.workflow.parent_task_id is None
        and spec.__class__.__name__ == "EndEvent"
        and spec.bpmn_id
    )


def _run(instance: Instance) -> None:
    def passed(task: Task) -> None:
        if task.task_spec.bpmn_id and task.has_state(TaskState.COMPLETED):
            instance.passed.append(task.task_spec.bpmn_id)

    instance.workflow.do_engine_steps(did_complete_task=passed)


def _tasks(instance: Instance, state: int) -> Iterator[Task]:
    return iter(instance.workflow.get_tasks(state=state))


def _step(task: Task) -> Step:
    spec = task.task_spec
    return Step(str(task.id), spec.bpmn_id, spec.implementation, dict(task.data))


def _waiting_task(instance: Instance, key: str) -> Task:
    try:
        task = instance.workflow.get_task_from_id(UUID(key))
    except Exception as error:
        raise StepNotWaiting(key) from error
    if task is None or not task.has_state(TaskState.STARTED | TaskState.READY):
        raise StepNotWaiting(key)
    return task


def _due(task: Task) -> datetime | None:
    if not isinstance(task.task_spec.event_definition, TimerEventDefinition):
        return None
    value = task.internal_data.get("event_value")
    text = value["next"] if isinstance(value, dict) else value
    return TimerEventDefinition.get_datetime(text) if text else None


class StateOnlyConverter(BpmnWorkflowConverter):
    """The state of an instance without its diagram, which is stored once per version."""

    def to_dict(self, workflow: BpmnWorkflow) -> dict[str, Any]:
        state: dict[str, Any] = WorkflowConverter.to_dict(self, workflow)
        state["tasks"] = _without_forecast(state["tasks"])
        state["subprocesses"] = self.mapping_to_dict(workflow.subprocesses)
        state["bpmn_events"] = self.registry.convert(workflow.bpmn_events)
        return state

    def from_dict(self, dct: dict[str, Any], diagram: Diagram | None = None) -> BpmnWorkflow:
        if diagram is None:
            raise TypeError("a state is nothing without its diagram")
        workflow = self.target_class(diagram.spec, diagram.called, deserializing=True)
        workflow.tasks = self.mapping_from_dict(dct["tasks"], UUID, workflow=workflow)
        workflow.task_tree = workflow.tasks.get(UUID(dct["root"]))
        self.set_default_attributes(workflow, dct)
        self.subprocesses_from_dict(dct["subprocesses"], workflow)
        workflow.bpmn_events = self.registry.restore(dct.pop("bpmn_events", []))
        return workflow


def _without_forecast(tasks: dict[str, Any]) -> dict[str, Any]:
    """Drop what the library foresees beyond the next step; it foresees it again when needed."""
    foreseen = {key for key, t in tasks.items() if t["state"] & TaskState.PREDICTED_MASK}
    far = {key for key in foreseen if tasks[key]["parent"] in foreseen}
    near = {key: task for key, task in tasks.items() if key not in far}
    for key in foreseen - far:
        near[key] = {**near[key], "children": []}
    return near


def _registry() -> Any:
    registry = BpmnWorkflowSerializer.configure(
        {
            **DEFAULT_CONFIG,
            Task: SimpleTaskConverter,
            BpmnWorkflow: StateOnlyConverter,
            ServiceStep: BpmnTaskSpecConverter,
            DecisionStep: BpmnTaskSpecConverter,
            PersonStep: BpmnTaskSpecConverter,
        }
    )
    registry.register(
        date, lambda v: {"value": v.isoformat()}, lambda v: date.fromisoformat(v["value"])
    )
    registry.register(Decimal, lambda v: {"value": str(v)}, lambda v: Decimal(v["value"]))
    return registry


_REGISTRY = _registry()


def dump(instance: Instance) -> dict[str, Any]:
    state: dict[str, Any] = _REGISTRY.convert(instance.workflow)
    return state


def load(diagram: Diagram, state: dict[str, Any], scope: Scope, decide: Decide) -> Instance:
    environment = Environment(scope, decide)
    workflow = _REGISTRY.restore(dict(state), diagram=diagram)
    workflow.script_engine = PythonScriptEngine(environment)
    return Instance(workflow, environment)
