"""Persian text: digits, letters and the folding that search compares by."""

import re
import unicodedata

_PERSIAN, _ARABIC = "۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩"
_TO_ASCII = str.maketrans(_PERSIAN + _ARABIC, "0123456789" * 2)
_TO_PERSIAN = str.maketrans("0123456789", _PERSIAN)
_STORED = str.maketrans({"ي": "ی", "ك": "ک"})
_FOLDED = str.maketrans(
    {"ى": "ی", "ئ": "ی", "ة": "ه", "ۀ": "ه", "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ؤ": "و"}
    | dict.fromkeys("ء\u0640\u0670\u200e\u200f")
    | dict.fromkeys("،؛؟", " ")
    | {chr(mark): None for mark in [*range(0x064B, 0x0660), *range(0x06D6, 0x06EE)]}
)
_ZWNJ = "\u200c"
_SUFFIX = re.compile(rf"[{_ZWNJ} ](?:هایی|های|ها|ترین|تر)(?=\s|$)|{_ZWNJ}(?:ای|ی)(?=\s|$)")


def ascii_digits(text: str) -> str:
    return text.translate(_TO_ASCII)


def persian_digits(text: str) -> str:
    return text.translate(_TO_PERSIAN)


def clean(text: str) -> str:
    """Text as it is stored: one form of each letter, half-spaces kept, no stray spaces."""
    return re.sub(r"[^\S\n]+", " ", unicodedata.normalize("NFC", text).translate(_STORED)).strip()


def fold(text: str) -> str:
    """Text as search compares it: no marks, no plural endings, half-spaces joined."""
    plain = ascii_digits(clean(text).lower().translate(_FOLDED))
    plain = _SUFFIX.sub("", plain)
    return re.sub(r"\s+", " ", plain.replace(_ZWNJ, "")).strip()


def squash(text: str) -> str:
    """Folded text without spaces: the column that trigram search runs on."""
    return fold(text).replace(" ", "")
