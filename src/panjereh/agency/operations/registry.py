"""The operations of service packages, by name.

    @operation("nix:civil-registry.person", system="civil-registry", title=_("..."))
    def person(asked: PersonAsked, call: Call) -> civil_registry.Person: ...

The types of `asked` and of the answer are the JSON schemas of input and output. An operation that
ends in a dot (`doc:issue.`) takes the rest of the name as its subject (`doc:issue.certificate`).
A step whose operation is missing here cannot be published.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, get_type_hints

import msgspec
from django.utils.functional import Promise

BUILT_IN = ("inquiries", "deeds")


@dataclass(frozen=True)
class Service:
    """Which service a call is made for, and what its package brings along."""

    id: str
    version: str
    texts: dict[str, dict[str, str]] = field(default_factory=dict)  # language -> key -> text


@dataclass(frozen=True)
class Call:
    """Under whose name, for which case, and as which attempt an operation is done.

    `key` is the same at every attempt of the same step, so what is done twice counts once.
    """

    service: Service
    case: str = ""
    user: str = ""
    key: str = ""
    subject: str = ""
    language: str = "fa"


Perform = Callable[[Any, Call], Any]


class InputWrong(Exception):
    """The package hands the operation something it cannot take: a fault of the package."""


@dataclass(frozen=True)
class Operation:
    name: str
    system: str
    title: Promise | str
    perform: Perform
    asked: type[msgspec.Struct]
    answer: type[Any]

    @property
    def input_schema(self) -> dict[str, Any]:
        return msgspec.json.schema(self.asked)

    @property
    def output_schema(self) -> dict[str, Any]:
        return msgspec.json.schema(self.answer)

    def ask(self, inputs: dict[str, Any]) -> Any:
        """The input as its type. The error names the place, never the value."""
        try:
            return msgspec.convert(inputs, self.asked, strict=False)
        except msgspec.ValidationError as error:
            raise InputWrong(f"{self.name}: {error}") from error

    def run(self, inputs: dict[str, Any], call: Call) -> dict[str, Any]:
        return self.plain(self.perform(self.ask(inputs), call))

    def plain(self, answer: Any) -> dict[str, Any]:
        """An answer as JSON; what is unknown is left out, so it never counts as known."""
        built: dict[str, Any] = msgspec.to_builtins(answer)
        return {name: value for name, value in built.items() if value is not None}


_operations: dict[str, Operation] = {}


def operation(name: str, *, system: str, title: Promise | str) -> Callable[[Perform], Perform]:
    def register(perform: Perform) -> Perform:
        if name in _operations:
            raise ValueError(f"the operation {name} is registered twice")
        hints = get_type_hints(perform)
        asked, answer = hints["asked"], hints["return"]
        _operations[name] = Operation(name, system, title, perform, asked, answer)
        return perform

    return register


def find(implementation: str) -> tuple[Operation, str] | None:
    """The operation of a step and its subject; None when nobody can do it."""
    known = operations()
    if implementation in known and not implementation.endswith("."):
        return known[implementation], ""
    name, dot, subject = implementation.rpartition(".")
    found = known.get(name + dot)
    return (found, subject) if found and subject else None


def operations() -> dict[str, Operation]:
    for module in BUILT_IN:
        import_module(f"panjereh.agency.operations.{module}")
    return _operations
