"""What a new description changes, and whether consumers of the old one break by it.

RULES is also what the framework publishes about versions: text and check are one table.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from panjereh.exchange.directory.openapi.items import ItemFacts

Endpoints = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Shape:
    """What consumers rely on."""

    endpoints: Endpoints
    items: Sequence[ItemFacts]

    def of(self, direction: str) -> dict[str, ItemFacts]:
        return {item.place: item for item in self.items if item.direction == direction}


@dataclass(frozen=True)
class Rule:
    code: str
    breaking: bool
    text: str | Promise
    places: Callable[[Shape, Shape], list[str]]


@dataclass(frozen=True)
class Change:
    rule: Rule
    place: str


def changes(old: Shape, new: Shape) -> list[Change]:
    return list(_changes(old, new))


def _changes(old: Shape, new: Shape) -> Iterator[Change]:
    for rule in RULES:
        yield from (Change(rule, place) for place in rule.places(old, new))


def _gone(direction: str) -> Callable[[Shape, Shape], list[str]]:
    return lambda old, new: sorted(old.of(direction).keys() - new.of(direction).keys())


def _added(direction: str, *, required: bool) -> Callable[[Shape, Shape], list[str]]:
    def places(old: Shape, new: Shape) -> list[str]:
        fresh = new.of(direction).keys() - old.of(direction).keys()
        return sorted(p for p in fresh if new.of(direction)[p].required == required)

    return places


def _both(
    direction: str, differ: Callable[[ItemFacts, ItemFacts], bool]
) -> Callable[[Shape, Shape], list[str]]:
    def places(old: Shape, new: Shape) -> list[str]:
        before, after = old.of(direction), new.of(direction)
        return sorted(p for p in before.keys() & after.keys() if differ(before[p], after[p]))

    return places


def _retyped(before: ItemFacts, after: ItemFacts) -> bool:
    return before.type != after.type


def _now_required(before: ItemFacts, after: ItemFacts) -> bool:
    return after.required and not before.required


def _now_optional(before: ItemFacts, after: ItemFacts) -> bool:
    return before.required and not after.required


def _any_added_out(old: Shape, new: Shape) -> list[str]:
    return sorted(new.of("out").keys() - old.of("out").keys())


def _written(endpoints: Endpoints) -> set[str]:
    return {f"{method} {path}" for method, path in endpoints}


RULES = (
    Rule(
        "endpoint-removed", True, _("An endpoint is removed."),
        lambda old, new: sorted(_written(old.endpoints) - _written(new.endpoints)),
    ),
    Rule("output-removed", True, _("An item of the answer is removed."), _gone("out")),
    Rule(
        "output-retyped", True, _("An item of the answer gets another type."),
        _both("out", _retyped),
    ),
    Rule(
        "output-optional", True, _("An item that was always in the answer may be missing."),
        _both("out", _now_optional),
    ),
    Rule("input-removed", True, _("An input is no longer taken."), _gone("in")),
    Rule("input-retyped", True, _("An input gets another type."), _both("in", _retyped)),
    Rule("input-new-required", True, _("A new input is required."), _added("in", required=True)),
    Rule(
        "input-required", True, _("An optional input becomes required."),
        _both("in", _now_required),
    ),
    Rule(
        "endpoint-added", False, _("An endpoint is added."),
        lambda old, new: sorted(_written(new.endpoints) - _written(old.endpoints)),
    ),
    Rule("output-added", False, _("An item is added to the answer."), _any_added_out),
    Rule(
        "input-added", False, _("An optional input is added."), _added("in", required=False)
    ),
    Rule(
        "input-optional", False, _("A required input becomes optional."),
        _both("in", _now_optional),
    ),
    Rule(
        "output-always", False, _("An item of the answer is always there now."),
        _both("out", _now_required),
    ),
)  # fmt: skip
