"""A small certificate to try with, as an agency would register and issue it."""

from typing import Any

KIND, VERSION = "birth-certificate", "1.0"
MOTHER, MOBILE = "0499370899", "+989121234567"
SERVICE = "civil-registration.newborn-certificate"
CASE = "7K3Q-MZ9D-4RXA-2BC8-WEN5-3"
TITLE = {"fa": "گواهی ولادت", "en": "Birth certificate"}

SOURCE = """#import "panjereh.typ": *
#show: sheet

#section[نوزاد]
#fields(
  ([نام], data.given_name),
  ([شماره ملی], number(data.national_id)),
  ([تاریخ تولد], jalali(data.birth_date)),
  ([کد پستی], number(data.postal_code)),
)
"""

EXAMPLE = {
    "given_name": "آوا",
    "national_id": "0012345679",
    "birth_date": "2026-11-16",
    "postal_code": "14158-73645",
}

SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["given_name", "national_id", "birth_date", "postal_code"],
    "properties": {
        "given_name": {
            "type": "string",
            "minLength": 1,
            "x-title": {"fa": "نام", "en": "Given name"},
        },
        "national_id": {
            "type": "string",
            "pattern": "^[0-9]{10}$",
            "x-title": {"fa": "شماره ملی", "en": "National ID"},
        },
        "birth_date": {
            "type": "string",
            "format": "date",
            "x-title": {"fa": "تاریخ تولد", "en": "Date of birth"},
        },
        "postal_code": {"type": "string", "x-title": {"fa": "کد پستی", "en": "Postal code"}},
    },
    "examples": [EXAMPLE],
}

DATA = {
    "given_name": "باران",
    "national_id": "0077774442",
    "birth_date": "2026-11-20",
    "postal_code": "14158-73645",
}


def template(**changed: Any) -> dict[str, Any]:
    return {"kind": KIND, "version": VERSION, "source": SOURCE, "schema": SCHEMA} | changed


def order(**changed: Any) -> dict[str, Any]:
    return {
        "kind": KIND,
        "version": VERSION,
        "service_id": SERVICE,
        "title": TITLE,
        "holder": MOTHER,
        "notify": MOBILE,
        "data": DATA,
    } | changed
