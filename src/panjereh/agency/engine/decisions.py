"""Decide by a table: zen evaluates it; the row that matched is the reason we show (SMT-09)."""

import json
from dataclasses import asdict, dataclass
from typing import Any

import zen

from panjereh.agency.engine.dmn import Column, Row, Table
from panjereh.agency.engine.expressions import plain


class NoRowMatched(Exception):
    """The table says nothing about these facts; nobody is refused by silence."""


@dataclass(frozen=True)
class Decision:
    """What was decided, by which row, under which law, on which facts."""

    table: str
    row: str
    outputs: dict[str, Any]
    law: str
    facts: dict[str, Any]

    def record(self) -> dict[str, Any]:
        return asdict(self)


class DecisionTable:
    """A table made ready; safe to share between threads."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self._rows = {row.id: row for row in table.rows}
        self._zen = zen.ZenEngine().create_decision(json.dumps(to_zen(table)))

    def decide(self, scope: dict[str, Any]) -> Decision:
        facts = {column.path: fact(scope, column.path) for column in self.table.inputs}
        answer = self._zen.evaluate({"facts": plain(list(facts.values()))}, {"trace": True})
        matched = (answer["trace"]["table"]["traceData"] or {}).get("rule")
        if not matched:
            raise NoRowMatched(self.table.name)
        row = self._rows[matched["_id"]]
        return Decision(
            table=self.table.name,
            row=row.id,
            outputs={name: answer["result"].get(name) for name in self.table.outputs},
            law=row.annotations.get("law", ""),
            facts=plain(facts),
        )


def fact(scope: dict[str, Any], path: str) -> Any:
    """The value at a dotted path; what is absent is null."""
    found: Any = scope
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def to_zen(table: Table) -> dict[str, Any]:
    """The decision as zen's JSON. Only the facts of its own columns are handed to a table."""
    content = {
        "hitPolicy": "first",
        "inputs": [_input(number, c) for number, c in enumerate(table.inputs)],
        "outputs": [
            {"id": f"out{number}", "name": name, "field": name}
            for number, name in enumerate(table.outputs)
        ],
        "rules": [_rule(row) for row in table.rows],
        "executionMode": "single",
    }
    nodes = [
        {"id": "in", "name": "in", "type": "inputNode"},
        {"id": "table", "name": "table", "type": "decisionTableNode", "content": content},
        {"id": "out", "name": "out", "type": "outputNode"},
    ]
    edges = [
        {"id": "a", "sourceId": "in", "targetId": "table", "type": "edge"},
        {"id": "b", "sourceId": "table", "targetId": "out", "type": "edge"},
    ]
    return {"contentType": "application/vnd.gorules.decision", "nodes": nodes, "edges": edges}


def _input(number: int, column: Column) -> dict[str, str]:
    return {"id": f"in{number}", "name": column.label, "field": f"facts[{number}]"}


def _rule(row: Row) -> dict[str, str]:
    tests = {f"in{number}": test for number, test in enumerate(row.tests)}
    outputs = {f"out{number}": value for number, value in enumerate(row.outputs)}
    return {"_id": row.id, "_description": row.description} | tests | outputs
