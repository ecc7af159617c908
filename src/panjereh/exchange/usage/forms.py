"""What a representative answers, and what an auditor searches."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from panjereh.common import clock
from panjereh.common.identifiers import InvalidIdentifier, parse_national_id
from panjereh.common.text import ascii_digits, clean
from panjereh.exchange.usage.actions import Inquiry
from panjereh.exchange.usage.queries import kept_since

_ID = {
    "dir": "ltr",
    "class": "app-input-ltr govuk-input--width-10",
    "inputmode": "numeric",
    "autocomplete": "off",
    "spellcheck": "false",
}
DAYS_OF = {"day": 1, "week": 7, "month": 30}


class AnswerForm(forms.Form):
    text = forms.CharField(
        label=_("Your answer"),
        help_text=_(
            "Say in plain words why your agency looked and what came of it. It goes to the "
            "person's e-box and cannot be changed. Write nothing about other people."
        ),
        min_length=20,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 7, "dir": "auto"}),
        error_messages={
            "required": _("Write your answer"),
            "min_length": _("Write an answer that explains the reason"),
        },
    )


class NationalIdField(forms.CharField):
    def clean(self, value: Any) -> str:
        text = super().clean(value)
        try:
            return parse_national_id(ascii_digits(text)) if text else ""
        except InvalidIdentifier as error:
            raise forms.ValidationError(
                _("Check this national ID number: it has ten digits"), code="invalid"
            ) from error


class AuditForm(forms.Form):
    case_number = forms.CharField(
        label=_("Number of the audit or court case"),
        max_length=60,
        widget=forms.TextInput(attrs={"dir": "ltr", "class": "govuk-input--width-20"}),
        error_messages={"required": _("Enter the number of the case: no search without one")},
    )
    reason = forms.CharField(
        label=_("Why do you search?"),
        help_text=_("It is kept with your name and the time. Write no names or numbers of people."),
        min_length=10,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        error_messages={
            "required": _("Write why you search"),
            "min_length": _("Write the reason so that another auditor understands it"),
        },
    )
    subject = NationalIdField(
        label=_("National ID number of the person who was looked at"),
        help_text=_("Leave it empty to see everybody at whom one person looked."),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs=_ID),
    )
    acting = NationalIdField(
        label=_("National ID number of the person who looked"),
        help_text=_("Leave it empty to see everybody who looked. One of the two is needed."),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs=_ID),
    )
    period = forms.ChoiceField(
        label=_("Time"),
        required=False,
        choices=[
            ("", _("The whole time that is kept")),
            ("day", _("The past 24 hours")),
            ("week", _("The past seven days")),
            ("month", _("The past 30 days")),
        ],
    )

    def clean_case_number(self) -> str:
        return clean(ascii_digits(self.cleaned_data["case_number"]))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        wrong = {"subject", "acting"} & self.errors.keys()
        if not wrong and not (cleaned.get("subject") or cleaned.get("acting")):
            self.add_error("subject", _("Enter at least one of the two national ID numbers"))
        return cleaned

    def inquiry(self) -> Inquiry:
        given = self.cleaned_data
        days = DAYS_OF.get(given["period"])
        return Inquiry(
            case_number=given["case_number"],
            reason=given["reason"],
            since=clock.now() - timedelta(days=days) if days else kept_since(),
            until=clock.now(),
            subject=given["subject"],
            acting=given["acting"],
        )
