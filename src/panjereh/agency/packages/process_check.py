"""The process: inside the subset, every step known and given what it needs, every end named."""

from collections.abc import Iterator

import msgspec

from panjereh.agency.engine import diagram, expressions
from panjereh.agency.engine.diagram import Element
from panjereh.agency.forms import scope as scopes
from panjereh.agency.operations import registry
from panjereh.agency.packages import located
from panjereh.agency.packages.findings import Finding
from panjereh.agency.packages.model import PROCESS, STEPS, Package

ENDS = ("delivered", "refused")


def check(package: Package) -> Iterator[Finding]:
    xml = package.files[PROCESS]
    flaws = diagram.flaws(xml, known=lambda kind, name: _known(package, kind, name))
    yield from (Finding(PROCESS, flaw.line, flaw.key, flaw.message) for flaw in flaws)
    if not flaws:
        yield from _steps(package, diagram.elements(xml))


def _known(package: Package, kind: str, implementation: str) -> bool:
    prefix, _, name = implementation.partition(":")
    if kind == "businessRuleTask":
        return prefix == "decision" and name in package.tables
    if kind == "userTask":
        return prefix == "form" and all(
            page in package.form.page_of for page in package.form.pages_for(name)
        )
    return registry.find(implementation) is not None


def _steps(package: Package, elements: list[Element]) -> Iterator[Finding]:
    steps = located.read(STEPS, package.files[STEPS])
    services = {e.id: e for e in elements if e.kind in {"serviceTask", "sendTask"}}
    ends = {e.id for e in elements if e.kind == "endEvent"}
    for name in sorted(set(package.steps.steps) - set(services)):
        yield steps.finding(f"steps.{name}", "the diagram has no such step")
    for element in services.values():
        yield from _inputs(package, steps, element)
    for name in sorted(ends ^ set(package.steps.ends)):
        yield steps.finding("ends", f"the end {name} is not in both diagram and steps.yaml")
    for name, state in package.steps.ends.items():
        if state not in ENDS:
            yield steps.finding(f"ends.{name}", f"an end is one of {', '.join(ENDS)}")
    if package.steps.decision not in package.tables:
        yield steps.finding("decision", f"there is no table {package.steps.decision!r}")


def _inputs(package: Package, steps: located.Located, element: Element) -> Iterator[Finding]:
    path = f"steps.{element.id}"
    described = package.steps.steps.get(element.id)
    given = set(described.inputs) if described else set()
    found = registry.find(element.implementation)
    if found is None:
        return
    fields = {f.encode_name: f for f in msgspec.structs.fields(found[0].asked)}
    needed = {name for name, f in fields.items() if f.required}
    for name in sorted(needed - given):
        yield steps.finding(path, f"{element.implementation} needs {name!r}")
    for name in sorted(given - set(fields)):
        yield steps.finding(path, f"{element.implementation} takes no {name!r}")
    for text in scopes.expressions_in(described.inputs if described else {}):
        yield from (steps.finding(path, flaw) for flaw in expressions.flaws(text))
