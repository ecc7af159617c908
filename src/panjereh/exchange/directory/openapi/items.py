"""Inputs and outputs of a service, out of the schemas of its bodies.

Places are those of grants: JSON pointers with arrays transparent. Names come from `x-name-fa` and
`x-name-en` beside a property, else from the core vocabulary; an item without both is a flaw, for
a grant names items and people have to know what they mean.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from panjereh.exchange.directory.egif.values import TYPES, ValueType
from panjereh.exchange.directory.egif.vocabulary import Term, vocabulary
from panjereh.exchange.directory.openapi.checking import facts_of, target
from panjereh.exchange.directory.openapi.flaws import Flaw, Path, pointer
from panjereh.exchange.directory.openapi.reading import Document

MAX_ITEMS = 300
Tree = dict[str, Any]


@dataclass(frozen=True)
class ItemFacts:
    """As in the model of the same name."""

    direction: str
    place: str
    name_fa: str
    name_en: str
    type: str
    required: bool
    subject: bool = False
    meaning_fa: str = ""
    meaning_en: str = ""

    @property
    def name(self) -> dict[str, str]:
        return {"fa": self.name_fa, "en": self.name_en}

    @property
    def meaning(self) -> dict[str, str]:
        return {"fa": self.meaning_fa, "en": self.meaning_en}


@dataclass(frozen=True)
class _Place:
    """Where the walk stands: in the answer, in the file, and under which names."""

    names: tuple[str, ...] = ()
    path: Path = ()
    fa: tuple[str, ...] = ()
    en: tuple[str, ...] = ()
    required: bool = True
    inside: tuple[str, ...] = ()  # references on the way here: a schema may contain itself


@dataclass
class Items:
    """Collects items and flaws of one service."""

    document: Document
    found: dict[tuple[str, str], ItemFacts] = field(default_factory=dict)
    flaws: list[Flaw] = field(default_factory=list)

    def add_body(self, direction: str, schema: Any, path: Path) -> None:
        self._walk(direction, schema, _Place(path=path))
        if direction == "out" and not any(_objects(self.document.tree, schema, path, ())):
            self._blame(
                path,
                _("The answer is not an object with named members."),
                _("Answer with an object, so that a grant can name its items."),
            )

    def add_parameter(self, parameter: Mapping[str, Any], path: Path) -> None:
        """One of the query; those of the path are part of the endpoint."""
        name, schema = str(parameter.get("name", "")), parameter.get("schema", {})
        facts = facts_of(self.document.tree, schema)
        described = {**facts, **{k: v for k, v in parameter.items() if k.startswith("x-")}}
        if parameter.get("in") == "path":
            self._refuse_person_in_path(name, described, path)
            return
        item = self._facts("in", name, described, _Place((), path, required=False), f"?{name}")
        if item:
            required = bool(parameter.get("required"))
            self._keep(replace(item, required=required), path)

    def _walk(self, direction: str, schema: Any, at: _Place) -> None:
        for branch in _objects(self.document.tree, schema, at.path, at.inside):
            below = replace(at, path=branch.path, inside=branch.inside)
            self._members(direction, branch.facts, below)

    def _members(self, direction: str, schema: dict[str, Any], at: _Place) -> None:
        always = schema.get("required") or []
        for name, member in schema["properties"].items():
            path = (*at.path, "properties", name)
            below = self._named(name, member, at, path, required=at.required and name in always)
            if below is None:
                continue
            if any(_objects(self.document.tree, member, path, at.inside)):
                self._walk(direction, member, below)
            else:
                facts = facts_of(self.document.tree, member)
                self._leaf(direction, name, {**_first(self.document.tree, member), **facts}, below)

    def _named(
        self, name: str, member: Any, at: _Place, path: Path, *, required: bool
    ) -> _Place | None:
        facts = {**facts_of(self.document.tree, member), **_own(member)}
        fa, en = names_of(name, facts)
        if not (fa and en):
            lacking = "x-name-fa" if not fa else "x-name-en"
            self._blame(
                path,
                _("“%(name)s” has no name that people can read.") % {"name": name},
                _("Add “%(lacking)s” beside its type.") % {"lacking": lacking},
            )
            return None
        return _Place((*at.names, name), path, (*at.fa, fa), (*at.en, en), required, at.inside)

    def _leaf(self, direction: str, name: str, facts: dict[str, Any], at: _Place) -> None:
        item = self._facts(direction, name, facts, at, pointer(at.names))
        if item:
            self._keep(item, at.path)

    def _facts(
        self, direction: str, name: str, facts: dict[str, Any], at: _Place, place: str
    ) -> ItemFacts | None:
        fa, en = (at.fa[-1], at.en[-1]) if at.fa else names_of(name, facts)
        if not (fa and en):
            self._blame(
                at.path,
                _("“%(name)s” has no name that people can read.") % {"name": name},
                _("Add “%(lacking)s” beside its type.") % {"lacking": "x-name-fa, x-name-en"},
            )
            return None
        value = value_type(name, facts)
        if value and not _fits(value, facts):
            self._blame(
                at.path,
                _("“%(name)s” has another type than in the framework.") % {"name": name},
                _("It is a %(type)s (%(json)s).") % {"type": value.name, "json": value.json_type},
            )
            return None
        return ItemFacts(
            direction=direction,
            place=place,
            name_fa="، ".join([*at.fa[:-1], fa])[:120],
            name_en=", ".join([*at.en[:-1], en])[:120],
            type=value.name if value else _json_type(facts),
            required=at.required,
            subject=direction == "in" and _is_subject(value, facts),
            meaning_fa=str(facts.get("x-meaning-fa", ""))[:500],
            meaning_en=str(facts.get("description") or "")[:500],
        )

    def _keep(self, item: ItemFacts, path: Path) -> None:
        if len(self.found) == MAX_ITEMS:
            self._blame(
                path,
                _("The service has too many items."),
                _("Split it into services that are asked for one purpose each."),
            )
        self.found.setdefault((item.direction, item.place), item)

    def _refuse_person_in_path(self, name: str, facts: Mapping[str, Any], path: Path) -> None:
        """A path is written into many logs on its way."""
        if _is_subject(value_type(name, facts), facts):
            self._blame(
                path,
                _("The national ID of a person stands in the path."),
                _("Take it in the body of a POST."),
            )

    def _blame(self, path: Path, text: Any, mend: Any) -> None:
        self.flaws.append(self.document.flaw(path, text, mend))


def names_of(name: str, facts: Mapping[str, Any]) -> tuple[str, str]:
    """Persian and English name of an item; empty where there is none."""
    known = vocabulary().get(name, Term(name, "", ""))
    return str(facts.get("x-name-fa") or known.fa), str(facts.get("x-name-en") or known.en)


def value_type(name: str, facts: Mapping[str, Any]) -> ValueType | None:
    """By `x-value-type`, else by the name; an explicit empty one means none."""
    said = facts.get("x-value-type")
    if said is not None:
        return TYPES.get(str(said))
    return vocabulary().get(name, Term(name, "", "")).type


def _is_subject(value: ValueType | None, facts: Mapping[str, Any]) -> bool:
    """A national id names a person asked about, unless the description says that it does not."""
    return bool(facts.get("x-data-subject", value is not None and value.names_a_person))


def _fits(value: ValueType, facts: Mapping[str, Any]) -> bool:
    told = facts.get("type")
    kinds = set(told if isinstance(told, list) else [told]) - {"null", None}
    return kinds in (set(), {"array"}, {value.json_type})


def _json_type(facts: Mapping[str, Any]) -> str:
    told = facts.get("type", "object")
    kinds = [kind for kind in (told if isinstance(told, list) else [told]) if kind != "null"]
    return str(facts.get("format") or (kinds[0] if kinds else "null"))


def _own(member: Any) -> dict[str, Any]:
    return {k: v for k, v in member.items() if k != "$ref"} if isinstance(member, dict) else {}


@dataclass(frozen=True)
class _Branch:
    facts: Tree
    path: Path
    inside: tuple[str, ...]


def _objects(tree: Tree, schema: Any, path: Path, inside: tuple[str, ...]) -> Iterator[_Branch]:
    """The object schemas with members behind references, arrays and combinations."""
    while isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
        if schema["$ref"] in inside:
            return
        inside = (*inside, schema["$ref"])
        path = tuple(schema["$ref"].removeprefix("#/").split("/"))
        schema = target(tree, schema["$ref"])
    if not isinstance(schema, dict):
        return
    if schema.get("properties"):
        yield _Branch(schema, path, inside)
    if "items" in schema:
        yield from _objects(tree, schema["items"], (*path, "items"), inside)
    for word in ("allOf", "oneOf", "anyOf"):
        for place, branch in enumerate(schema.get(word) or []):
            yield from _objects(tree, branch, (*path, word, place), inside)


def _first(tree: Tree, schema: Any) -> Tree:
    """Facts of a choice that is a value or null."""
    schema = facts_of(tree, schema)
    for branch in (*(schema.get("anyOf") or []), *(schema.get("oneOf") or [])):
        facts = facts_of(tree, branch)
        if facts and facts.get("type") != "null":
            return facts
    return {}
