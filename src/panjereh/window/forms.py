from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from panjereh.common.text import ascii_digits, clean


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
