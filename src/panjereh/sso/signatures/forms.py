from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from panjereh.sso.policy import policy
from panjereh.sso.signatures.refusals import TEXTS


class SignatureForm(forms.Form):
    signature = forms.FileField(
        label=_("The signature file"),
        help_text=_("Your program has made it; its name ends in p7s, pem or jws."),
        error_messages={
            "required": _("Choose the signature file."),
            "empty": _("This file is empty. Choose the signature file that your program made."),
        },
    )

    def clean_signature(self) -> bytes:
        return _content(self.cleaned_data["signature"])


class ReadingForm(forms.Form):
    reading = forms.FileField(
        label=_("The file of the reader"),
        error_messages={
            "required": _("Choose the file that the reader has made."),
            "empty": _("This file is empty. Choose the file that the reader has made."),
        },
    )

    def clean_reading(self) -> bytes:
        return _content(self.cleaned_data["reading"])


def _content(file: "UploadedFile[bytes]") -> bytes:
    if (file.size or 0) > policy().signature_file:
        raise forms.ValidationError(str(TEXTS["too-large"]))
    return bytes(file.read())
