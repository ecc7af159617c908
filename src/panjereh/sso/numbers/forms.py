from datetime import date, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from panjereh.sso.numbers.days import today
from panjereh.ui.fields import JalaliDateField

LENGTHS = {"week": 7, "month": 30, "quarter": 90, "year": 365}


class DayForm(forms.Form):
    """An empty form asks for today."""

    day = JalaliDateField(label=_("Date"), latest=today, required=False)
    period = forms.ChoiceField(
        label=_("For sites and ways: the time up to that date"),
        required=False,
        choices=[
            ("month", _("30 days")),
            ("week", _("7 days")),
            ("quarter", _("90 days")),
            ("year", _("365 days")),
        ],
    )

    @property
    def last(self) -> date:
        chosen = self.cleaned_data.get("day") if self.is_valid() else None
        return chosen or today()

    @property
    def first(self) -> date:
        chosen = self.cleaned_data.get("period") if self.is_valid() else ""
        return self.last - timedelta(days=LENGTHS.get(chosen or "month", 30) - 1)
