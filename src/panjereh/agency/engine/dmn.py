"""Read a decision table: the subset of DMN 1.3 that officials draw, with the line of every flaw.

Cells are what zen's unary tests take as they are: `< 18`, `[18..60)`, `"a","b"`, `true`, numbers,
`-`, and `not(...)` of a list. Functions and literal expressions are outside the subset: a table
has to be readable by the official who answers for it.
"""

import re
from dataclasses import dataclass
from typing import Any

from lxml import etree

DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"
HIT_POLICIES = ("FIRST", "UNIQUE", "ANY")

_LITERAL = r'(?:"[^"\\]*"|-?\d+(?:\.\d+)?|true|false|null)'
_LIST = re.compile(rf"^{_LITERAL}(?:\s*,\s*{_LITERAL})*$")
_NOT = re.compile(rf"^not\(\s*({_LITERAL}(?:\s*,\s*{_LITERAL})*)\s*\)$")
_COMPARISON = re.compile(r"^(?:<=|>=|<|>)\s*-?\d+(?:\.\d+)?$")
_INTERVAL = re.compile(r"^([\[\](])\s*(-?\d+(?:\.\d+)?)\s*\.\.\s*(-?\d+(?:\.\d+)?)\s*([\[\])])$")
_PATH = re.compile(r"^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*$")
_OUTPUT = re.compile(rf"^{_LITERAL}$")


class TableRefused(Exception):
    """The table is outside the subset; `line` is where."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message, self.line = message, line


@dataclass(frozen=True)
class Column:
    label: str
    path: str
    type: str
    allowed: tuple[str, ...]  # literals, where the official listed all values


@dataclass(frozen=True)
class Row:
    id: str
    description: str
    tests: tuple[str, ...]  # zen's form
    outputs: tuple[str, ...]
    annotations: dict[str, str]
    line: int


@dataclass(frozen=True)
class Table:
    name: str
    title: str
    hit_policy: str
    inputs: tuple[Column, ...]
    outputs: tuple[str, ...]
    rows: tuple[Row, ...]
    line: int


def read(xml: str) -> Table:
    root = _parsed(xml)
    decisions = root.findall(_tag("decision"))
    if len(decisions) != 1:
        raise TableRefused("a file holds exactly one decision", root.sourceline or 1)
    decision = decisions[0]
    tables = decision.findall(_tag("decisionTable"))
    if len(tables) != 1:
        raise TableRefused("a decision is one decision table", decision.sourceline)
    return _table(decision, tables[0])


def _parsed(xml: str) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
    try:
        root = etree.fromstring(xml.encode(), parser)
    except etree.XMLSyntaxError as error:
        raise TableRefused(f"not XML: {error.msg}", error.lineno or 1) from error
    if root.tag != _tag("definitions"):
        raise TableRefused("not a DMN 1.3 file", root.sourceline or 1)
    return root


def _table(decision: Any, table: Any) -> Table:
    policy = table.get("hitPolicy", "UNIQUE")
    if policy not in HIT_POLICIES:
        raise TableRefused(
            f"hit policy {policy} is outside the subset ({', '.join(HIT_POLICIES)})",
            table.sourceline,
        )
    inputs = tuple(_column(node) for node in table.findall(_tag("input")))
    outputs = tuple(node.get("name", "") for node in table.findall(_tag("output")))
    notes = [node.get("name", "") for node in table.findall(_tag("annotation"))]
    rows = tuple(_row(node, inputs, outputs, notes) for node in table.findall(_tag("rule")))
    name = decision.get("id", "")
    title = decision.get("name", "")
    return Table(name, title, policy, inputs, outputs, rows, table.sourceline)


def _column(node: Any) -> Column:
    expression = node.find(_tag("inputExpression"))
    path = _text(expression)
    if not _PATH.match(path):
        raise TableRefused(f"the input {path!r} is not the name of a fact", node.sourceline)
    listed = _text(node.find(_tag("inputValues")))
    if listed and not _LIST.match(listed):
        raise TableRefused(f"the allowed values {listed!r} are not a list", node.sourceline)
    allowed = tuple(re.findall(_LITERAL, listed))
    kind = expression.get("typeRef", "string") if expression is not None else "string"
    return Column(node.get("label", path), path, kind, allowed)


def _row(node: Any, inputs: tuple[Column, ...], outputs: tuple[str, ...], notes: list[str]) -> Row:
    line = node.sourceline
    cells = [_text(cell) for cell in node.findall(_tag("inputEntry"))]
    results = [_text(cell) for cell in node.findall(_tag("outputEntry"))]
    remarks = [_text(cell) for cell in node.findall(_tag("annotationEntry"))]
    if not node.get("id"):
        raise TableRefused("a row has no id", line)
    if len(cells) != len(inputs) or len(results) != len(outputs):
        raise TableRefused(f"row {node.get('id')} has not one cell per column", line)
    tests = tuple(_test(cell, node, column) for cell, column in zip(cells, inputs, strict=True))
    for result in results:
        if result and not _OUTPUT.match(result):
            raise TableRefused(f"row {node.get('id')}: {result!r} is not a plain value", line)
    return Row(
        id=node.get("id"),
        description=_text(node.find(_tag("description"))),
        tests=tests,
        outputs=tuple(results),
        annotations=dict(zip(notes, remarks, strict=False)),
        line=line,
    )


def _test(cell: str, row: Any, column: Column) -> str:
    if cell in {"", "-"}:
        return ""
    if _LIST.match(cell) or _COMPARISON.match(cell):
        return cell
    if refused := _NOT.match(cell):
        return f"$ not in [{refused[1]}]"
    if interval := _INTERVAL.match(cell):
        return _interval(interval)
    where = f"row {row.get('id')}, column {column.label}"
    raise TableRefused(f"{where}: {cell!r} is outside the subset", row.sourceline)


def _interval(found: re.Match[str]) -> str:
    """FEEL writes an open end as ]a..b[ or (a..b); zen knows the second."""
    opening = "[" if found[1] == "[" else "("
    closing = "]" if found[4] == "]" else ")"
    return f"{opening}{found[2]}..{found[3]}{closing}"


def _text(node: Any) -> str:
    if node is None:
        return ""
    inner = node.find(_tag("text"))
    return ((inner.text if inner is not None else node.text) or "").strip()


def _tag(name: str) -> str:
    return f"{{{DMN}}}{name}"
