"""What somebody brings to have checked: a number, a file, or both."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from panjereh.national.documents.numbers import parse_document_id, parse_human_id
from panjereh.national.documents.verification import MAX_FILE


class CheckForm(forms.Form):
    number = forms.CharField(
        label=_("Number of the document"),
        help_text=_("It stands at the top of the page, such as CIVR-1405-0000000017-8"),
        max_length=60,
        required=False,
        widget=forms.TextInput(
            attrs={
                "class": "govuk-input--width-20 app-input-ltr",
                "dir": "ltr",
                "autocomplete": "off",
                "spellcheck": "false",
            }
        ),
    )
    file = forms.FileField(
        label=_("The PDF file of the document"),
        help_text=_(
            "With the file we can also tell whether anything in it was changed. We do not keep it."
        ),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf"}),
    )

    @classmethod
    def for_file_of(cls, number: str) -> "CheckForm":
        """To bring the file of a document whose number is known."""
        form = cls(initial={"number": number})
        form.fields["number"].widget = forms.HiddenInput()
        return form

    def clean_number(self) -> str:
        number = str(self.cleaned_data["number"]).strip()
        if number and not (parse_human_id(number) or parse_document_id(number)):
            raise ValidationError(
                _("This number is not complete. Copy it as it is printed, to its last letter.")
            )
        return number

    def clean_file(self) -> bytes:
        file: UploadedFile[bytes] | None = self.cleaned_data.get("file")
        if file is None:
            return b""
        if (file.size or 0) > MAX_FILE:
            raise ValidationError(
                _("The file is larger than %(limit)s megabytes. Documents here are smaller."),
                params={"limit": MAX_FILE // 1024**2},
            )
        content: bytes = file.read()
        if not content:
            raise ValidationError(_("The file is empty. Choose the PDF file again."))
        return content

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        nothing_wrong_yet = not self.errors
        if nothing_wrong_yet and not given.get("number") and not given.get("file"):
            raise ValidationError(_("Enter the number of the document, or choose its file."))
        return given
