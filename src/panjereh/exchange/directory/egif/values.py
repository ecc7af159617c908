"""The value types of the interoperability framework (001 art 16, app C #7: EGIF, NIX-35).

Each is a JSON Schema made from the rules in `common`, so what the framework publishes and what
the platform checks cannot differ. A check digit is beyond JSON Schema: `x-check` tells its rule.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from panjereh.common import identifiers
from panjereh.ui.jalali import from_jalali

VERSION = "1.0.0"


@dataclass(frozen=True)
class ValueType:
    """`check` raises `ValueError` on what the schema lets pass and the rule does not."""

    name: str
    title: str | Promise
    rule: str | Promise
    schema: dict[str, Any]
    example: Any
    check: Callable[[Any], object]
    names_a_person: bool = False
    x_check: str = ""

    @property
    def json_type(self) -> str:
        return str(self.schema["type"])

    def document(self, base: str) -> dict[str, Any]:
        """The published JSON Schema; `base` is where the schemas of this version stand."""
        described = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": f"{base}{self.name}.json",
            "title": str(self.title),
            "description": str(self.rule),
            "examples": [self.example],
        }
        check = {"x-check": self.x_check} if self.x_check else {}
        subject = {"x-data-subject": True} if self.names_a_person else {}
        return described | self.schema | check | subject


def _string(pattern: str, **more: Any) -> dict[str, Any]:
    return {"type": "string", "pattern": pattern} | more


def _one_of(*values: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(values)}


def _member(*values: str) -> Callable[[Any], object]:
    def check(value: Any) -> object:
        if value not in values:
            raise ValueError("no value of the list")
        return value

    return check


def _jalali(value: str) -> object:
    year, month, day = (int(part) for part in value.split("-"))
    return from_jalali(year, month, day)


SEXES, VITAL_STATES = ("female", "male"), ("alive", "deceased")
TYPES: dict[str, ValueType] = {
    value.name: value
    for value in (
        ValueType(
            "national-id",
            _("National ID of a person"),
            _("Ten digits in ASCII, with leading zeros, as text."),
            _string(r"^\d{10}$", minLength=10, maxLength=10),
            "0012345679",
            identifiers.parse_national_id,
            names_a_person=True,
            x_check="sum(digit[i] * (10 - i), i = 0..8) mod 11 = r; digit[9] = r < 2 ? r : 11 - r",
        ),
        ValueType(
            "legal-id",
            _("National ID of a legal person"),
            _("Eleven digits in ASCII, as text."),
            _string(r"^\d{11}$", minLength=11, maxLength=11),
            "14003778990",
            identifiers.parse_legal_id,
            x_check="t = digit[9] + 2; sum((digit[i] + t) * w[i], i = 0..9) mod 11 mod 10 ="
            " digit[10]; w = 29 27 23 19 17 29 27 23 19 17",
        ),
        ValueType(
            "postal-code",
            _("Postal code"),
            _("Ten digits in ASCII without a hyphen: no 2 anywhere, no 0 among the first five."),
            _string(identifiers.POSTAL_CODE.pattern, minLength=10, maxLength=10),
            "1193653471",
            identifiers.parse_postal_code,
        ),
        ValueType(
            "mobile",
            _("Mobile number"),
            _("E.164: +98, then ten digits beginning with 9."),
            _string(r"^\+989\d{9}$"),
            "+989601234567",
            identifiers.parse_mobile,
        ),
        ValueType(
            "date",
            _("Date"),
            _("ISO 8601 in the common calendar. Pages show it as Jalali."),
            {"type": "string", "format": "date"},
            "2026-11-22",
            date.fromisoformat,
        ),
        ValueType(
            "date-time",
            _("Date and time"),
            _("ISO 8601 with its offset from UTC."),
            {"type": "string", "format": "date-time"},
            "2026-11-22T11:30:00+03:30",
            datetime.fromisoformat,
        ),
        ValueType(
            "jalali-date",
            _("Jalali date"),
            _("Year, month and day of the Jalali calendar, where a law counts in it."),
            _string(r"^1[34]\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"),
            "1405-09-01",
            _jalali,
        ),
        ValueType(
            "money",
            _("Amount of money"),
            _("Whole rials, as a number. Never tomans, never a fraction."),
            {"type": "integer", "minimum": 0},
            1_500_000,
            int,
        ),
        ValueType(
            "sex", _("Sex"), _("As the civil registry has it."), _one_of(*SEXES), "female",
            _member(*SEXES),
        ),
        ValueType(
            "vital-status",
            _("Vital status"),
            _("As the civil registry has it."),
            _one_of(*VITAL_STATES),
            "alive",
            _member(*VITAL_STATES),
        ),
    )
}  # fmt: skip
