from django import forms
from django.utils.translation import gettext_lazy as _

from panjereh.ui.fields import MobileField


class NewNumberForm(forms.Form):
    mobile = MobileField(
        label=_("What is your new mobile number?"),
        help_text=_("A number in your own name; a code is sent to it now"),
    )


class SettleForm(forms.Form):
    settled_with = forms.CharField(
        label=_("What was done?"),
        help_text=_("In a few words and without personal data, like: called back, card seen"),
        max_length=200,
        error_messages={"required": _("Write what was done")},
    )
