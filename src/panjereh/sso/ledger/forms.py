from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from panjereh.common import clock
from panjereh.sso.ledger.queries import Texts
from panjereh.sso.ledger.wire import said

DAYS_OF = {"day": 0, "week": 6, "month": 29, "year": 364}


class ReleasesFilter(forms.Form):
    agency = forms.ChoiceField(label=_("Agency"), required=False)
    period = forms.ChoiceField(
        label=_("Time"),
        required=False,
        choices=[
            ("", _("The whole time that is kept")),
            ("day", _("Today")),
            ("week", _("The past seven days")),
            ("month", _("The past 30 days")),
            ("year", _("The past year")),
        ],
    )

    def offer(self, agencies: dict[str, Texts]) -> None:
        """Those that were ever told something, in the reader's language."""
        field: Any = self.fields["agency"]
        named = [(code, said(name)) for code, name in agencies.items()]
        field.choices = [("", _("All agencies")), *named]

    @property
    def wanted_agency(self) -> str:
        return str(self.data.get("agency", ""))[:60]

    @property
    def since(self) -> datetime | None:
        days = DAYS_OF.get(str(self.data.get("period", "")))
        if days is None:
            return None
        day = timezone.localdate(clock.now()) - timedelta(days=days)
        return timezone.make_aware(datetime.combine(day, time()))
