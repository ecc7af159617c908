"""Read a package from its folder or from the texts that were stored when it was published."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from panjereh.agency.engine import dmn
from panjereh.agency.engine.dmn import Table, TableRefused
from panjereh.agency.forms.definition import FormFile, unfolded
from panjereh.agency.packages import located
from panjereh.agency.packages.findings import Finding, PackageRefused, refused
from panjereh.agency.packages.model import (
    CARD,
    FORM,
    PROCESS,
    STEPS,
    Document,
    Journey,
    Package,
    StepsFile,
)
from panjereh.agency.packages.texts import LANGUAGES, flat

MAX_FILE_BYTES = 400_000
_KINDS = (".yaml", ".bpmn", ".dmn", ".typ", ".json")

T = TypeVar("T")


def from_folder(folder: Path) -> Package:
    return from_files(files_of(folder))


def files_of(folder: Path) -> dict[str, str]:
    """Every file of the package, by its path inside the folder."""
    found = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix in _KINDS):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or path.stat().st_size > MAX_FILE_BYTES:
            raise refused(name, f"a file is a plain one of at most {MAX_FILE_BYTES} bytes")
        try:
            found[name] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise refused(name, "not UTF-8 text") from error
    return found


def from_files(files: Mapping[str, str]) -> Package:
    """Raises `PackageRefused` with everything that cannot be read."""
    missing = [name for name in (CARD, FORM, STEPS, PROCESS) if name not in files]
    if missing:
        raise PackageRefused([Finding(name, 0, "", "this file is missing") for name in missing])
    problems: list[Finding] = []
    card = _attempt(problems, lambda: _card(files))
    tables = {t.name: t for t in _each(problems, files, "decisions/", ".dmn", _table)}
    facts = {n: frozenset(c.path for c in t.inputs) for n, t in tables.items()}
    form_file = _attempt(problems, lambda: located.read(FORM, files[FORM]).as_type(FormFile))
    steps = _attempt(problems, lambda: located.read(STEPS, files[STEPS]).as_type(StepsFile))
    documents = {d.kind: d for d in _each(problems, files, "documents/", ".typ", _document)}
    texts = dict(_each(problems, files, "texts/", ".yaml", _texts))
    journeys = dict(_each(problems, files, "journeys/", ".yaml", _journey))
    problems += [
        Finding(f"texts/{language}.yaml", 0, "", "this file is missing")
        for language in LANGUAGES
        if f"texts/{language}.yaml" not in files
    ]
    if problems or card is None or form_file is None or steps is None:
        raise PackageRefused(problems)
    form = unfolded(form_file, facts)
    return Package(files, card, form, steps, tables, documents, texts, journeys)


def _attempt(problems: list[Finding], read: Callable[[], T]) -> T | None:
    try:
        return read()
    except PackageRefused as error:
        problems += error.findings
        return None


def _each(
    problems: list[Finding],
    files: Mapping[str, str],
    folder: str,
    suffix: str,
    read: Callable[[Mapping[str, str], str], T],
) -> list[T]:
    names = [name for name in files if name.startswith(folder) and name.endswith(suffix)]
    found = [_attempt(problems, partial(read, files, name)) for name in names]
    return [item for item in found if item is not None]


def _card(files: Mapping[str, str]) -> dict[str, Any]:
    card = located.read(CARD, files[CARD])
    if not isinstance(card.data, dict):
        raise refused(CARD, "a card is a mapping")
    for key in ("id", "version"):
        if not isinstance(card.data.get(key), str) or not card.data[key]:
            raise PackageRefused([card.finding(key, "this text is missing; put it in quotes")])
    return card.data


def _table(files: Mapping[str, str], name: str) -> Table:
    try:
        table = dmn.read(files[name])
    except TableRefused as error:
        raise refused(name, error.message, line=error.line) from error
    if table.name != Path(name).stem:
        raise refused(name, f"the decision has the id {table.name!r}, not the file's name")
    return table


def _document(files: Mapping[str, str], name: str) -> Document:
    schema_name = name.removesuffix(".typ") + ".schema.json"
    if schema_name not in files:
        raise refused(schema_name, "this file is missing")
    try:
        schema = json.loads(files[schema_name])
    except ValueError as error:
        raise refused(schema_name, f"not JSON: {error}") from error
    return Document(Path(name).stem, files[name], schema)


def _texts(files: Mapping[str, str], name: str) -> tuple[str, dict[str, str]]:
    tree = located.read(name, files[name]).data
    if not isinstance(tree, dict):
        raise refused(name, "texts are a mapping")
    return Path(name).stem, flat(tree)


def _journey(files: Mapping[str, str], name: str) -> tuple[str, Journey]:
    return name, located.read(name, files[name]).as_type(Journey)
