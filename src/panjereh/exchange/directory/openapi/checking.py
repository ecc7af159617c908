"""Is it OpenAPI? By the initiative's own schemas, with references that stay inside the file."""

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path as File
from typing import Any

from django.utils.translation import gettext_lazy as _
from jsonschema import Draft4Validator, Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match
from jsonschema.protocols import Validator

from panjereh.exchange.directory.openapi.flaws import Flaw, Flawed, Path
from panjereh.exchange.directory.openapi.reading import Document

MAX_FLAWS = 20
_SCHEMAS = File(__file__).with_name("schemas")
_ADD = _("Add it.")


def check(document: Document) -> None:
    """Raises `Flawed` with what OpenAPI itself does not allow."""
    flaws = list(_references(document))
    if not flaws:
        flaws = list(_structure(document)) or list(_schemas(document))
    if flaws:
        raise Flawed(flaws[:MAX_FLAWS])


def resolve(tree: dict[str, Any], part: Any) -> Any:
    """What a `$ref` leads to, through as many as there are; references were checked before."""
    seen: set[str] = set()
    while isinstance(part, dict) and isinstance(part.get("$ref"), str):
        if part["$ref"] in seen:
            return {}
        seen.add(part["$ref"])
        part = target(tree, part["$ref"])
    return part


def facts_of(tree: dict[str, Any], schema: Any) -> dict[str, Any]:
    """What a schema says; a schema may also be a plain yes or no, which says nothing."""
    resolved = resolve(tree, schema)
    return resolved if isinstance(resolved, dict) else {}


@lru_cache
def _validator(version: str) -> Validator:
    schema = json.loads((_SCHEMAS / f"oas-{version}.json").read_text())
    return Draft4Validator(schema) if version == "3.0" else Draft202012Validator(schema)


@lru_cache
def _of_schemas() -> Validator:
    return Draft202012Validator(Draft202012Validator.META_SCHEMA)


def _structure(document: Document) -> Iterator[Flaw]:
    version = str(document.tree.get("openapi", ""))[:3]
    if version not in {"3.0", "3.1"}:
        yield document.flaw(
            ("openapi",),
            _("The file does not say that it is OpenAPI 3.0 or 3.1."),
            _("Begin it with “openapi: 3.1.0”; older descriptions must be converted."),
        )
        return
    for error in _validator(version).iter_errors(document.tree):
        yield _told(document, best_match([error]) or error)


def _schemas(document: Document) -> Iterator[Flaw]:
    """3.1 leaves the schemas of bodies to JSON Schema; the schema of 3.0 has looked already."""
    if str(document.tree["openapi"]).startswith("3.0"):
        return
    for path, schema in schemas_in(document.tree):
        for error in _of_schemas().iter_errors(schema):
            worst = best_match([error]) or error
            yield _told(document, worst, path)


def schemas_in(tree: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every schema object that is not inside another."""
    if isinstance(tree, list):
        for place, part in enumerate(tree):
            yield from schemas_in(part, (*path, place))
    elif isinstance(tree, dict):
        for name, part in tree.items():
            here = (*path, name)
            if name == "schema":
                yield here, part
            elif path == ("components",) and name == "schemas" and isinstance(part, dict):
                yield from (((*here, inner), schema) for inner, schema in part.items())
            elif name not in {"example", "examples", "default"}:
                yield from schemas_in(part, here)


def _references(document: Document) -> Iterator[Flaw]:
    for path, reference in _all_references(document.tree):
        if not reference.startswith("#/"):
            yield document.flaw(
                path,
                _("“%(reference)s” leads out of the file.") % {"reference": reference},
                _("Copy that part into this file, under “components”."),
            )
        elif target(document.tree, reference) is None:
            yield document.flaw(
                path,
                _("“%(reference)s” leads nowhere.") % {"reference": reference},
                _("Add that part, or correct the reference."),
            )


def _all_references(tree: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    if isinstance(tree, dict):
        if isinstance(tree.get("$ref"), str):
            yield (*path, "$ref"), tree["$ref"]
        for name, part in tree.items():
            if name not in {"example", "examples"}:
                yield from _all_references(part, (*path, name))
    elif isinstance(tree, list):
        for place, part in enumerate(tree):
            yield from _all_references(part, (*path, place))


def target(tree: Any, reference: str) -> Any:
    """What stands at a reference into the file; None where nothing does."""
    part = tree
    for name in reference.removeprefix("#/").split("/"):
        plain = name.replace("~1", "/").replace("~0", "~")
        if not isinstance(part, dict) or plain not in part:
            return None
        part = part[plain]
    return part


def _told(document: Document, error: ValidationError, above: Path = ()) -> Flaw:
    path = (*above, *error.absolute_path)
    missing = _missing(error)
    if missing:
        return document.flaw(path, _("“%(name)s” is missing.") % {"name": missing}, _ADD)
    if error.validator in {"additionalProperties", "unevaluatedProperties"}:
        return document.flaw(
            path,
            _("There is a member here that OpenAPI does not know."),
            _("Correct its name, or begin it with “x-”."),
        )
    if error.validator == "type":
        wanted = error.validator_value
        kinds = wanted if isinstance(wanted, str) else " / ".join(map(str, wanted))
        return document.flaw(
            path, _("This has the wrong type."), _("It must be: %(kinds)s.") % {"kinds": kinds}
        )
    if error.validator == "enum":
        words = ", ".join(str(word) for word in error.validator_value[:12])
        return document.flaw(
            path,
            _("This word is not allowed here."),
            _("Choose from: %(words)s.") % {"words": words},
        )
    return document.flaw(
        path,
        _("This is not as OpenAPI wants it."),
        _("Compare it with the specification (rule “%(rule)s”).") % {"rule": error.validator},
    )


def _missing(error: ValidationError) -> str:
    if error.validator != "required" or not isinstance(error.instance, dict):
        return ""
    absent = [name for name in error.validator_value if name not in error.instance]
    return absent[0] if absent else ""
