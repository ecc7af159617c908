"""What is asked to give a mandate, to choose for whom one goes on, and at a counter."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from panjereh.common import clock
from panjereh.sdk.exchange import ExchangeError
from panjereh.sso.acting.models import EVERY_SERVICE
from panjereh.sso.acting.queries import agencies
from panjereh.sso.acting.services import titles_of
from panjereh.ui.fields import PersonIdField

LENGTHS = (
    (1, _("One day")),
    (7, _("One week")),
    (30, _("One month")),
    (180, _("Six months")),
    (365, _("One year")),
)
MOST_SERVICES = 20


class ServicesForm(forms.Form):
    """In all services, or in those whose codes are given."""

    scope = forms.ChoiceField(
        label=_("In which services?"),
        widget=forms.RadioSelect,
        choices=[("some", _("Only in these services")), ("all", _("In all services"))],
    )
    services = forms.CharField(
        label=_("Codes of the services"),
        help_text=_(
            "The page of each service has a link that fills this in; several with a space between"
        ),
        required=False,
        widget=forms.TextInput(attrs={"dir": "ltr", "spellcheck": "false"}),
    )

    def clean_services(self) -> list[str]:
        codes = str(self.cleaned_data.get("services", "")).replace(",", " ").split()
        if self.cleaned_data.get("scope") == "all":
            return [EVERY_SERVICE]
        if not codes:
            raise forms.ValidationError(_("Enter the code of at least one service"))
        if len(codes) > MOST_SERVICES:
            raise forms.ValidationError(_("Enter at most 20 services"))
        for code in codes:
            self._check(code)
        return list(dict.fromkeys(codes))

    def _check(self, code: str) -> None:
        try:
            known = bool(titles_of(code))
        except ExchangeError as error:
            raise forms.ValidationError(
                _("The catalogue of services does not answer just now; try again in a minute")
            ) from error
        if not known:
            raise forms.ValidationError(
                _("There is no service %(code)s; look at its page again"), params={"code": code}
            )


class GiveForm(ServicesForm):
    national_id = PersonIdField(
        label=_("Who shall act? Their national ID number"),
        help_text=_("They have to have an account of their own, and to accept."),
    )
    days = forms.TypedChoiceField(
        label=_("For how long?"), coerce=int, choices=LENGTHS, widget=forms.RadioSelect
    )
    field_order = ["national_id", "scope", "services", "days"]

    @property
    def ends_at(self) -> datetime:
        return clock.now() + timedelta(days=self.cleaned_data["days"])


class ClerkForm(ServicesForm):
    national_id = PersonIdField(label=_("National ID number of the clerk"))
    agency = forms.ChoiceField(label=_("Whose services does the counter offer?"))
    office = forms.CharField(
        label=_("Name of the counter"),
        help_text=_("As citizens read it in the message with the code"),
        max_length=120,
    )
    field_order = ["national_id", "agency", "office", "scope", "services"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agency"].choices = agencies()  # type: ignore[attr-defined]

    @property
    def facts(self) -> dict[str, Any]:
        names = ("national_id", "agency", "office", "services")
        return {name: self.cleaned_data[name] for name in names}


class CitizenForm(forms.Form):
    national_id = PersonIdField(label=_("National ID number of the citizen"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["national_id"].widget.attrs["autocomplete"] = "off"
