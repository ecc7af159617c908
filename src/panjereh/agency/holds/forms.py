"""What is asked of a held person: the serial of the new identity card, and nothing a registry
knows."""

from django import forms
from django.utils.translation import gettext_lazy as _

from panjereh.agency.holds.models import Rule
from panjereh.common.text import ascii_digits
from panjereh.ui.fields import NationalIdField


class SerialForm(forms.Form):
    card_serial = forms.CharField(
        label=_("Serial of the present identity card"),
        help_text=_("Ten letters and digits on the card, like 7K40215963."),
        max_length=20,
        widget=forms.TextInput(
            attrs={
                "dir": "ltr",
                "class": "app-input-ltr govuk-input--width-10",
                "spellcheck": "false",
                "autocomplete": "off",
            }
        ),
        error_messages={"required": _("Enter the serial of the card")},
    )

    def clean_card_serial(self) -> str:
        serial = "".join(ascii_digits(self.cleaned_data["card_serial"]).upper().split())
        if len(serial) != 10 or not (serial.isascii() and serial.isalnum()):
            raise forms.ValidationError(_("The serial has ten letters and digits"))
        return serial

    def not_right(self) -> None:
        self.add_error(
            "card_serial",
            _("This is not the serial of the card that is valid now; look at the newest card"),
        )

    def too_often(self) -> None:
        self.add_error(
            "card_serial", _("The serial was wrong too often; it can be tried again in an hour")
        )


class PersonForm(forms.Form):
    national_id = NationalIdField(label=_("National ID of the person at the counter"))

    def nothing_held(self) -> None:
        self.add_error("national_id", _("Nothing of this person is held here"))


class RuleForm(forms.Form):
    service_id = forms.CharField(max_length=110)
    effect = forms.ChoiceField(choices=Rule.Effect.choices)
