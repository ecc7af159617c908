from django import forms
from django.utils.translation import gettext_lazy as _

from panjereh.ui.fields import MobileField


class NumberForm(forms.Form):
    mobile = MobileField(
        label=_("Mobile number"), help_text=_("A number of the practice nation, like 09121234567")
    )
