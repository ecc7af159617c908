"""Check data against a JSON schema and say which fields are wrong, never what they held."""

import unicodedata
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import SchemaError, ValidationError
from referencing import Registry

# An empty registry: a schema that points to the network is refused, not fetched.
_NOWHERE: Registry[Any] = Registry()
_FORMATS = FormatChecker(["date", "time", "email", "idn-email", "ipv4", "regex"])


def schema_flaw(schema: dict[str, Any]) -> str:
    """What is wrong with the schema itself; empty when it is sound."""
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        return str(error.message)
    outside = sorted({r for r in _references(schema) if not r.startswith("#")})
    return f"the schema points outside itself: {', '.join(outside)}" if outside else ""


def wrong_fields(schema: dict[str, Any], value: Any) -> list[str]:
    """Paths of the fields that miss the schema (`child.birth_date`), sorted; values stay unsaid."""
    validator = Draft202012Validator(schema, registry=_NOWHERE, format_checker=_FORMATS)
    wrong = {path for error in validator.iter_errors(value) for path in _paths(error)}
    return sorted(wrong | set(_unprintable(value, "")))


def printable(text: str) -> bool:
    """Whether a text has only what can be stored and printed: line breaks and tabs, no controls."""
    return all(c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"} for c in text)


def _unprintable(value: Any, path: str) -> Iterator[str]:
    """Control characters are in no schema's pattern, and neither stored nor printed."""
    if isinstance(value, str) and not printable(value):
        yield path or "(all)"
    inside = enumerate(value) if isinstance(value, list) else ()
    for name, inner in value.items() if isinstance(value, dict) else inside:
        yield from _unprintable(inner, f"{path}.{name}".strip("."))


def _paths(error: ValidationError) -> Iterator[str]:
    here = ".".join(str(part) for part in error.absolute_path)
    if error.validator == "required":
        missing = [n for n in error.validator_value if n not in error.instance]
        yield from (f"{here}.{name}" if here else name for name in missing)
    elif error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        unknown = [name for name in error.instance if name not in known]
        yield from (f"{here}.{name}" if here else name for name in unknown)
    else:
        yield here or "(all)"


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)
