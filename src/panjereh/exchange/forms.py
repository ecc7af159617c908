"""What the operator asks of the traffic."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from panjereh.common import clock
from panjereh.common.text import ascii_digits
from panjereh.exchange.models import System
from panjereh.exchange.queries import Selection

PERIODS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}


class TrafficFilter(forms.Form):
    case = forms.CharField(
        label=_("Tracking ID"),
        required=False,
        max_length=64,
        widget=forms.TextInput(attrs={"dir": "ltr", "class": "govuk-input--width-20"}),
    )
    call = forms.CharField(
        label=_("Request ID or message ID"),
        required=False,
        max_length=64,
        widget=forms.TextInput(attrs={"dir": "ltr", "class": "govuk-input--width-20"}),
    )
    service = forms.CharField(
        label=_("Code of the service"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"dir": "ltr", "class": "govuk-input--width-20"}),
    )
    consumer = forms.ChoiceField(label=_("Consumer"), required=False)
    provider = forms.ChoiceField(label=_("Provider"), required=False)
    outcome = forms.ChoiceField(
        label=_("Outcome"),
        required=False,
        choices=[
            ("", _("Any")),
            ("success", _("Answered")),
            ("consumer", _("Failed because of the consumer")),
            ("gateway", _("Failed because of the exchange")),
            ("provider", _("Failed because of the provider")),
        ],
    )
    period = forms.ChoiceField(
        label=_("Time"),
        required=False,
        choices=[
            ("", _("Any")),
            ("hour", _("The past hour")),
            ("day", _("The past 24 hours")),
            ("week", _("The past seven days")),
        ],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        systems = list(System.objects.select_related("member"))
        self.fields["consumer"].choices = _choices(systems)  # type: ignore[attr-defined]
        providers = [system for system in systems if system.base_url]
        self.fields["provider"].choices = _choices(providers)  # type: ignore[attr-defined]

    def clean_case(self) -> str:
        return ascii_digits(self.cleaned_data["case"]).strip()

    def selection(self) -> Selection:
        given = {name: value for name, value in self.cleaned_data.items() if value}
        period = PERIODS.get(given.pop("period", ""))
        return Selection(since=clock.now() - period if period else None, **given)


def _choices(systems: list[System]) -> list[tuple[str, Any]]:
    language = "en" if get_language() == "en" else "fa"
    named = [(system.x_road_id, system.name[language]) for system in systems]
    return [("", _("Any")), *sorted(named, key=lambda pair: pair[1])]
