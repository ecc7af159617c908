"""Form fields for what people in Iran are asked: every message says what to do next.

All accept Persian, Arabic and Latin digits and spaces; `clean` gives the stored form.
"""

from collections.abc import Callable
from datetime import date
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _

from panjereh.common.identifiers import (
    InvalidIdentifier,
    parse_legal_id,
    parse_mobile,
    parse_national_id,
    parse_person_id,
    parse_postal_code,
)
from panjereh.common.text import ascii_digits
from panjereh.ui.jalali import from_jalali, month_names, to_jalali


class DigitsInput(forms.TextInput):
    """Digits in one line, left to right; never type=number, which eats leading zeros."""

    def __init__(self, *, width: int, autocomplete: str = "off", keyboard: str = "numeric") -> None:
        super().__init__(
            attrs={
                "class": f"govuk-input--width-{width} app-input-ltr",
                "dir": "ltr",
                "inputmode": keyboard,
                "autocomplete": autocomplete,
                "spellcheck": "false",
            }
        )


class _IdentifierField(forms.CharField):
    parse: Callable[[str], str]

    def clean(self, value: Any) -> str:
        text = str(super().clean(value) or "")
        if not text:
            return ""
        try:
            return type(self).parse(text)
        except InvalidIdentifier as flaw:
            raise ValidationError(self.error_messages[flaw.code], code=flaw.code) from flaw


class NationalIdField(_IdentifierField):
    parse = staticmethod(parse_national_id)
    widget = DigitsInput(width=10)
    default_error_messages = {
        "required": _("Enter the national ID number"),
        "empty": _("Enter the national ID number"),
        "not-digits": _("The national ID number has only digits; leave out letters and dashes"),
        "length": _("The national ID number has 10 digits"),
        "equal-digits": _("This is not a national ID number; look at the back of the card again"),
        "check-digit": _("One digit of the national ID number is wrong; check it once more"),
    }


class PersonIdField(NationalIdField):
    """Of an Iranian or of a foreign national: the number itself says which (`is_fida_code`)."""

    parse = staticmethod(parse_person_id)
    widget = DigitsInput(width=20)
    default_error_messages = {
        "length": _("The national ID number has 10 digits, a foreign national's FIDA code 12"),
    }


class LegalIdField(_IdentifierField):
    parse = staticmethod(parse_legal_id)
    widget = DigitsInput(width=20)
    default_error_messages = {
        "required": _("Enter the national ID of the company"),
        "empty": _("Enter the national ID of the company"),
        "not-digits": _("The national ID of a company has only digits"),
        "length": _("The national ID of a company has 11 digits"),
        "equal-digits": _("This is not the national ID of a company; check it once more"),
        "check-digit": _("One digit of the company's national ID is wrong; check it once more"),
    }


class MobileField(_IdentifierField):
    parse = staticmethod(parse_mobile)
    widget = DigitsInput(width=20, autocomplete="tel", keyboard="tel")
    default_error_messages = {
        "required": _("Enter the mobile number"),
        "empty": _("Enter the mobile number"),
        "not-digits": _("The mobile number has only digits, like 09121234567"),
        "prefix": _("Enter an Iranian mobile number with 11 digits that begins with 09"),
    }


class PostalCodeField(_IdentifierField):
    parse = staticmethod(parse_postal_code)
    widget = DigitsInput(width=20, autocomplete="postal-code")
    default_error_messages = {
        "required": _("Enter the postal code"),
        "empty": _("Enter the postal code"),
        "not-digits": _("The postal code has only digits"),
        "length": _("The postal code has 10 digits"),
        "prefix": _("There is no such postal code; check it on a bill or at the post"),
    }


class CodeField(forms.CharField):
    """The six digits that came by SMS."""

    widget = DigitsInput(width=5, autocomplete="one-time-code")
    default_error_messages = {
        "required": _("Enter the code that was sent to you"),
        "invalid": _("The code has 6 digits"),
    }

    def clean(self, value: Any) -> str:
        code = "".join(ascii_digits(str(super().clean(value) or "")).split())
        if code and not (len(code) == 6 and code.isdigit()):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return code


