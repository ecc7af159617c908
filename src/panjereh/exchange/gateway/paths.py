"""The path of a call: X-Road's five ids, then the path inside the service.

What is matched, forwarded and signed is one spelling. A path that could be read in two ways is
refused: dots, empty parts, and slashes hidden by encoding (X-Road's XRDDEV-3054 was such a one).
"""

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

from panjereh.exchange.gateway.faults import bad_request

MAX_TARGET = 2000  # the note's limit of a URI

_PREFIX = "/r1/"
_ID = re.compile(r"[A-Za-z0-9'()+,\-.=?]{1,60}\Z")
_TARGET_CHARACTERS = re.compile(r"[A-Za-z0-9\-._~%!$&'()*+,;=:@/?]*\Z")  # RFC 3986
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SAFE = "'()+,-.=~!$&:@*;"


@dataclass(frozen=True)
class Target:
    """`service` is `instance/class/member/system/service`; `segments` follow it, decoded."""

    service: str
    segments: tuple[str, ...] = ()

    @property
    def inner_path(self) -> str:
        """The path as the provider gets it, in its one spelling."""
        return "".join("/" + quote(segment, safe=_SAFE) for segment in self.segments)


def parse_target(raw_path: str, query: str) -> Target:
    """Read the raw path of `/r1/...`; raises `client.bad_request`."""
    parts = parse_ids(raw_path, query)
    if len(parts) < 5:
        raise bad_request("the path must be /r1/{instance}/{class}/{member}/{system}/{service}")
    if not all(map(_ID.match, parts[:5])):
        raise bad_request("an id in the path has a character that X-Road ids do not have")
    return Target("/".join(parts[:5]), tuple(parts[5:]))


def parse_ids(raw_path: str, query: str) -> list[str]:
    """The decoded parts after `/r1/`, each of them non-empty and harmless."""
    if len(raw_path) + len(query) > MAX_TARGET:
        raise bad_request(f"path and query may have {MAX_TARGET} characters")
    if not raw_path.startswith(_PREFIX):
        raise bad_request("the protocol is X-Road REST r1: the path begins with /r1/")
    if not (_TARGET_CHARACTERS.match(raw_path) and _TARGET_CHARACTERS.match(query)):
        raise bad_request("path and query must be percent-encoded ASCII")
    return [decode_part(part) for part in raw_path[len(_PREFIX) :].split("/")]


def decode_part(part: str) -> str:
    if "%" not in part:
        text = part
    elif _BROKEN_ESCAPE.search(part):
        raise bad_request("the path has a broken percent escape")
    else:
        text = _utf8(unquote_to_bytes(part))
    if text in {"", ".", ".."}:
        raise bad_request("the path has an empty part or a dot part")
    if any(c in "/\\" or ord(c) < 0x20 or ord(c) == 0x7F for c in text):
        raise bad_request("the path hides a slash or a control character")
    return text


def _utf8(octets: bytes) -> str:
    try:
        return octets.decode()
    except UnicodeDecodeError as error:
        raise bad_request("the path is not UTF-8") from error


def parse_client(text: str) -> str:
    """The system that calls, from X-Road-Client; members themselves hold no keys here."""
    if "%" not in text:
        return text
    return "/".join(decode_part(part) for part in text.split("/"))


def match_template(template: str, segments: tuple[str, ...]) -> bool:
    """`/people/{id}` matches one segment for each brace; nothing matches more than one."""
    wanted = [part for part in template.split("/") if part]
    return len(wanted) == len(segments) and all(
        part.startswith("{") or part == segment
        for part, segment in zip(wanted, segments, strict=True)
    )
