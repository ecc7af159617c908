from django import forms
from django.utils.translation import gettext_lazy as _

from panjereh.ui.fields import LegalIdField


class LegalIdForm(forms.Form):
    legal_id = LegalIdField(
        label=_("What is the national ID of the company?"),
        help_text=_("The eleven digits in its register and its gazette, like 10380284790"),
    )
