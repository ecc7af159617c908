"""Read values out of a JSON body at a pointer, arrays transparent, so that nobody reads another.

Of two members with one name a reader takes either. What a decision rests on must be read by the
provider as it was read here, so such a body is refused.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import parse_qsl

from panjereh.exchange.gateway import faults
from panjereh.exchange.gateway.fields import parse_pointer

Path = tuple[str, ...]


class Twice(ValueError):
    """A member is there twice."""


def decode_once(body: bytes) -> Any:
    """JSON in which each member has one value. Raises `ValueError`."""
    try:
        return json.loads(body, object_pairs_hook=_once, parse_constant=_no_number)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Twice
    return members


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no JSON")


def values_at(value: Any, path: Path) -> Iterator[Any]:
    """Every value at the path; none where it leads nowhere."""
    if isinstance(value, list):
        for element in value:
            yield from values_at(element, path)
    elif not path:
        yield value
    elif isinstance(value, dict) and path[0] in value:
        yield from values_at(value[path[0]], path[1:])


class Place:
    """Where a request names something: a JSON pointer, or `?name` for the query."""

    def __init__(self, written: str) -> None:
        """Raises `ValueError` when it is neither."""
        self.parameter = written[1:] if written.startswith("?") else ""
        self.path: Path = () if self.parameter else tuple(parse_pointer(written))
        if not self.parameter and not self.path:
            raise ValueError(f"a place of a request is one of its members: {written!r}")

    def values(self, query: str, body: Any) -> list[Any]:
        if self.parameter:
            return [v for n, v in parse_qsl(query, keep_blank_values=True) if n == self.parameter]
        return list(values_at(body, self.path))


def read_request(places: Sequence[Place], body: bytes) -> Any:
    """The body, when a place in it is asked for. Raises `client.bad_request`."""
    if not body or all(place.parameter for place in places):
        return None
    try:
        return decode_once(body)
    except Twice as error:
        text = faults.gettext_noop("a member of the body is there twice")
        raise faults.bad_request(text) from error
    except ValueError as error:
        raise faults.bad_request(faults.gettext_noop("the body is not JSON")) from error
