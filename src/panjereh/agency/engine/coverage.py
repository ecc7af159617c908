"""Prove that a table says something about every case, and no two things where it may say only one.

Every column falls into groups of values that no row can tell apart; one value of each group is
tried in every combination, by zen itself. So the proof is about what will run.
"""

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

import zen

from panjereh.agency.engine.dmn import Column, Table

MAX_COMBINATIONS = 200_000

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_STRING = re.compile(r'"([^"\\]*)"')
_OTHER = "\u2063another value\u2063"

Signature = tuple[bool, ...]


def flaws(table: Table) -> list[tuple[int, str]]:
    """(line, what is wrong); empty when the table is total and, where it must be, unambiguous."""
    columns = [_groups(table, number) for number in range(len(table.inputs))]
    combinations = 1
    for column in columns:
        combinations *= len(column)
    if combinations > MAX_COMBINATIONS:
        return [(table.line, "the table has too many combinations to be checked; split it")]
    return list(_wrong(table, columns))


def _wrong(table: Table, columns: list[dict[Signature, Any]]) -> Iterator[tuple[int, str]]:
    reached: set[int] = set()
    overlaps: set[tuple[int, int]] = set()
    gap = False
    for combination in itertools.product(*[list(column.items()) for column in columns]):
        signatures = [signature for signature, _ in combination]
        rows = [n for n in range(len(table.rows)) if all(s[n] for s in signatures)]
        if not rows and not gap:
            gap = True
            yield table.line, "no row says what happens when " + _example(table, combination)
        reached.update(rows[:1] if table.hit_policy == "FIRST" else rows)
        overlaps.update(itertools.combinations(rows, 2))
    yield from _ambiguous(table, overlaps)
    for number in sorted(set(range(len(table.rows))) - reached):
        yield table.rows[number].line, f"row {table.rows[number].id} can never decide"


def _ambiguous(table: Table, overlaps: set[tuple[int, int]]) -> Iterator[tuple[int, str]]:
    for first, second in sorted(overlaps):
        one, other = table.rows[first], table.rows[second]
        same = table.hit_policy == "ANY" and one.outputs == other.outputs
        if table.hit_policy != "FIRST" and not same:
            yield other.line, f"rows {one.id} and {other.id} both decide the same case"


def _example(table: Table, combination: tuple[tuple[Signature, Any], ...]) -> str:
    values = [value for _, value in combination]
    return ", ".join(
        f"{column.label} is {_spelled(value)}"
        for column, value in zip(table.inputs, values, strict=True)
    )


def _spelled(value: Any) -> str:
    return "something else" if value == _OTHER else json.dumps(value, ensure_ascii=False)


def _groups(table: Table, number: int) -> dict[Signature, Any]:
    """One value for each way the rows can answer in this column."""
    tests = [row.tests[number] for row in table.rows]
    groups: dict[Signature, Any] = {}
    for value in _values(table.inputs[number], tests):
        signature = tuple(not test or _holds(test, value) for test in tests)
        groups.setdefault(signature, value)
    return groups


def _holds(test: str, value: Any) -> bool:
    try:
        return bool(zen.evaluate_unary_expression(test, {"$": value}))
    except RuntimeError:
        return False  # a comparison with a value of another kind


def _values(column: Column, tests: list[str]) -> list[Any]:
    if column.type == "boolean":
        return [True, False]
    if column.allowed:
        return [json.loads(literal) for literal in column.allowed]
    if column.type in {"number", "integer", "long", "double"}:
        return _numbers(tests)
    named = [text for test in tests for text in _STRING.findall(test)]
    return [*dict.fromkeys(named), _OTHER]


def _numbers(tests: list[str]) -> list[Any]:
    """Each named number, one between every two, and one beyond either end."""
    named = sorted({float(n) for test in tests for n in _NUMBER.findall(test)}) or [0.0]
    between = [(a + b) / 2 for a, b in itertools.pairwise(named)]
    return [named[0] - 1, *named, *between, named[-1] + 1]
