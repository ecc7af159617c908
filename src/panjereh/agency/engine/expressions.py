"""The only place where an expression from a service package is evaluated: by zen, never as Python.

zen has no ceiling of its own (a range of fifty million entries takes half a minute and 2 GB), so
`flaws` is asked before anything is published.
"""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import zen

MAX_LENGTH = 400
MAX_RANGE = 1000

# Timers pass through `evaluate` too, and P30D would be an unknown variable to zen: it stays text.
ISO_DURATION = r"P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?"
_ISO_MOMENT = r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?"
_ISO = re.compile(
    rf"^({ISO_DURATION}|{_ISO_MOMENT}|R\d*/({ISO_DURATION}|{_ISO_MOMENT}/{ISO_DURATION}))$"
)

_RANGE = re.compile(r"[\[(\]]\s*([^\[\](),]*?)\s*\.\.\s*([^\[\](),]*?)\s*[\])\[]")
_INTEGER = re.compile(r"^-?\d{1,9}$")


class ExpressionFailed(Exception):
    """An expression could not be evaluated; the text names the expression, never its data."""


def is_iso_time(text: str) -> bool:
    return bool(_ISO.match(text.strip()))


def evaluate(expression: str, scope: dict[str, Any]) -> Any:
    if is_iso_time(expression):
        return expression.strip()
    try:
        return zen.evaluate_expression(expression, plain(scope))
    except (RuntimeError, ValueError) as error:
        raise ExpressionFailed(f"cannot evaluate {expression!r}") from error


def flaws(expression: str) -> list[str]:
    """What forbids this expression in a published package; empty when nothing does."""
    if is_iso_time(expression):
        return []
    if len(expression) > MAX_LENGTH:
        return [f"longer than {MAX_LENGTH} characters"]
    if wrong := zen.validate_expression(expression):
        return [f"not an expression: {wrong['source']}"]
    return [
        f"the range {found[0]} may hold more than {MAX_RANGE} values"
        for found in _RANGE.finditer(expression)
        if not _small(found[1], found[2])
    ]


def _small(low: str, high: str) -> bool:
    """Only ranges of plain numbers can be judged before they run."""
    if not (_INTEGER.match(low) and _INTEGER.match(high)):
        return False
    return 0 <= int(high) - int(low) <= MAX_RANGE


def plain(value: Any) -> Any:
    """A value as JSON knows it: dates as ISO text, decimals as numbers."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, date | datetime):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value
