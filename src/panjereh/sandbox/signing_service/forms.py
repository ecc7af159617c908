from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

_LATIN = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789")


class Digits(forms.CharField):
    def to_python(self, value: Any) -> str:
        return str(super().to_python(value) or "").translate(_LATIN)


class PinForm(forms.Form):
    pin = Digits(
        label=_("PIN of your signature"),
        max_length=12,
        validators=[RegexValidator(r"^\d{6,12}$", _("The PIN has 6 to 12 digits."))],
        widget=forms.PasswordInput(
            attrs={
                "class": "govuk-input--width-10 app-input-ltr",
                "dir": "ltr",
                "inputmode": "numeric",
                "autocomplete": "off",
            }
        ),
    )


class CodeForm(forms.Form):
    code = Digits(
        label=_("Code from the SMS"),
        max_length=6,
        validators=[RegexValidator(r"^\d{6}$", _("The code has 6 digits."))],
        widget=forms.TextInput(
            attrs={
                "class": "govuk-input--width-5 app-input-ltr",
                "dir": "ltr",
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
            }
        ),
    )
