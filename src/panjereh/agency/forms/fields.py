"""The Django form of a page: the questions of the design system, judged by the package's tables."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from panjereh.agency.forms.definition import Field
from panjereh.agency.forms.view import FieldView, FormView, PageView, prefilled
from panjereh.common.text import clean
from panjereh.ui.fields import JalaliDateField, PostalCodeField

Text = Callable[[str], str]  # key of the package's texts -> the reader's text
YES, NO = "yes", "no"


class PageForm(forms.Form):
    """Its fields are those of the page; `answers` are what to keep."""

    def __init__(self, page: PageView, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.page = page

    @property
    def answers(self) -> dict[str, Any]:
        return {
            f.field.id: _stored(f.field, self.cleaned_data[f.field.name])
            for f in questions(self.page)
        }


def questions(page: PageView) -> list[FieldView]:
    return [f for f in page.fields if f.field.asked and not _single(f)]


def _single(shown: FieldView) -> bool:
    return shown.field.type == "record" and len(shown.options) < 2


def page_form(
    page: PageView,
    form_view: FormView,
    *,
    text: Text,
    option_text: Callable[[FieldView, dict[str, Any]], str],
    data: Mapping[str, Any] | None = None,
) -> PageForm:
    asked = questions(page)
    initial = {f.field.name: _shown(f.field, prefilled(f, form_view)) for f in asked}
    made = PageForm(page, data=data, initial=initial)
    for shown in asked:
        made.fields[shown.field.name] = _django_field(shown, text, option_text)
    return made


def _django_field(
    shown: FieldView, text: Text, option_text: Callable[[FieldView, dict[str, Any]], str]
) -> forms.Field:
    field = shown.field
    common: dict[str, Any] = {
        "label": text(f"fields.{field.id}.label"),
        "help_text": text(f"fields.{field.id}.hint"),
        "required": field.required,
    }
    if field.type == "record":
        choices = [(str(entry[shown.key]), option_text(shown, entry)) for entry in shown.options]
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **common)
    return _PLAIN[field.type](field, text, common)


def _text_field(field: Field, text: Text, common: dict[str, Any]) -> forms.Field:
    return NameField(max_length=field.max_length, **common)


def _postal_code(field: Field, text: Text, common: dict[str, Any]) -> forms.Field:
    return PostalCodeField(**common)


def _confirm(field: Field, text: Text, common: dict[str, Any]) -> forms.Field:
    choices = [
        (YES, text(f"fields.{field.id}.yes") or _("Yes")),
        (NO, text(f"fields.{field.id}.no") or _("No")),
    ]
    return forms.ChoiceField(
        choices=choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose yes or no")},
        **common,
    )


def _choice(field: Field, text: Text, common: dict[str, Any]) -> forms.Field:
    choices = [(c, text(f"fields.{field.id}.choices.{c}")) for c in field.choices]
    return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **common)


def _date(field: Field, text: Text, common: dict[str, Any]) -> forms.Field:
    return JalaliDateField(latest=timezone.localdate, **common)


class NameField(forms.CharField):
    """Text as it is stored: one form of each letter, half-spaces kept."""

    default_error_messages = {"required": _("Write an answer; this cannot be left empty")}

    def to_python(self, value: Any) -> str:
        return clean(str(super().to_python(value) or ""))


_PLAIN: dict[str, Callable[[Field, Text, dict[str, Any]], forms.Field]] = {
    "text": _text_field,
    "person-name": _text_field,
    "postal-code": _postal_code,
    "confirm": _confirm,
    "choice": _choice,
    "date": _date,
}


def _stored(field: Field, value: Any) -> Any:
    if field.type == "confirm":
        return value == YES
    return value.isoformat() if isinstance(value, date) else value


def _shown(field: Field, value: Any) -> Any:
    if field.type == "confirm" and value is not None:
        return YES if value else NO
    return value
