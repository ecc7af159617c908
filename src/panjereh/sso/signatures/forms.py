from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from panjereh.sso.policy import policy
from panjereh.sso.signatures.refusals import TEXTS


class SignatureForm(forms.Form):
    signature = forms.FileField(
        label=_("The signature file"),
        help_text=_("Your program has made it: it ends in .p7s, .pem or .jws."),
        error_messages={
            "required": _("Choose the signature file."),
            "empty": _("This file is empty. Choose the signature file that your program made."),
        },
    )

    def clean_signature(self) -> bytes:
        file: UploadedFile[bytes] = self.cleaned_data["signature"]
        if (file.size or 0) > policy().signature_file:
            raise forms.ValidationError(str(TEXTS["too-large"]))
        return bytes(file.read())
