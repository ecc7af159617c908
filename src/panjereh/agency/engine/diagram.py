"""The allowed subset of BPMN 2.0, and a diagram made ready to run.

Plain BPMN without vendor extensions, so any tool opens it. The standard attribute
`implementation` names the operation of a step.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from panjereh.agency.engine import expressions

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
_DRAWING = (
    "http://www.omg.org/spec/BPMN/20100524/DI",
    "http://www.omg.org/spec/DD/20100524/DC",
    "http://www.omg.org/spec/DD/20100524/DI",
)
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_PERSIAN = re.compile(r"[\u0600-\u06FF]")

STEPS = ("serviceTask", "sendTask", "businessRuleTask", "userTask")
_NAMED = (*STEPS, "receiveTask", "startEvent", "endEvent", "exclusiveGateway", "callActivity")
_ALLOWED = {
    "definitions", "process", "laneSet", "lane", "flowNodeRef", "documentation", "textAnnotation",
    "association", "text", "incoming", "outgoing", "sequenceFlow", "conditionExpression",
    "startEvent", "endEvent", "parallelGateway", "eventBasedGateway", "intermediateCatchEvent",
    "boundaryEvent", "timerEventDefinition", "messageEventDefinition", "errorEventDefinition",
    "timeDate", "timeDuration", "timeCycle", "message", "error", *_NAMED,
}  # fmt: skip


class DiagramRefused(Exception):
    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message, self.line = message, line


@dataclass(frozen=True)
class Element:
    id: str
    kind: str
    name: str
    implementation: str
    line: int


@dataclass(frozen=True)
class Flaw:
    line: int
    key: str
    message: str


def parsed(xml: str) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
    try:
        return etree.fromstring(xml.encode(), parser)
    except etree.XMLSyntaxError as error:
        raise DiagramRefused(f"not XML: {error.msg}", error.lineno or 1) from error


def elements(xml: str) -> list[Element]:
    """Every step and event of the diagram that has an id."""
    return [
        Element(
            id=node.get("id", ""),
            kind=_local(node),
            name=node.get("name", ""),
            implementation=node.get("implementation", ""),
            line=node.sourceline,
        )
        for node in parsed(xml).iter(f"{{{BPMN}}}*")
        if node.get("id")
    ]


def conditions(xml: str) -> list[tuple[int, str]]:
    return [
        (node.sourceline, (node.text or "").strip())
        for node in parsed(xml).iter(f"{{{BPMN}}}conditionExpression")
    ]


def flaws(xml: str, *, known: Callable[[str, str], bool]) -> list[Flaw]:
    """What forbids this diagram. `known(kind, implementation)`: can somebody do this step?"""
    try:
        root = parsed(xml)
    except DiagramRefused as error:
        return [Flaw(error.line, "", error.message)]
    found = [flaw for node in root.iter(etree.Element) for flaw in _node(node, root, known)]
    return found + list(_shape(root))


def _node(node: Any, root: Any, known: Callable[[str, str], bool]) -> Iterator[Flaw]:
    space, local = etree.QName(node).namespace, _local(node)
    key = node.get("id", local)
    if space in _DRAWING:
        return
    if space != BPMN:
        yield Flaw(node.sourceline, key, f"vendor extension {local} is not plain BPMN")
        return
    if local not in _ALLOWED:
        yield Flaw(node.sourceline, key, f"{local} is outside the allowed subset")
        return
    for name in node.attrib:
        if etree.QName(name).namespace not in {None, _XSI}:
            yield Flaw(node.sourceline, key, f"vendor attribute {etree.QName(name).localname}")
    if local in _NAMED and not _PERSIAN.search(node.get("name", "")):
        yield Flaw(node.sourceline, key, "has no Persian name")
    for check in (_step, _gateway, _condition, _time, _call):
        yield from (Flaw(node.sourceline, key, text) for text in check(node, root, known))


def _step(node: Any, root: Any, known: Callable[[str, str], bool]) -> Iterator[str]:
    kind, implementation = _local(node), node.get("implementation", "")
    if kind not in STEPS:
        return
    if not known(kind, implementation):
        yield f"the operation {implementation!r} is not known for a {kind}"
    if kind == "userTask" and not _has_deadline(node, root):
        yield "a person's step needs a deadline (a boundary timer)"


def _has_deadline(node: Any, root: Any) -> bool:
    attached = root.iterfind(f".//{{{BPMN}}}boundaryEvent[@attachedToRef='{node.get('id')}']")
    return any(event.find(f"{{{BPMN}}}timerEventDefinition") is not None for event in attached)


def _gateway(node: Any, root: Any, known: Any) -> Iterator[str]:
    if _local(node) != "exclusiveGateway":
        return
    outgoing = root.findall(f".//{{{BPMN}}}sequenceFlow[@sourceRef='{node.get('id')}']")
    if len(outgoing) < 2:
        return
    default = node.get("default")
    if default not in {flow.get("id") for flow in outgoing}:
        yield "a gateway needs a default flow"
    for flow in outgoing:
        if flow.get("id") != default and flow.find(f"{{{BPMN}}}conditionExpression") is None:
            yield f"the flow {flow.get('id')} has no condition"


def _condition(node: Any, root: Any, known: Any) -> Iterator[str]:
    if _local(node) != "conditionExpression":
        return
    if node.get("language"):
        yield "a condition is written in the house's own expressions; leave `language` out"
    yield from expressions.flaws((node.text or "").strip())


def _time(node: Any, root: Any, known: Any) -> Iterator[str]:
    if _local(node) not in {"timeDate", "timeDuration", "timeCycle"}:
        return
    text = (node.text or "").strip()
    if not expressions.is_iso_time(text):
        yield f"{text!r} is not an ISO 8601 time or duration"


def _call(node: Any, root: Any, known: Any) -> Iterator[str]:
    if _local(node) != "callActivity":
        return
    called = root.find(f"{{{BPMN}}}process[@id='{node.get('calledElement', '')}']")
    if called is None:
        yield "calls a process that is not in this file"
    elif called.find(f".//{{{BPMN}}}callActivity") is not None:
        yield "calls a process that calls another; one level is allowed"


def _shape(root: Any) -> Iterator[Flaw]:
    processes = root.findall(f"{{{BPMN}}}process")
    executable = [p for p in processes if p.get("isExecutable") == "true"]
    if len(executable) != 1:
        yield Flaw(root.sourceline or 1, "process", "exactly one process must be executable")
    seen: set[str] = set()
    for node in root.iter(f"{{{BPMN}}}*"):
        identity = node.get("id")
        if identity in seen:
            yield Flaw(node.sourceline, identity, "this id is used twice")
        seen.add(identity) if identity else None


def _local(node: Any) -> str:
    return str(etree.QName(node).localname)
