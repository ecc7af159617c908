"""Promises of the house that a look at the source can keep."""

import ast
import re
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "panjereh"
PYTHON = [p for p in SOURCE.rglob("*.py") if "migrations" not in p.parts]
TEMPLATES = list(SOURCE.rglob("templates/**/*.html"))
LONGEST_FILE = 400


def _events(pattern: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in PYTHON:
        for name in re.findall(pattern, path.read_text()):
            found.setdefault(name, []).append(str(path.relative_to(SOURCE)))
    return found


def test_no_file_has_grown_a_second_purpose() -> None:
    long = {str(p): n for p in PYTHON if (n := len(p.read_text().splitlines())) > LONGEST_FILE}
    assert not long


def test_every_event_somebody_waits_for_is_emitted_by_somebody() -> None:
    emitted = _events(r'emit\(\s*"([a-z.-]+)"')
    awaited = _events(r'@handles\("([a-z.-]+)"\)')
    assert awaited, "the floors hear one another"
    assert set(awaited) <= set(emitted)


def test_an_event_has_three_parts() -> None:
    for name in _events(r'emit\(\s*"([a-z.-]+)"'):
        assert name.count(".") == 2, name


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_a_page_carries_no_script_style_or_foreign_host(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=\"", text)
    assert not re.search(r"(?:src|href)=\"https?://", text)


def test_no_log_line_is_given_a_person() -> None:
    """Names of values that must not be logged; the suites also look for a sample person."""
    private = {"national_id", "mobile", "birth_date", "code", "text", "body"}
    for path in PYTHON:
        for node in ast.walk(ast.parse(path.read_text())):
            if _is_log_call(node):
                names = {n.id for a in node.args for n in ast.walk(a) if isinstance(n, ast.Name)}
                assert not names & private, f"{path}:{node.lineno}"


def _is_log_call(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"log", "logger"}
    )
