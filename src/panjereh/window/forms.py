from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from panjereh.common import clock
from panjereh.common.text import ascii_digits, clean
from panjereh.sdk import usage

DAYS_OF = {"day": 0, "week": 6, "month": 29}


class RatingForm(forms.Form):
    stars = forms.TypedChoiceField(
        label=_("How was this service?"),
        coerce=int,
        choices=[
            (5, _("5 - very good")),
            (4, _("4 - good")),
            (3, _("3 - fair")),
            (2, _("2 - bad")),
            (1, _("1 - very bad")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how many stars you give")},
    )
    comment = forms.CharField(
        label=_("What should be better?"),
        help_text=_("You may leave this empty. Do not write names or numbers of people here."),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )

    def clean_comment(self) -> str:
        return clean(self.cleaned_data["comment"])


class TrackingForm(forms.Form):
    tracking_id = forms.CharField(
        label=_("Tracking ID"),
        max_length=60,
        widget=forms.TextInput(
            attrs={
                "dir": "ltr",
                "class": "app-input-ltr govuk-input--width-20",
                "spellcheck": "false",
            }
        ),
        error_messages={"required": _("Enter the tracking ID that came to you by SMS")},
    )

    def clean_tracking_id(self) -> str:
        return "".join(ascii_digits(self.cleaned_data["tracking_id"]).upper().split())

    def not_found(self) -> None:
        self.add_error(
            "tracking_id",
            _("You have no request with this tracking ID. Check it in the SMS once more."),
        )


class PredictionsForm(forms.Form):
    predictions = forms.ChoiceField(
        label=_("May the window foresee what you need?"),
        help_text=_(
            "The window asks the registries about you, for example for a newborn of yours, and "
            "shows the service that follows from it. Nobody else sees the answer and it is "
            "not kept."
        ),
        choices=[("on", _("Yes, tell me what I am about to need")), ("off", _("No, do not look"))],
        widget=forms.RadioSelect,
    )

    @property
    def wanted(self) -> bool:
        chosen: dict[str, Any] = self.cleaned_data
        return bool(chosen["predictions"] == "on")


class LooksFilter(forms.Form):
    agency = forms.ChoiceField(label=_("Agency"), required=False)
    period = forms.ChoiceField(
        label=_("Time"),
        required=False,
        choices=[
            ("", _("The whole time that is kept")),
            ("day", _("Today")),
            ("week", _("The past seven days")),
            ("month", _("The past 30 days")),
        ],
    )

    def offer(self, agencies: Iterable[usage.Agency]) -> None:
        """The agencies that have looked, in the reader's language."""
        self.offer_names({agency.id: agency.name for agency in agencies})

    def offer_names(self, agencies: Mapping[str, Mapping[str, str]]) -> None:
        language = "en" if get_language() == "en" else "fa"
        named = [(code, name.get(language) or name["fa"]) for code, name in agencies.items()]
        field: Any = self.fields["agency"]
        field.choices = [("", _("All agencies")), *named]

    @property
    def wanted_agency(self) -> str:
        return str(self.data.get("agency", ""))[:120]

    @property
    def since(self) -> date | None:
        days = DAYS_OF.get(str(self.data.get("period", "")))
        return None if days is None else timezone.localdate(clock.now()) - timedelta(days=days)


class ReleasesFilter(LooksFilter):
    """The sign-on keeps its lines longer than the exchange its looks."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["period"]
        field.choices = [("", _("All that is kept")), *field.choices[1:]]


class WhyForm(forms.Form):
    text = forms.CharField(
        label=_("What do you want to know?"),
        help_text=_(
            "One or two sentences are enough. The agency reads what you write, together with the "
            "time of the look and the case; your name is not sent."
        ),
        min_length=10,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        error_messages={
            "required": _("Write what you want to know"),
            "min_length": _("Write a little more, so that the agency understands what you ask"),
        },
    )

    def clean_text(self) -> str:
        return clean(self.cleaned_data["text"])
