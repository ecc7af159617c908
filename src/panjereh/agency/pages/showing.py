"""Data of registries and answers as rows that a person reads."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from panjereh.agency.forms.definition import Item
from panjereh.agency.forms.view import FieldView, FormView, PageView
from panjereh.agency.operations import registry
from panjereh.agency.operations.systems import SYSTEMS
from panjereh.agency.packages.model import Package
from panjereh.ui.templatetags.panjereh import digits, jalali, jalali_time, ltr

Row = dict[str, Any]


@dataclass(frozen=True)
class Reader:
    """A package in the reader's language."""

    package: Package
    language: str

    def text(self, key: str) -> str:
        return self.package.text(key, self.language)


def reader(package: Package) -> Reader:
    return Reader(package, (get_language() or "fa")[:2])


@dataclass(frozen=True)
class Shown:
    """Rows out of one source, and where a mistake in them is put right."""

    rows: list[Row]
    keeper: str | Promise
    system: str
    at: str


def shown_records(read: Reader, page: PageView) -> list[Shown]:
    return [_shown(read, field) for field in page.fields if _is_shown(field)]


def _is_shown(field: FieldView) -> bool:
    return bool(field.field.items and field.shown) and len(field.options) < 2


def _shown(read: Reader, field: FieldView) -> Shown:
    system = system_of(read.package, field.field.source)
    return Shown(rows_of(read, field), SYSTEMS[system].keeper, system, field.at)


def system_of(package: Package, source: str) -> str:
    found = registry.find(package.form.sources[source].operation)
    return found[0].system if found else ""


def rows_of(read: Reader, field: FieldView) -> list[Row]:
    data = field.shown or {}
    return [
        {
            "key": read.text(f"items.{field.field.source}.{item.item}"),
            "value": formatted(read, item, data[item.item]),
        }
        for item in field.field.items
        if data.get(item.item) is not None
    ]


def formatted(read: Reader, item: Item, value: Any) -> str:
    if item.format == "value":
        return read.text(f"values.{item.item}.{value}") or str(value)
    return str(_FORMATS[item.format](value))


_FORMATS: dict[str, Callable[[Any], object]] = {
    "text": str,
    "date": jalali,
    "date-time": jalali_time,
    "number": digits,
    "identifier": ltr,
}


def option_text(read: Reader, field: FieldView, entry: dict[str, Any]) -> str:
    """One line that tells an entry of a list from the others."""
    comma = "، " if read.language == "fa" else ", "
    parts = [
        formatted(read, item, entry[item.item])
        for item in field.field.items
        if entry.get(item.item) is not None
    ]
    return comma.join(str(part) for part in parts)


def review_rows(
    read: Reader, seen: FormView, link: Callable[[str], str]
) -> list[tuple[str, list[Row]]]:
    """Everything that is about to be sent, page by page, with a way to change what was asked."""
    return [
        (read.text(f"pages.{page.page.id}.title"), rows)
        for page in seen.pages
        if (rows := _page_rows(read, page, link))
    ]


def _page_rows(read: Reader, page: PageView, link: Callable[[str], str]) -> list[Row]:
    rows: list[Row] = []
    for field in page.fields:
        if field.field.items and field.shown:
            rows += _from_source(read, field)
        if field.field.asked and field.value is not None and field.field.type != "record":
            rows.append(
                {
                    "key": read.text(f"fields.{field.field.id}.label"),
                    "value": answer_text(read, field),
                    "link": link(page.page.id),
                }
            )
        if field.field.type == "record" and len(field.options) > 1 and rows:
            rows[0] = {**rows[0], "link": link(page.page.id)}
    return rows


def _from_source(read: Reader, field: FieldView) -> list[Row]:
    keeper = SYSTEMS[system_of(read.package, field.field.source)].keeper
    told = _("From: %(keeper)s") % {"keeper": keeper}
    return [{**row, "source": told} for row in rows_of(read, field)]


def answer_text(read: Reader, field: FieldView) -> str:
    kind, value = field.field.type, field.value
    if kind == "confirm":
        answer = "yes" if value else "no"
        return read.text(f"fields.{field.field.id}.{answer}") or (_("Yes") if value else _("No"))
    if kind == "choice":
        return read.text(f"fields.{field.field.id}.choices.{value}")
    if kind == "date":
        return str(jalali(value))
    return str(ltr(value)) if kind == "postal-code" else str(value)
