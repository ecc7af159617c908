"""What a site wants signed: `authorization_details` of the type "signature" (RFC 9396, SSO-13).

    [{"type": "signature", "text": {"fa": "…", "en": "…"}, "sha256": "<64 hex digits>"}]

`text` is what the person reads, `sha256` of the document that it speaks of; both are signed.
"""

import json
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

TYPE = "signature"
LONGEST_TEXT = 600
LANGUAGES = {"fa", "en"}
_DIGEST = re.compile(r"[0-9a-f]{64}")
# Signs that turn the order of letters around on the page and not in what is signed.
_TURNING = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class DetailsUnreadable(ValueError):
    """The parameter asks for something that we do not have, or not in our words."""


@dataclass(frozen=True)
class Wanted:
    text: dict[str, str]
    sha256: str

    def as_detail(self) -> dict[str, Any]:
        return {"type": TYPE, "text": self.text, "sha256": self.sha256}


def read_details(told: str) -> Wanted | None:
    """None when nothing is to be signed. Raises `DetailsUnreadable`."""
    if not told:
        return None
    try:
        [asked] = json.loads(told)
        if asked.keys() != {"type", "text", "sha256"} or asked["type"] != TYPE:
            raise DetailsUnreadable("one object of the type signature, with text and sha256")
        return Wanted(_text(asked["text"]), _digest(asked["sha256"]))
    except DetailsUnreadable:
        raise
    except (ValueError, TypeError, AttributeError) as error:
        raise DetailsUnreadable("authorization_details must be a list of one object") from error


def _digest(told: Any) -> str:
    if not isinstance(told, str) or not _DIGEST.fullmatch(told):
        raise DetailsUnreadable("sha256 must be 64 hexadecimal digits")
    return told


def _text(told: Any) -> dict[str, str]:
    if not isinstance(told, dict) or "fa" not in told or not set(told) <= LANGUAGES:
        raise DetailsUnreadable("text must be given in fa, and may be in en")
    for text in told.values():
        if not isinstance(text, str) or not text.strip() or len(text) > LONGEST_TEXT:
            raise DetailsUnreadable(f"a text has 1 to {LONGEST_TEXT} characters")
        if any(_hides(sign) for sign in text):
            raise DetailsUnreadable("a text must show all that it says")
    return told


def _hides(sign: str) -> bool:
    return sign in _TURNING or (sign != "\n" and unicodedata.category(sign) == "Cc")
