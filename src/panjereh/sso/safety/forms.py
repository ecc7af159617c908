from django import forms
from django.utils.translation import gettext_lazy as _

from panjereh.ui.fields import MobileField


class NewNumberForm(forms.Form):
    mobile = MobileField(
        label=_("What is your new mobile number?"),
        help_text=_("A number in your own name; a code is sent to it now"),
    )
