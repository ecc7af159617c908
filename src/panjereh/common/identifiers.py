"""Identifiers of people, companies, places and phones, with the check rules of their issuers.

Everything is stored in ASCII digits; Persian and Arabic digits and spaces are accepted on input.
Each `parse_*` returns the canonical text or raises `InvalidIdentifier` whose `code` names what is
wrong, so that a form can say it in the reader's language.
"""

import re
from typing import Literal

from panjereh.common.text import ascii_digits

Flaw = Literal["empty", "not-digits", "length", "equal-digits", "check-digit", "prefix"]

_MOBILE = re.compile(r"^(?:\+98|0098|98|0)?(9\d{9})$")
POSTAL_CODE = re.compile(r"^[13-9]{4}[1346-9][013-9]{5}$")
FIDA_DIGITS = 12
_LEGAL_WEIGHTS = (29, 27, 23, 19, 17, 29, 27, 23, 19, 17)


class InvalidIdentifier(ValueError):
    def __init__(self, code: Flaw) -> None:
        super().__init__(code)
        self.code: Flaw = code


def parse_national_id(text: str) -> str:
    """Ten digits with a check digit; eight or nine are padded, for leading zeros get lost."""
    digits = _digits(text)
    if not 8 <= len(digits) <= 10:
        raise InvalidIdentifier("length")
    digits = digits.zfill(10)
    if len(set(digits)) == 1:
        raise InvalidIdentifier("equal-digits")
    if national_id_check_digit(digits[:9]) != digits[9]:
        raise InvalidIdentifier("check-digit")
    return digits


def parse_fida_code(text: str) -> str:
    """Twelve digits of a foreign national. No check rule is public: only the registry knows."""
    digits = _digits(text)
    if len(digits) != FIDA_DIGITS:
        raise InvalidIdentifier("length")
    if len(set(digits)) == 1:
        raise InvalidIdentifier("equal-digits")
    return digits


def parse_person_id(text: str) -> str:
    """A national id or a FIDA code: which of the two it is, its length says (`is_fida_code`)."""
    if is_fida_code(_digits(text)):
        return parse_fida_code(text)
    return parse_national_id(text)


def is_fida_code(digits: str) -> bool:
    return len(digits) == FIDA_DIGITS


def national_id_check_digit(first_nine: str) -> str:
    remainder = sum(int(d) * w for d, w in zip(first_nine, range(10, 1, -1), strict=True)) % 11
    return str(remainder if remainder < 2 else 11 - remainder)


def parse_legal_id(text: str) -> str:
    """Eleven digits of a legal person, with a check digit."""
    digits = _digits(text)
    if len(digits) != 11:
        raise InvalidIdentifier("length")
    if len(set(digits)) == 1:
        raise InvalidIdentifier("equal-digits")
    if legal_id_check_digit(digits[:10]) != digits[10]:
        raise InvalidIdentifier("check-digit")
    return digits


def legal_id_check_digit(first_ten: str) -> str:
    shift = int(first_ten[9]) + 2
    total = sum((int(d) + shift) * w for d, w in zip(first_ten, _LEGAL_WEIGHTS, strict=True))
    return str(total % 11 % 10)


def parse_mobile(text: str) -> str:
    """An Iranian mobile in any usual spelling, as E.164 (+989121234567)."""
    compact = re.sub(r"[\s\-()]", "", ascii_digits(text))
    if not compact:
        raise InvalidIdentifier("empty")
    if not compact.lstrip("+").isdigit():
        raise InvalidIdentifier("not-digits")
    match = _MOBILE.match(compact)
    if match is None:
        raise InvalidIdentifier("prefix")
    return f"+98{match[1]}"


def parse_postal_code(text: str) -> str:
    """Ten digits by the pattern of Iran Post: no 2 anywhere, no 0 among the first five."""
    digits = _digits(text.replace("-", ""))
    if len(digits) != 10:
        raise InvalidIdentifier("length")
    if POSTAL_CODE.match(digits) is None:
        raise InvalidIdentifier("prefix")
    return digits


def mask_mobile(mobile: str) -> str:
    """0912•••4567: enough for the owner to recognise, too little for anybody else."""
    local = "0" + mobile.removeprefix("+98")
    return f"{local[:4]}•••{local[-4:]}"


def _digits(text: str) -> str:
    compact = re.sub(r"\s", "", ascii_digits(text))
    if not compact:
        raise InvalidIdentifier("empty")
    if not compact.isdigit():
        raise InvalidIdentifier("not-digits")
    return compact
