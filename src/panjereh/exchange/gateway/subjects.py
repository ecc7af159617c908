"""Whom a call is about: the gateway reads it out of the request itself, so that no consumer can
leave a person out of the record (NIX-39).

A service says where national ids stand: JSON pointers into the request with arrays transparent,
or `?name` for a parameter of the query. The ids become pseudonyms here and go no further.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from panjereh.common.identifiers import InvalidIdentifier, parse_national_id
from panjereh.common.text import ascii_digits
from panjereh.exchange.gateway import faults
from panjereh.exchange.gateway.fields import Tree, compile_items, parse_pointer
from panjereh.exchange.pseudonyms import month_key, month_of, pseudonym

MAX_PERSONS = 1000
HOUR = 3_600_000_000

_decode = msgspec.json.Decoder().decode
_ID = re.compile(r"[0-9A-Za-z-]{5,20}\Z")


@dataclass(frozen=True)
class Places:
    """Where a service takes national ids."""

    tree: Tree
    names: tuple[bytes, ...]  # the last member of each pointer as it is written in JSON
    parameters: frozenset[str]


def compile_places(subjects: Iterable[str]) -> Places | None:
    """None when the service takes none. Raises `ValueError` on what is no place."""
    listed = list(subjects)
    pointers = [place for place in listed if not place.startswith("?")]
    if any(not parse_pointer(pointer) for pointer in pointers):
        raise ValueError("a place of a national id is a member of the request")
    if not listed:
        return None
    names = {json.dumps(parse_pointer(p)[-1], ensure_ascii=False).encode() for p in pointers}
    parameters = frozenset(place[1:] for place in listed if place.startswith("?"))
    return Places(compile_items(pointers) or {}, tuple(names), parameters)


def persons_in(places: Places, query: str, body: bytes) -> list[str]:
    """Each person once, such as IR0012345678. Raises `client.bad_request`."""
    found: list[Any] = []
    if places.parameters:
        found += [value for name, value in parse_qsl(query) if name in places.parameters]
    if places.tree and body:
        found += _found_in(places, body)
    persons = list(dict.fromkeys(person for value in found if (person := _person(value))))
    if len(persons) > MAX_PERSONS:
        raise faults.bad_request(f"a call may ask about {MAX_PERSONS} persons")
    return persons


def _found_in(places: Places, body: bytes) -> list[Any]:
    """Of two members of one name readers take either; so where the names do not add up, the body
    is read again with an eye on that."""
    try:
        found = list(_values(_decode(body), places.tree))
        if b"\\" in body or sum(map(body.count, places.names)) != len(found):
            found = list(_values(json.loads(body, object_pairs_hook=_unique), places.tree))
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise faults.bad_request("the body is not JSON") from error
    return found


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise faults.bad_request("a member of the body is there twice")
    return members


def _values(value: Any, tree: Tree | None) -> Iterator[Any]:
    if isinstance(value, list):
        for element in value:
            yield from _values(element, tree)
    elif tree is None:
        yield value
    elif isinstance(value, dict):
        for name, branch in tree.items():
            if name in value:
                yield from _values(value[name], branch)


def _person(value: Any) -> str:
    """Empty where nobody is named. An id that is no national one is a foreigner's, or will be
    refused by the service."""
    if value is None or value == "":
        return ""
    if isinstance(value, str) and len(value) == 10 and value.isascii() and value.isdigit():
        return f"IR{value}"  # as all but a few are written
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise faults.bad_request("a national id of the request is no text")
    text = re.sub(r"\s", "", ascii_digits(str(value)))
    if not _ID.match(text):
        raise faults.bad_request("a national id of the request cannot be read")
    try:
        return f"IR{parse_national_id(text)}"
    except InvalidIdentifier:
        return f"IR{text}"


class Pseudonyms:
    """Pseudonyms of the month in which a call came in."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._keys: dict[int, bytes] = {}

    def of(self, person: str, at: int) -> str:
        return pseudonym(self._key(at), person)

    def _key(self, at: int) -> bytes:
        hour = at // HOUR  # a month begins with an hour
        if hour not in self._keys:
            self._keys = {hour: month_key(self._secret, month_of(at))}
        return self._keys[hour]
