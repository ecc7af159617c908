"""What a verdict says to a citizen: what is so, and what to do."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from panjereh.national.documents.models import Status
from panjereh.national.documents.verification import Flaw, Verdict

Text = str | Promise

FLAWS: dict[Flaw, Text] = {
    Flaw.UNREADABLE: _("This file is not a PDF, or it is damaged. Ask for the file again."),
    Flaw.UNSEALED: _(
        "This file has no electronic seal. A picture or a print of a document has none; ask for the"
        " file itself, or check the number."
    ),
    Flaw.CHANGED: _("Something in this file was changed after it was sealed."),
    Flaw.CHANGED_AFTER_SEAL: _(
        "Something was added to this file after it was sealed. What you see on the page may not be"
        " what was issued."
    ),
    Flaw.OTHER_FILE: _("This file is not the one that was issued under this number."),
    Flaw.OTHER_DOCUMENT: _("This file is a real document, but it has another number."),
    Flaw.FOREIGN_SEAL: _("The seal on this file is not the seal of a government agency."),
    Flaw.SEAL_REVOKED: _("The seal on this file had been withdrawn before the file was sealed."),
    Flaw.UNKNOWN: _("No document with this number has been issued."),
    Flaw.SUSPENDED: _(
        "The agency has suspended this document. Do not rely on it until the agency decides."
    ),
    Flaw.REVOKED: _("The agency has revoked this document. It is no longer valid."),
    Flaw.SUPERSEDED: _("A newer document has replaced this one. Ask for the newer one."),
    Flaw.OTHER_DATA: _("The data inside this file are not those that were issued."),
}

# A file that nobody knows was not looked up by number.
UNKNOWN_FILE = _("No agency has issued this file.")

RULES: dict[int, Text] = {
    1: _("The seal is whole and nothing was added after it"),
    2: _("It is the very file that was issued"),
    3: _("The seal belongs to a government agency"),
    4: _("It has not been revoked or replaced"),
    5: _("The data inside are those that were issued"),
}

STATUSES: dict[str, tuple[Text, str]] = {
    Status.VALID: (_("Valid"), "green"),
    Status.SUSPENDED: (_("Suspended"), "orange"),
    Status.REVOKED: (_("Revoked"), "red"),
    Status.SUPERSEDED: (_("Replaced"), "yellow"),
}


@dataclass(frozen=True)
class RuleLine:
    text: Text
    kept: bool


@dataclass(frozen=True)
class DataRow:
    label: str
    value: str
    kind: str


def heading(verdict: Verdict) -> Text:
    if verdict.valid:
        # A forger may print a real QR code on another page: without the file we have not seen it.
        by_number = _("There is a valid document with this number")
        return _("This document is valid") if verdict.by_file else by_number
    if verdict.by_file and not verdict.same_file:
        return _("This file is not valid")
    return _("This document is not valid")


def reasons(verdict: Verdict) -> list[Text]:
    said = dict(FLAWS)
    if verdict.by_file:
        said[Flaw.UNKNOWN] = UNKNOWN_FILE
    return [said[flaw] for flaw in verdict.flaws]


def rule_lines(verdict: Verdict) -> list[RuleLine]:
    """The rules that could be looked at; by number alone there is only the status."""
    found = verdict.findings
    if found is None or not found.readable:
        return []
    seen = {1, 2} | ({3} if found.intact else set()) | ({4, 5} if verdict.document else set())
    return [RuleLine(RULES[n], n not in verdict.broken_rules) for n in sorted(seen)]


def data_rows(schema: dict[str, Any], data: dict[str, Any], language: str) -> list[DataRow]:
    """The data of a document under the names that its schema gives them in `x-title`.

    Data without such a name are seen in the picture of the document, which is always shown.
    """
    return list(_rows(schema, data, language, schema))


def _rows(
    known: dict[str, Any], data: dict[str, Any], language: str, schema: dict[str, Any]
) -> Iterator[DataRow]:
    for name, value in data.items():
        field = _resolved(known.get("properties", {}).get(name, {}), schema)
        label = field.get("x-title", {}).get(language, "")
        if isinstance(value, dict):
            for row in _rows(field, value, language, schema):
                yield replace(row, label=f"{label}: {row.label}") if label else row
        elif label:
            shown = "، ".join(map(str, value)) if isinstance(value, list) else str(value)
            yield DataRow(label, shown, _kind(field, shown))


def _resolved(field: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """A field with what its reference says; titles of the field itself come first."""
    target = schema
    for part in field.get("$ref", "#").split("/")[1:]:
        target = target.get(part, {})
    return target | field if "$ref" in field else field


def _kind(field: dict[str, Any], text: str) -> str:
    """How to print it: a date, a code that keeps its own direction, or text."""
    if field.get("format") == "date":
        return "date"
    return "code" if text.isascii() and " " not in text else "text"
