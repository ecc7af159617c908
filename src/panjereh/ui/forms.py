"""How every form looks: one markup, one error summary, messages in the reader's digits."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import django.forms
from django.forms import BaseForm, BoundField, widgets
from django.forms import Field as FormField
from django.forms.renderers import DjangoTemplates
from django.template.backends.django import DjangoTemplates as Engine

_TEMPLATES = Path(__file__).parent / "templates"
_DJANGO_TEMPLATES = Path(django.forms.__file__).parent / "templates"


@dataclass(frozen=True)
class Fault:
    """One line of the error summary; without a target it belongs to the whole form."""

    text: str
    target: str = ""


class Field(BoundField):
    """A field of a form, with the classes and targets of the design system."""

    def build_widget_attrs(
        self, attrs: dict[str, Any], widget: widgets.Widget | None = None
    ) -> dict[str, Any]:
        built = super().build_widget_attrs(attrs, widget)
        widget = widget or self.field.widget
        # Browsers speak their own language about a missing field; ours is in the page's.
        built.pop("required", None)
        if base := _css_class(widget):
            given = built.get("class", widget.attrs.get("class", ""))
            wrong = f"{base}--error" if self.errors else ""
            built["class"] = " ".join(str(part) for part in (base, given, wrong) if part)
        return built

    @property
    def first_input(self) -> str:
        """The id that the error summary leads to: groups have no element of their own id."""
        widget = self.field.widget
        if isinstance(widget, widgets.MultiWidget):
            return f"{self.auto_id}_{getattr(widget, 'wrong_part', 0)}"
        if isinstance(widget, widgets.ChoiceWidget) and widget.input_type != "select":
            return f"{self.auto_id}_0"
        return self.id_for_label or str(self.auto_id)


def _css_class(widget: widgets.Widget) -> str:
    if isinstance(widget, widgets.CheckboxInput):
        return "govuk-checkboxes__input"
    if isinstance(widget, widgets.Textarea):
        return "govuk-textarea"
    if isinstance(widget, widgets.FileInput):
        return "govuk-file-upload"
    if isinstance(widget, widgets.RadioSelect | widgets.MultiWidget):
        return ""
    if isinstance(widget, widgets.Select):
        return "govuk-select"
    return "govuk-input" if isinstance(widget, widgets.Input) and not widget.is_hidden else ""


class Renderer(DjangoTemplates):
    form_template_name = "ui/forms/form.html"
    field_template_name = "ui/forms/field.html"
    bound_field_class = Field

    @cached_property
    def engine(self) -> Engine:
        # Ours first: a few of Django's widget templates are replaced under their own names.
        return Engine(
            {
                "APP_DIRS": True,
                "DIRS": [_TEMPLATES, _DJANGO_TEMPLATES],
                "NAME": "panjereh-forms",
                "OPTIONS": {},
            }
        )


def faults(form: BaseForm) -> list[Fault]:
    return list(_faults(form))


def _faults(form: BaseForm) -> Iterator[Fault]:
    for text in form.non_field_errors():
        yield Fault(str(text))
    for bound in form:
        target = bound.first_input if isinstance(bound, Field) else bound.id_for_label
        for text in bound.errors:
            yield Fault(_named(bound, str(text)), str(target))


def _named(bound: BoundField, text: str) -> str:
    """Far from its field, "fill this in" has to say what."""
    nameless = text == str(FormField.default_error_messages["required"])
    return f"{bound.label}: {text}" if nameless else text
