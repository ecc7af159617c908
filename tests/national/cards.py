"""A complete service card, as an agency would submit it."""

import copy
from typing import Any

SERVICE = "civil-registration.newborn-certificate"


def text(fa: str, en: str) -> dict[str, str]:
    return {"fa": fa, "en": en}


_CARD: dict[str, Any] = {
    "id": SERVICE,
    "version": "1.0",
    "agency": {
        "code": "civil-registry",
        "name": text("سازمان ثبت احوال کشور", "National Organisation for Civil Registration"),
    },
    "title": text("گواهی ولادت نوزاد", "Birth certificate of a newborn"),
    "standard_title": text("صدور شناسنامه نوزاد", "Issue of a newborn's certificate"),
    "summary": text("شناسنامه نوزاد خود را بگیرید", "Get the certificate of your newborn"),
    "description": text("ثبت ولادت و صدور گواهی", "The birth is entered and certified"),
    "nature": "sovereign",
    "category": "family",
    "life_events": ["birth"],
    "audience": "people",
    "recipients": text("پدر یا مادر نوزاد", "A parent of the newborn"),
    "synonyms": {"fa": ["گرفتن شناسنامه بچه"], "en": ["birth certificate"]},
    "legal_basis": [
        {"law": "قانون ثبت احوال", "article": "12", "text": text("ثبت ولادت", "Entry of births")}
    ],
    "fee": {"amount_rial": 0, "legal_basis": "رایگان"},
    "duration": {"text": text("چند دقیقه", "A few minutes"), "iso": "PT10M"},
    "assurance_level": 1,
    "channels": ["website"],
    "e_delivery_level": "transactional",
    "in_person_reasons": [],
    "inputs": [{"name": text("نام نوزاد", "Name of the child")}],
    "registry_inputs": [
        {
            "system": "health-registry",
            "service": "birth-notices",
            "name": text("گواهی ولادت بیمارستان", "Birth notice of the hospital"),
        }
    ],
    "documents_needed": [],
    "steps": [text("بررسی و ثبت", "Check and entry")],
    "units": [text("اداره ثبت ولادت", "Births office")],
    "owner": {"post": text("مدیرکل ثبت ولادت", "Director of births")},
    "statistics": {"recipients_per_year": 1_000_000},
    "smart_status": "delivered",
    "delivery_link": text(
        "http://civil-registration.agency.localhost:8102/fa/newborn/",
        "http://civil-registration.agency.localhost:8102/en/newborn/",
    ),
}


def card(**changed: Any) -> dict[str, Any]:
    """The card with some of its fields changed; None leaves a field out."""
    made = copy.deepcopy(_CARD) | changed
    return {name: value for name, value in made.items() if value is not None}
