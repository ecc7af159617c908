"""What expressions of a package can see, the same in a form and in its process."""

import re
from collections.abc import Iterator
from typing import Any

from panjereh.agency.engine import expressions
from panjereh.agency.forms.definition import Form
from panjereh.common.text import clean

Scope = dict[str, Any]

_REFERENCE = re.compile(
    r"\b(answers|chosen|records|named)\.([a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)?)"
)
_PERSIAN_NAME = re.compile(r"^[ءآأؤئا-غف-قلمنهوپچژکگی\u200c ]+$")


def resolve(value: Any, scope: Scope) -> Any:
    """Texts that begin with `=` are expressions; everything else is itself."""
    if isinstance(value, dict):
        return {key: resolve(item, scope) for key, item in value.items()}
    if isinstance(value, list):
        return [resolve(item, scope) for item in value]
    if isinstance(value, str) and value.startswith("="):
        return expressions.evaluate(value[1:].strip(), scope)
    return value


def expressions_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from expressions_in(item)
    elif isinstance(value, str) and value.startswith("="):
        yield value[1:].strip()


def references(expression: str) -> set[tuple[str, str]]:
    """(answers, child_name), (records, mother), … that an expression reads."""
    return {(found[1], found[2]) for found in _REFERENCE.finditer(expression)}


def named(form: Form, answers: Scope) -> dict[str, Scope]:
    """Facts about each person's name among the answers, for the decision tables."""
    return {
        field.id: name_facts(str(answers[field.id]))
        for field in form.fields.values()
        if field.type == "person-name" and answers.get(field.id)
    }


def name_facts(text: str) -> Scope:
    """What a table can ask about a name. Lengths are counted here, for zen counts bytes."""
    name = clean(text)
    words = name.replace("\u200c", " ").split()
    return {
        "text": " ".join(words),
        "first_word": words[0] if words else "",
        "last_word": words[-1] if words else "",
        "length": len("".join(words)),
        "words": len(name.split()),
        "persian": bool(_PERSIAN_NAME.match(name)),
    }


def get_path(tree: Scope, path: str) -> Any:
    found: Any = tree
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def with_path(tree: Scope, path: str, value: Any) -> Scope:
    """A copy of the tree in which `path` has this value; None takes it out."""
    name, _, rest = path.partition(".")
    copy = dict(tree)
    if rest:
        inner = with_path(dict(copy.get(name) or {}), rest, value)
        copy[name] = inner
        if not inner:
            del copy[name]
    elif value is None:
        copy.pop(name, None)
    else:
        copy[name] = value
    return copy
