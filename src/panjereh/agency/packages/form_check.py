"""The form: sources and tables known, expressions harmless, and nothing asked that is known."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from panjereh.agency.engine import expressions
from panjereh.agency.forms import scope as scopes
from panjereh.agency.forms.definition import Field
from panjereh.agency.operations import registry
from panjereh.agency.packages import located
from panjereh.agency.packages.findings import Finding
from panjereh.agency.packages.model import FORM, Package

Place = tuple[str, str]


@dataclass(frozen=True)
class RegistryItem:
    item: str
    system: str
    service: str
    words: tuple[str, ...]


@lru_cache
def registry_items() -> list[RegistryItem]:
    raw = yaml.safe_load((Path(__file__).parent / "registry_items.yaml").read_text("utf-8"))
    return [RegistryItem(r["item"], r["system"], r["service"], tuple(r["words"])) for r in raw]


def check(package: Package) -> Iterator[Finding]:
    form = located.read(FORM, package.files[FORM])
    problems = [*_applicants(package), *_sources(package), *_pages(package)]
    problems += _known_data(package)
    for path, message in problems:
        yield form.finding(path, message)


def _applicants(package: Package) -> Iterator[Place]:
    """Nobody is turned away without the law that says so."""
    wanted = package.form.applicants
    missing = set(package.texts) - set(wanted.law)
    if wanted.minimum_age and missing:
        yield "applicants.law", f"name the law of the age in {', '.join(sorted(missing))}"


def _sources(package: Package) -> Iterator[Place]:
    for name, source in package.form.sources.items():
        path = f"sources.{name}"
        if registry.find(source.operation) is None:
            yield path, f"the operation {source.operation!r} is not known"
        if source.list and not source.key:
            yield path, "a list needs the key that tells its entries apart"
        texts = [*scopes.expressions_in(source.inputs), *filter(None, [source.when])]
        yield from ((path, flaw) for text in texts for flaw in expressions.flaws(text))


def _pages(package: Package) -> Iterator[Place]:
    seen: set[str] = set()
    for number, page in enumerate(package.form.pages):
        path = f"pages[{number}]"
        texts = [*filter(None, [page.when]), *(stop.when for stop in page.stops)]
        yield from ((path, flaw) for text in texts for flaw in expressions.flaws(text))
        if not page.fields:
            yield path, "a page without a field"
        for field in page.fields:
            if field.id in seen:
                yield path, f"the field {field.id} is there twice"
            seen.add(field.id)
            yield from ((path, flaw) for flaw in _field(package, field))


def _field(package: Package, field: Field) -> Iterator[str]:
    if field.source and field.source not in package.form.sources:
        yield f"{field.id}: there is no source {field.source!r}"
    if field.type in {"shown", "record"} and not field.source:
        yield f"{field.id}: what is shown comes from a source"
    if field.prefill and field.prefill.partition(".")[0] not in package.form.sources:
        yield f"{field.id}: there is no source for its prefill {field.prefill!r}"
    if field.type == "choice" and not field.choices:
        yield f"{field.id}: a choice without choices"
    for check in field.checks:
        table = package.tables.get(check.decision)
        if table is None:
            yield f"{field.id}: there is no table {check.decision!r}"
        elif "outcome" not in table.outputs:
            yield f"{field.id}: the table {check.decision} has no output `outcome`"


def _known_data(package: Package) -> Iterator[Place]:
    """A question that a registry can answer is refused, unless the reason is recorded (AGW-39)."""
    for number, page in enumerate(package.form.pages):
        for field in page.fields:
            offered = field.prefill or field.source
            if not field.asked or field.reason or offered or field.type == "record":
                continue
            if item := _registry_item(package, field):
                yield (
                    f"pages[{number}]",
                    (
                        f"{field.id} asks for {item.item}; {item.system}/{item.service} knows it. "
                        "Take it from there, or record the `reason`"
                    ),
                )


def _registry_item(package: Package, field: Field) -> RegistryItem | None:
    labels = " ".join(texts.get(f"fields.{field.id}.label", "") for texts in package.texts.values())
    for item in registry_items():
        if any(word == field.name or f"{word}" in labels for word in item.words):
            return item
    return None