class JalaliDateInput(forms.MultiWidget):
    template_name = "ui/forms/jalali_date.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        self.wrong_part = 0
        month = forms.Select()
        month.choices = self.month_choices  # type: ignore[assignment]  # anew in each language
        super().__init__([DigitsInput(width=2), month, DigitsInput(width=4)], attrs)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        labels = (_("Day"), _("Month"), _("Year"))
        for index, part in enumerate(context["widget"]["subwidgets"]):
            part["label"] = labels[index]
            _dress(part, wrong=index == self.wrong_part)
        return context

    def decompress(self, value: Any) -> list[str]:
        if not isinstance(value, date):
            return ["", "", ""]
        year, month, day = to_jalali(value)
        return [str(day), str(month), str(year)]

    @staticmethod
    def month_choices() -> list[tuple[str, str]]:
        return [("", ""), *((str(i), name) for i, name in enumerate(month_names(), 1))]


class GregorianDateInput(JalaliDateInput):
    def decompress(self, value: Any) -> list[str]:
        if not isinstance(value, date):
            return ["", "", ""]
        return [str(value.day), str(value.month), str(value.year)]

    @staticmethod
    def month_choices() -> list[tuple[str, str]]:
        return [("", ""), *((str(i), str(name)) for i, name in MONTHS.items())]


def _dress(part: dict[str, Any], *, wrong: bool) -> None:
    """Give one input its class; only the part that is wrong is marked as wrong."""
    base = "govuk-select" if part.get("optgroups") else "govuk-input"
    invalid = part["attrs"].pop("aria-invalid", None)
    error = ""
    if invalid and wrong:
        part["attrs"]["aria-invalid"] = invalid
        error = f"{base}--error"
    classes = (base, error, part["attrs"].get("class", ""))
    part["attrs"]["class"] = " ".join(name for name in classes if name)


class JalaliDateField(forms.Field):
    """Day, month and year of the Jalali calendar in three inputs; gives a `date`.

    `latest` answers the last day that is accepted, for instance today for a birth date.
    """

    widget = JalaliDateInput
    default_error_messages = {
        "required": _("Enter the day, the month and the year"),
        "day": _("Enter the day as a number between 1 and 31"),
        "month": _("Choose the month"),
        "year": _("Enter the year with 4 digits in the Jalali calendar, like 1370"),
        "gregorian": _("Enter the year in the Jalali calendar, like 1370, not the Gregorian year"),
        "no-such-day": _("This month has no such day in that year; check the day"),
        "late": _("The date must not be in the future"),
    }

    def __init__(self, *, latest: Callable[[], date] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.latest = latest

    def clean(self, value: Any) -> date | None:
        self.widget.wrong_part = 0
        parts = [ascii_digits(str(part or "")).strip() for part in value or []]
        if not any(parts):
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        day, month, year = self._numbers(parts)
        try:
            found = self._day(year, month, day)
        except ValueError as error:
            raise self._wrong(0, "no-such-day") from error
        if self.latest and found > self.latest():
            raise self._wrong(2, "late")
        return found

    def _numbers(self, parts: list[str]) -> tuple[int, int, int]:
        day, month, year = (int(p) if p.isdigit() and len(p) <= 4 else 0 for p in parts)
        if not 1 <= day <= 31:
            raise self._wrong(0, "day")
        if not 1 <= month <= 12:
            raise self._wrong(1, "month")
        self._check_year(year)
        return day, month, year

    def _check_year(self, year: int) -> None:
        if 1800 <= year <= 2300:
            raise self._wrong(2, "gregorian")
        if not 1200 <= year <= 1600:
            raise self._wrong(2, "year")

    def _day(self, year: int, month: int, day: int) -> date:
        return from_jalali(year, month, day)

    def _wrong(self, part: int, code: str) -> ValidationError:
        self.widget.wrong_part = part
        return ValidationError(self.error_messages[code], code=code)

    def has_changed(self, initial: Any, data: Any) -> bool:
        before = cast(JalaliDateInput, self.widget).decompress(initial)
        return bool(super().has_changed(before, list(data or [])))


class GregorianDateField(JalaliDateField):
    """For those whose papers have no Jalali date, such as a foreign national's passport."""

    widget = GregorianDateInput
    default_error_messages = {
        "year": _("Enter the year with 4 digits, like 1991"),
        "jalali": _("Enter the year as in your passport, like 1991, not the Jalali year"),
    }

    def _check_year(self, year: int) -> None:
        if 1200 <= year <= 1600:
            raise self._wrong(2, "jalali")
        if not 1800 <= year <= 2300:
            raise self._wrong(2, "year")

    def _day(self, year: int, month: int, day: int) -> date:
        return date(year, month, day)
