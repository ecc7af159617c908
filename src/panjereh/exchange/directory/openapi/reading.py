"""Read a description, YAML or JSON, and remember on which line each part stands.

Both are read as YAML's JSON-like part: no tags, no anchors (a small file could grow without end),
no words that turn into booleans or dates, and no member twice.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

import yaml
from django.utils.translation import gettext_lazy as _

from panjereh.exchange.directory.openapi.flaws import Flaw, Flawed, Path, pointer

MAX_BYTES = 512 * 1024
MAX_DEPTH = 60


class _Loader(yaml.CSafeLoader):
    """Plain words stay words: `no` is Norway, 2026-11-22 is text."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"^(?:true|false)$", "tf"),
    ("null", r"^(?:null|~|)$", ["n", "~", ""]),
    ("int", r"^-?(?:0|[1-9][0-9]*)$", "-0123456789"),
    ("float", r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$", "-0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


@dataclass(frozen=True)
class Document:
    tree: dict[str, Any]
    lines: dict[Path, int]

    def flaw(self, path: Path, text: Any, mend: Any) -> Flaw:
        """At the place, or at the nearest part above it that stands on a line."""
        near = path
        while near and near not in self.lines:
            near = near[:-1]
        return Flaw(text, mend, self.lines.get(near, 0), pointer(path))


def read(octets: bytes) -> Document:
    """Raises `Flawed` for what is no JSON-like document."""
    if len(octets) > MAX_BYTES:
        raise _refused(_("The file is too large."), _("Leave out examples; 512 KB are enough."))
    try:
        text = octets.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused(_("The file is not UTF-8."), _("Save it in UTF-8.")) from error
    _refuse_anchors(text)
    root = _composed(text)
    lines: dict[Path, int] = {}
    tree = _built(root, (), lines)
    if not isinstance(tree, dict):
        raise _refused(
            _("The file is no OpenAPI description."), _("It begins with “openapi: 3.1.0”.")
        )
    return Document(tree, lines)


def read_json(tree: dict[str, Any]) -> Document:
    """One that was read before; it has lines no more."""
    return Document(json.loads(json.dumps(tree)), {})


def below(document: Document, prefix: str) -> Document:
    """The description as seen from the system's own address: what a framework serves begins each
    path with the place where it is mounted."""
    paths = document.tree.get("paths")
    if not prefix or not isinstance(paths, dict) or not paths:
        return document
    if not all(path.startswith(f"{prefix}/") for path in paths):
        return document
    tree = document.tree | {"paths": {p.removeprefix(prefix): part for p, part in paths.items()}}
    return Document(tree, {_below(path, prefix): line for path, line in document.lines.items()})


def _below(path: Path, prefix: str) -> Path:
    if len(path) > 1 and path[0] == "paths":
        return ("paths", str(path[1]).removeprefix(prefix), *path[2:])
    return path


def _refused(text: Any, mend: Any, line: int = 0) -> Flawed:
    return Flawed([Flaw(text, mend, line)])


def _refuse_anchors(text: str) -> None:
    try:
        for event in yaml.parse(_spaced(text), Loader=_Loader):
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise _refused(
                    _("The file uses YAML anchors."),
                    _("Write the part out, or use “$ref”."),
                    event.start_mark.line + 1 if event.start_mark else 0,
                )
    except yaml.YAMLError as error:
        raise _not_yaml(error) from error


def _composed(text: str) -> yaml.Node | None:
    try:
        node: yaml.Node | None = yaml.compose(_spaced(text), Loader=_Loader)
    except (yaml.YAMLError, RecursionError) as error:
        raise _not_yaml(error) from error
    return node


def _spaced(text: str) -> str:
    """JSON may be indented with tabs, YAML may not; inside a JSON text there are none."""
    return text.replace("\t", " ") if text.lstrip().startswith("{") else text


def _not_yaml(error: Exception) -> Flawed:
    mark = getattr(error, "problem_mark", None)
    if "quoted" in str(getattr(error, "context", "")):
        mark = error.context_mark  # type: ignore[attr-defined]  # where it was opened
    return _refused(
        _("The file is neither YAML nor JSON."),
        _("Look for a missing quote, comma or space near this line."),
        mark.line + 1 if mark else 0,
    )


def _built(node: yaml.Node | None, path: Path, lines: dict[Path, int]) -> Any:
    if node is None:
        return None
    lines.setdefault(path, node.start_mark.line + 1)
    if len(path) > MAX_DEPTH:
        raise _refused(
            _("Parts are nested too deeply."), _("Use “$ref”."), node.start_mark.line + 1
        )
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, lines)
    if isinstance(node, yaml.SequenceNode):
        return [_built(part, (*path, place), lines) for place, part in enumerate(node.value)]
    return _scalar(node)


def _mapping(node: yaml.MappingNode, path: Path, lines: dict[Path, int]) -> dict[str, Any]:
    built: dict[str, Any] = {}
    for key, value in node.value:
        name = str(key.value)
        if name in built:
            raise _refused(
                _("A member stands here twice."), _("Keep one of them."), key.start_mark.line + 1
            )
        lines[(*path, name)] = key.start_mark.line + 1
        built[name] = _built(value, (*path, name), lines)
    return built


def _scalar(node: yaml.Node) -> Any:
    kind = node.tag.rpartition(":")[2]
    if kind == "null":
        return None
    if kind == "bool":
        return node.value == "true"
    if kind == "int":
        return int(node.value)
    return float(node.value) if kind == "float" else node.value
