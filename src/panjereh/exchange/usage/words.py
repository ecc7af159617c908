"""Data items in words, from data/items.yaml: a person reads no JSON pointers (PRV-02, PRV-03)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from panjereh.exchange.gateway.fields import parse_pointer
from panjereh.exchange.models import Grant

Names = Mapping[str, str]  # language -> text
NOTHING = "none"
OTHER = "other"
_DATA = Path(__file__).parent / "data" / "items.yaml"


@dataclass(frozen=True)
class Told:
    """Items about one person: the one asked about, or, with `of`, a relative."""

    of: Names | None
    items: list[Names] = field(default_factory=list)


def pointers_of(grant: Grant) -> list[str]:
    """What came back under it; of an attestation only yes or no, but about these items."""
    if grant.attestation:
        return [claim["pointer"] for claim in grant.attestation]
    return list(grant.data_items)


def told(pointers: Iterable[str], named: Mapping[str, Names] | None = None) -> list[Told]:
    """What was told under a grant, the person's own data first; empty when no datum was.

    `named` has the provider's own names of items, by pointer, for those without a word here.
    """
    found: dict[str, Told] = {}
    for pointer in pointers:
        parts = parse_pointer(pointer)
        item = _item(parts, (named or {}).get(pointer))
        if item["kind"] == NOTHING:
            continue
        relative = next((part for part in parts[:-1] if part in _words()["of"]), "")
        group = found.setdefault(relative, Told(_words()["of"].get(relative)))
        group.items.append({"fa": item["fa"], "en": item["en"]})
    return sorted(found.values(), key=lambda group: group.of is not None)


def kinds(pointers: Iterable[str]) -> list[str]:
    """Kinds of the data behind the pointers, each once; relatives' data are of the family."""
    found = dict.fromkeys(_kind(parse_pointer(pointer)) for pointer in pointers)
    return [kind for kind in found if kind != NOTHING]


def kinds_in_order() -> list[str]:
    return list(_words()["kinds"])


def kind_name(kind: str) -> Names:
    named: Names = _words()["kinds"][kind]
    return named


def _kind(parts: Iterable[str]) -> str:
    parts = list(parts)
    return "family" if any(p in _words()["of"] for p in parts[:-1]) else str(_item(parts)["kind"])


def _item(parts: list[str], named: Names | None = None) -> dict[str, str]:
    """An item nobody has named yet is told by its code, rather than not at all."""
    plain = parts[-1].replace("_", " ") if parts else "everything"
    unnamed = {"fa": plain, "en": plain, "kind": OTHER, **(named or {})}
    return _known(parts) or unnamed


def unknown(pointers: Iterable[str]) -> bool:
    """Whether any has no word here."""
    return any(_known(parse_pointer(pointer)) is None for pointer in pointers)


def _known(parts: list[str]) -> dict[str, str] | None:
    known: dict[str, dict[str, str]] = _words()["items"]
    return known.get("/".join(parts[-2:])) or known.get(parts[-1] if parts else "")


@lru_cache
def _words() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(_DATA.read_text(encoding="utf-8"))
    return loaded
