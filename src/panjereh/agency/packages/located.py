"""YAML with the line of every key, so that an error can name its place.

Plain data only: no tags, no anchors (a handful of them can unfold into gigabytes), no key twice.
"""

import re
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
import yaml

from panjereh.agency.packages.findings import Finding, PackageRefused, refused

T = TypeVar("T")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")
_ERROR = re.compile(r"^(?P<message>.*?)(?: - at `(?P<path>[^`]*)`)?$", re.DOTALL)


@dataclass(frozen=True)
class Located:
    file: str
    data: Any
    lines: dict[str, int]  # "pages[2].fields[0].id" -> line

    def line(self, path: str) -> int:
        """The line of the nearest part that is there: a missing key has its parent's line."""
        while path and path not in self.lines:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self.lines.get(path, 1)

    def finding(self, path: str, message: str) -> Finding:
        return Finding(self.file, self.line(path), path, message)

    def as_type(self, kind: type[T]) -> T:
        try:
            return msgspec.convert(self.data, kind)
        except msgspec.ValidationError as error:
            found = _ERROR.match(str(error))
            path = (found["path"] or "$") if found else "$"
            message = found["message"] if found else str(error)
            raise PackageRefused(
                [self.finding(path.removeprefix("$").lstrip("."), message)]
            ) from error


def read(file: str, text: str) -> Located:
    try:
        events = list(yaml.parse(text, Loader=yaml.SafeLoader))
        if any(isinstance(event, yaml.AliasEvent) for event in events):
            raise refused(file, "anchors and aliases are not allowed")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise refused(file, f"not YAML: {error.problem}", line=line) from error
    lines: dict[str, int] = {}
    return Located(file, _plain(file, node, "", lines), lines)


def _plain(file: str, node: Any, path: str, lines: dict[str, int]) -> Any:
    if node is None:
        return None
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(file, node, path, lines)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(file, item, f"{path}[{n}]", lines) for n, item in enumerate(node.value)]
    if node.tag.startswith("tag:yaml.org,2002:"):
        return yaml.SafeLoader(node.value).construct_object(node) if _typed(node) else node.value
    raise refused(file, f"the tag {node.tag} is not allowed", line=node.start_mark.line + 1)


def _mapping(file: str, node: Any, path: str, lines: dict[str, int]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value in node.value:
        key = str(key_node.value)
        if key in found:
            raise refused(
                file, "this key is there twice", line=key_node.start_mark.line + 1, key=key
            )
        inner = f"{path}.{key}" if path else key
        lines[inner] = key_node.start_mark.line + 1
        found[key] = _plain(file, value, inner, lines)
    return found


def _typed(node: Any) -> bool:
    """Numbers, booleans and null keep their type; dates and everything else stay text."""
    return node.tag.rsplit(":", 1)[-1] in {"int", "float", "bool", "null"}
