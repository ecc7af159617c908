"""The services of a system as its description tells them.

The first part of a path is the service: `/person/{id}` is the endpoint `/{id}` of `person`. From
the second major version on a service has a code of its own, `person.v2`, so that both answer side
by side and each has its own grants (NIX-36).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from panjereh.exchange.directory.openapi.checking import check, facts_of
from panjereh.exchange.directory.openapi.flaws import Flaw, Flawed, Path
from panjereh.exchange.directory.openapi.items import ItemFacts, Items
from panjereh.exchange.directory.openapi.reading import Document

METHODS = ("get", "post", "put", "patch", "delete")
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9'()+,\-.]{0,59}\Z")
_MAJOR = re.compile(r"(?P<family>.+)\.v(?P<major>[2-9]|[1-9][0-9]+)\Z")
_VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)\Z")
_JSON = "application/json"


@dataclass(frozen=True)
class Described:
    """One service of the description. Empty texts mean: as it was."""

    code: str
    version: str
    title_fa: str
    title_en: str
    description_fa: str
    description_en: str
    legal_basis: str
    promise_ms: int | None
    endpoints: tuple[tuple[str, str], ...]
    items: tuple[ItemFacts, ...]
    question: Any = None
    answer: Any = None

    @property
    def family(self) -> str:
        return family_of(self.code)

    @property
    def subjects(self) -> list[str]:
        return [item.place for item in self.items if item.subject]


def family_of(code: str) -> str:
    match = _MAJOR.match(code)
    return match["family"] if match else code


def major_of(code: str) -> int:
    match = _MAJOR.match(code)
    return int(match["major"]) if match else 1


def services_of(document: Document) -> list[Described]:
    """Raises `Flawed` with everything that has to be mended."""
    check(document)
    flaws: list[Flaw] = []
    described = [
        _service(document, code, paths, flaws) for code, paths in _grouped(document, flaws)
    ]
    if not described and not flaws:
        flaws.append(document.flaw(("paths",), _("There is no path."), _("Describe a service.")))
    if flaws:
        raise Flawed(flaws)
    return described


def _grouped(document: Document, flaws: list[Flaw]) -> list[tuple[str, list[str]]]:
    groups: dict[str, list[str]] = {}
    for path in document.tree.get("paths") or {}:
        code = path.strip("/").partition("/")[0]
        if _CODE.match(code):
            groups.setdefault(code, []).append(path)
        else:
            flaws.append(
                document.flaw(
                    ("paths", path),
                    _("The path does not begin with the code of a service."),
                    _("Begin it as in “/person”: letters, digits and hyphens."),
                )
            )
    return list(groups.items())


def _service(document: Document, code: str, paths: list[str], flaws: list[Flaw]) -> Described:
    items = Items(document)
    operations = list(_operations(document, paths))
    for path, operation in operations:
        _take(document, items, path, operation)
    flaws += items.flaws
    told = _told(operations)
    question, answer = _example(document, operations)
    return Described(
        code=code,
        version=_version(document, code, told, flaws),
        title_fa=str(told.get("x-title-fa", "")),
        title_en=str(told.get("x-title-en") or told.get("summary", "")),
        description_fa=str(told.get("x-description-fa", "")),
        description_en=str(told.get("description", "")),
        legal_basis=str(told.get("x-legal-basis", "")),
        promise_ms=_whole_number(told.get("x-response-time-ms")),
        endpoints=tuple(
            (str(path[2]).upper(), "/" + str(path[1]).strip("/").partition("/")[2])
            for path, _operation in operations
        ),
        items=tuple(items.found.values()),
        question=question,
        answer=answer,
    )


def _operations(document: Document, paths: list[str]) -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in paths:
        described = facts_of(document.tree, document.tree["paths"][path])
        for method in METHODS:
            if isinstance(described.get(method), dict):
                shared = described.get("parameters") or []
                operation = described[method]
                own = operation.get("parameters") or []
                yield ("paths", path, method), {**operation, "parameters": [*shared, *own]}


def _take(document: Document, items: Items, path: Path, operation: dict[str, Any]) -> None:
    for place, parameter in enumerate(operation["parameters"]):
        resolved = facts_of(document.tree, parameter)
        if resolved.get("in") in {"query", "path"}:
            items.add_parameter(resolved, (*path, "parameters", place))
    body = facts_of(document.tree, operation.get("requestBody") or {})
    _take_content(items, "in", body.get("content"), (*path, "requestBody", "content"))
    answers = operation.get("responses") or {}
    good = [status for status in answers if str(status).startswith("2")]
    if not good:
        items.flaws.append(
            document.flaw(
                (*path, "responses"),
                _("There is no answer for success."),
                _("Add the response “200” with its schema."),
            )
        )
    for status in good:
        response = facts_of(document.tree, answers[status])
        here = (*path, "responses", status, "content")
        _take_content(items, "out", response.get("content"), here)


def _take_content(items: Items, direction: str, content: Any, path: Path) -> None:
    if not content:
        return
    if _JSON not in content:
        items.flaws.append(
            items.document.flaw(
                path,
                _("The body is not JSON."),
                _("The exchange cuts JSON to the granted items; offer “application/json”."),
            )
        )
        return
    items.add_body(direction, content[_JSON].get("schema", {}), (*path, _JSON, "schema"))


def _told(operations: list[tuple[Path, dict[str, Any]]]) -> dict[str, Any]:
    """Of several operations the first that says something is heard."""
    told: dict[str, Any] = {}
    for _path, operation in reversed(operations):
        told |= {name: value for name, value in operation.items() if value}
    return told


def _version(document: Document, code: str, told: dict[str, Any], flaws: list[Flaw]) -> str:
    major = major_of(code)
    common = str(document.tree["info"].get("version", ""))
    said = str(told.get("x-version") or (common if major == 1 else f"{major}.0.0"))
    match = _VERSION.match(said)
    if match is None or ((int(match[1]) > 1 or major > 1) and int(match[1]) != major):
        flaws.append(
            document.flaw(
                ("info", "version"),
                _("“%(version)s” is no version of “%(code)s”.") % {"version": said, "code": code},
                _(
                    "Write three numbers, as in 1.4.0. The second major version has the path"
                    " “/%(family)s.v2”."
                )
                % {"family": family_of(code)},
            )
        )
    return said


def _example(document: Document, operations: list[tuple[Path, dict[str, Any]]]) -> tuple[Any, Any]:
    """The example that the description gives of a question and its answer, if it gives both."""
    for _path, operation in operations:
        body = facts_of(document.tree, operation.get("requestBody") or {})
        for status, response in (operation.get("responses") or {}).items():
            answer = _given(facts_of(document.tree, response).get("content"))
            question = _given(body.get("content"))
            if str(status).startswith("2") and answer is not None and question is not None:
                return question, answer
    return None, None


def _given(content: Any) -> Any:
    media = (content or {}).get(_JSON) or {}
    if "example" in media:
        return media["example"]
    for example in (media.get("examples") or {}).values():
        if isinstance(example, dict) and "value" in example:
            return example["value"]
    return None


def _whole_number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
