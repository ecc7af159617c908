"""Persian SMS: how text is stored, and where a long one may be cut.

A part holds 70 UTF-16 units, or 67 when a header joins it to others. Everything is sent as UCS2:
the seven-bit alphabet differs from operator to operator. Half-spaces (ZWNJ) and the isolates that
keep identifiers in reading order are kept as they are.
"""

import re
import unicodedata

from panjereh.common.text import clean

SINGLE_UNITS, JOINED_UNITS, MAX_PARTS = 70, 67, 10
ENCODING = "utf-16-be"

_ZWNJ, _ZWJ = "\u200c", "\u200d"
_RUN = re.compile("[\u2066-\u2068][^\u2066-\u2069]*\u2069|[0-9A-Za-z۰-۹][0-9A-Za-z۰-۹./:_-]*")
_FLAGS, _SKIN_TONES = range(0x1F1E6, 0x1F200), range(0x1F3FB, 0x1F400)


class TooLong(ValueError):
    """More parts than we send; say so to the sender before anything is accepted."""


def sms_text(text: str) -> str:
    return clean(text)


def units(text: str) -> int:
    """Length as the operator counts it: an emoji is two."""
    return len(text.encode(ENCODING)) // 2


def parts(text: str) -> list[str]:
    """Cut `text` so that no part breaks a letter, a half-space pair, a code or an isolate."""
    if units(text) <= SINGLE_UNITS:
        return [text]
    filled = [""]
    for atom in _atoms(text):
        if units(filled[-1]) + units(atom) > JOINED_UNITS:
            filled.append("")
        filled[-1] += atom
    if len(filled) > MAX_PARTS:
        raise TooLong
    return filled


def _atoms(text: str) -> list[str]:
    """The pieces that are never cut; a code longer than a whole part has to be."""
    atoms: list[str] = []
    at = 0
    for run in _RUN.finditer(text):
        whole = run[0] if units(run[0]) <= JOINED_UNITS else None
        atoms += _graphemes(text[at : run.start()])
        atoms += [whole] if whole else _graphemes(run[0])
        at = run.end()
    return [*atoms, *_graphemes(text[at:])]


def _graphemes(text: str) -> list[str]:
    found: list[str] = []
    for char in text:
        if found and _belongs(found[-1], char) and units(found[-1] + char) <= JOINED_UNITS:
            found[-1] += char
        else:
            found.append(char)
    return found


def _belongs(before: str, char: str) -> bool:
    """Whether `char` is read together with what stands before it."""
    if char in (_ZWNJ, _ZWJ) or before[-1] in (_ZWNJ, _ZWJ):
        return True
    if unicodedata.category(char) in ("Mn", "Me", "Mc") or ord(char) in _SKIN_TONES:
        return True
    return ord(char) in _FLAGS and len(before) == 1 and ord(before) in _FLAGS
