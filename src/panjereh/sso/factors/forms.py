"""Codes that are not sent, and names that people give."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from panjereh.common.text import ascii_digits
from panjereh.sso.factors.recovery import DIGITS
from panjereh.sso.journeys.forms import NationalIdForm
from panjereh.ui.fields import CodeField, DigitsInput


class AppCodeField(CodeField):
    default_error_messages = {"required": _("Enter the code that the app shows now")}


class RecoveryCodeField(forms.CharField):
    widget = DigitsInput(width=20)
    default_error_messages = {
        "required": _("Enter one of your recovery codes"),
        "invalid": _("A recovery code has 20 digits; look at the sheet once more"),
    }

    def clean(self, value: Any) -> str:
        """Typed with blanks or dashes between the groups, or without."""
        typed = ascii_digits(str(super().clean(value) or ""))
        code = "".join(typed.replace("-", " ").split())
        if code and not (len(code) == DIGITS and code.isascii() and code.isdigit()):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return code


class AppCodeForm(forms.Form):
    code = AppCodeField(
        label=_("Code of the authenticator app"), help_text=_("The 6 digits that it shows now")
    )


class RecoveryCodeForm(forms.Form):
    code = RecoveryCodeField(
        label=_("Recovery code"), help_text=_("20 digits of your sheet that were not used yet")
    )


class AppSignInForm(NationalIdForm, AppCodeForm):
    field_order = ["national_id", "code"]


class RecoverySignInForm(NationalIdForm, RecoveryCodeForm):
    field_order = ["national_id", "code"]


class NameForm(forms.Form):
    name = forms.CharField(
        label=_("What shall it be called?"),
        help_text=_("So that you know it again, like: my phone, key at the office"),
        max_length=60,
        error_messages={"required": _("Give it a name")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class AppForm(NameForm, AppCodeForm):
    field_order = ["code", "name"]


class ResetForm(NationalIdForm):
    record = forms.CharField(
        label=_("Number of your record"),
        help_text=_("Under which your counter keeps that the national ID card was seen"),
        max_length=40,
        error_messages={"required": _("Enter the number of your record")},
        widget=forms.TextInput(
            attrs={"class": "govuk-input--width-10", "dir": "ltr", "autocomplete": "off"}
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["national_id"].label = _("National ID number of the person at the counter")
        self.fields["national_id"].widget.attrs["autocomplete"] = "off"


class PasskeyAnswerForm(forms.Form):
    """Filled by the script of the page."""

    answer = forms.CharField(widget=forms.HiddenInput)


class NewPasskeyForm(NameForm, PasskeyAnswerForm):
    field_order = ["name", "answer"]
