"""Fields that only developers meet: addresses line by line, and public keys."""

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from panjereh.sso.relying_parties.actions import RegistrationRefused, check_address, check_keys

LONGEST_ADDRESS, MOST_ADDRESSES = 500, 20


def latin_input(width: int = 20) -> forms.TextInput:
    return forms.TextInput(attrs={"dir": "ltr", "class": f"govuk-input--width-{width}"})


def latin_area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"dir": "ltr", "rows": rows, "spellcheck": "false"})


class AddressField(forms.CharField):
    """One address as a client registers it. `stage` is set by the form."""

    stage = "live"
    widget: forms.Widget = forms.TextInput(
        attrs={"dir": "ltr", "inputmode": "url", "spellcheck": "false"}
    )
    default_error_messages = {
        "address": _(
            "%(address)s must be a whole https address without #, @ or *. Plain http is only for"
            " your own machine, like http://localhost:8000, while you test."
        )
    }

    def clean(self, value: Any) -> Any:
        text = str(super().clean(value) or "").strip()
        if text:
            self.check(text)
        return text

    def check(self, address: str) -> None:
        try:
            if len(address) > LONGEST_ADDRESS:
                raise RegistrationRefused("too long")
            check_address(address, stage=self.stage)
        except (RegistrationRefused, ValueError) as error:
            message = self.error_messages["address"] % {"address": f"\u2066{address[:80]}\u2069"}
            raise ValidationError(message, code="address") from error


class AddressesField(AddressField):
    """Several, one in each line. Gives a list."""

    widget = forms.Textarea(attrs={"dir": "ltr", "rows": 3, "spellcheck": "false"})
    default_error_messages = {"many": _("Enter at most 20 addresses.")}

    def clean(self, value: Any) -> list[str]:
        text = str(forms.CharField.clean(self, value) or "")
        found = list(dict.fromkeys(filter(None, map(str.strip, text.splitlines()))))
        if len(found) > MOST_ADDRESSES:
            raise ValidationError(self.error_messages["many"], code="many")
        for address in found:
            self.check(address)
        return found

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value


class KeysField(forms.CharField):
    """A JWK set with public keys, or nothing."""

    default_error_messages = {
        "keys": _(
            "Enter a JWK set (RFC 7517) that holds public P-256 keys and nothing else. A private"
            " key never leaves your server."
        )
    }

    def __init__(self, **more: Any) -> None:
        super().__init__(widget=latin_area(5), max_length=20_000, **more)

    def clean(self, value: Any) -> Any:
        text = str(super().clean(value) or "")
        if not text:
            return None
        try:
            told = json.loads(text)
            if not isinstance(told, dict):
                raise ValueError("not an object")
            check_keys(told)
        except (ValueError, RecursionError) as error:
            raise ValidationError(self.error_messages["keys"], code="keys") from error
        return told

    def prepare_value(self, value: Any) -> Any:
        return json.dumps(value, indent=1) if isinstance(value, dict) else value
