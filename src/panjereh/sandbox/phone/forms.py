from django import forms
from django.utils.translation import gettext_lazy as _

from panjereh.ui.fields import MobileField, NationalIdField


class NumberForm(forms.Form):
    mobile = MobileField(
        label=_("Mobile number"), help_text=_("A number of the practice nation, like 09121234567")
    )


class CameraForm(forms.Form):
    national_id = NationalIdField(
        label=_("National ID number"), help_text=_("Of a person of the practice nation")
    )
    sex = forms.ChoiceField(
        label=_("In the civil registry"),
        choices=[("female", _("woman")), ("male", _("man"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one")},
    )
