"""Texts of a package: dotted keys per language, with {named} places to fill."""

import re
from collections.abc import Mapping
from typing import Any

LANGUAGES = ("fa", "en")

_PLACE = re.compile(r"\{([a-z_]+)\}")
_ISOLATE, _POP = "\u2066", "\u2069"


def flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in tree.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            found |= flat(value, f"{name}.")
        else:
            found[name] = str(value if value is not None else "")
    return found


def places(text: str) -> set[str]:
    return set(_PLACE.findall(text))


def fill(text: str, values: Mapping[str, str], language: str) -> str:
    """Plain text, as for an SMS. Inside Persian every value is isolated, for the bidi algorithm
    swaps the halves of 1405-8812.

    Only names are looked up; a text cannot reach into objects as `str.format` could.
    """

    def put(found: re.Match[str]) -> str:
        value = str(values.get(found[1], ""))
        return f"{_ISOLATE}{value}{_POP}" if language == "fa" else value

    return _PLACE.sub(put, text)
