from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from panjereh.sso.biometrics.actions import Finding
from panjereh.sso.biometrics.photos import Fault, PhotoRefused, small_photo
from panjereh.sso.policy import policy

FAULTS: dict[Fault, str | Promise] = {
    "not-an-image": _("This file is no photo that we can read. Use a JPEG, PNG or WebP photo."),
    "too-many-pixels": _("This photo has too many pixels. Choose a smaller size in your camera."),
    "too-small": _("This photo is too small. Take a new one, with your whole face in it."),
}
FINDINGS: dict[Finding, str | Promise] = {
    "differs": _(
        "The civil registry could not confirm it with this photo. Take a new one: in good light,"
        " from the front, without sunglasses or a mask."
    ),
    "no-face": _("There is no face to be seen in this photo. Take a new one, from the front."),
    "several-faces": _("There are several faces in this photo. Only you may be in it."),
}


class PhotoForm(forms.Form):
    photo = forms.FileField(
        label=_("A photo of your face"),
        help_text=_("On a telephone this opens the front camera."),
        widget=forms.FileInput(attrs={"accept": "image/*", "capture": "user"}),
        error_messages={
            "required": _("Take or choose a photo of your face."),
            "empty": _("This file is empty. Take or choose a photo of your face."),
        },
    )

    def clean_photo(self) -> bytes:
        """The small photo that is sent on; of the file itself nothing is left."""
        file: UploadedFile[bytes] = self.cleaned_data["photo"]
        if (file.size or 0) > policy().photo_file:
            raise forms.ValidationError(_("This file is too large. Choose a smaller photo."))
        try:
            return small_photo(file.read(), most_pixels=policy().photo_pixels)
        except PhotoRefused as refused:
            raise forms.ValidationError(str(FAULTS[refused.fault])) from refused

    def say(self, finding: Finding) -> None:
        self.add_error("photo", str(FINDINGS[finding]))
