from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from panjereh.sso.people.queries import Child
from panjereh.ui.jalali import long_date


class ChildForm(forms.Form):
    """Children whom the civil registry named a moment ago; none can be typed."""

    child = forms.ChoiceField(
        label=_("Whose account do you want to open?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose a child"),
            "invalid_choice": _("Choose one of these children"),
        },
    )

    def __init__(self, children: Iterable[Child], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["child"]
        field.choices = [(c.national_id, _named(c)) for c in children]  # type: ignore[attr-defined]


def _named(child: Child) -> SafeString:
    return format_html(
        gettext("<bdi>{name}</bdi>, born on {day}"),
        name=f"{child.given_name} {child.family_name}",
        day=long_date(child.birth_date),
    )
