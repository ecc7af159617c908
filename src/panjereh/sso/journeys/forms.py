"""One question each."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from panjereh.ui.fields import (
    CodeField,
    GregorianDateField,
    JalaliDateField,
    MobileField,
    PersonIdField,
)


def today() -> date:
    return timezone.localdate()


class NationalIdForm(forms.Form):
    """One field for all: nobody has to say first what a number of twelve digits shows anyway."""

    national_id = PersonIdField(
        label=_("What is your national ID number?"),
        help_text=_(
            "The ten digits on your national card, like 0012345679. Foreign nationals enter the "
            "twelve digits of their FIDA code."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["national_id"].widget.attrs["autocomplete"] = "username"


class BirthDateForm(forms.Form):
    birth_date = JalaliDateField(
        label=_("When were you born?"),
        help_text=_("As it stands on your birth certificate, like 17 Mehr 1370"),
        latest=today,
    )


class ForeignBirthDateForm(forms.Form):
    birth_date = GregorianDateField(
        label=_("When were you born?"),
        help_text=_("As it stands in your passport or permit, like 9 October 1991"),
        latest=today,
    )


class MobileForm(forms.Form):
    mobile = MobileField(
        label=_("What is your mobile number?"),
        help_text=_("A number in your own name; codes and notices are sent to it"),
    )


class CodeForm(forms.Form):
    code = CodeField(label=_("Code"), help_text=_("The 6 digits of the message"))
