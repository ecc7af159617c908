from django import forms
from django.utils.translation import gettext_lazy as _


class ReceiverForm(forms.Form):
    client_id = forms.CharField(
        label=_("Code of the site"),
        max_length=60,
        widget=forms.TextInput(attrs={"dir": "ltr", "class": "app-input-ltr"}),
        error_messages={"required": _("Enter the code of the site")},
    )
    address = forms.CharField(
        label=_("Address that takes the events"),
        help_text=_("Leave it empty when the site collects them by itself."),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"dir": "ltr", "class": "app-input-ltr"}),
    )
