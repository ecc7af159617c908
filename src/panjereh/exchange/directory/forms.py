"""What members and operators enter into the directory."""

import json
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from panjereh.common.text import ascii_digits
from panjereh.exchange.directory.models import Connection, Contact
from panjereh.exchange.directory.openapi.reading import MAX_BYTES
from panjereh.exchange.models import Member, Service
from panjereh.ui.fields import JalaliDateField, LegalIdField, NationalIdField
from panjereh.ui.templatetags.panjereh import in_language

CODE = r"^[a-z0-9][a-z0-9-]{1,58}[a-z0-9]$"
LATIN = {"dir": "ltr", "class": "govuk-input--width-20"}


def latin_field(label: Any, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, widget=forms.TextInput(attrs=LATIN), **more)


class JsonText(forms.CharField):
    """A JSON value, typed or pasted."""

    def __init__(self, **more: Any) -> None:
        area = forms.Textarea(attrs={"dir": "ltr", "rows": 8, "spellcheck": "false"})
        super().__init__(widget=area, max_length=20_000, **more)

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return json.loads(text)
        except ValueError as error:
            line = getattr(error, "lineno", 1)
            message = _("This is no JSON; look at line %(line)s.") % {"line": line}
            raise forms.ValidationError(message) from error

    def validate(self, value: Any) -> None:
        if value is None and self.required:
            raise forms.ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        """The length was checked as text."""


class ServiceChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """By title and provider, in the reader's language."""

    def label_from_instance(self, service: Service) -> str:
        return f"{in_language(service.title)} ({in_language(service.system.member.name)})"


class MemberChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, member: Member) -> str:
        return in_language(member.name)


def _offered() -> QuerySet[Service]:
    return Service.objects.filter(enabled=True).select_related("system__member")


class NamesForm(forms.Form):
    name_fa = forms.CharField(label=_("Name in Persian"), max_length=200)
    name_en = latin_field(_("Name in English"), max_length=200)

    @property
    def names(self) -> dict[str, str]:
        return {"fa": self.cleaned_data["name_fa"], "en": self.cleaned_data["name_en"]}


class SystemForm(NamesForm):
    code = forms.RegexField(
        CODE,
        label=_("Code"),
        help_text=_(
            "Small Latin letters, digits and hyphens, with the name of your agency in it. It"
            " cannot be changed."
        ),
        widget=forms.TextInput(attrs=LATIN),
        error_messages={"invalid": _("Use small Latin letters, digits and hyphens.")},
    )
    base_url = forms.URLField(
        label=_("Address of its services"),
        required=False,
        help_text=_("Leave it empty for a system that only calls others."),
        widget=forms.TextInput(attrs=LATIN),
        assume_scheme="https",
    )

    field_order = ("name_fa", "name_en", "code", "base_url")


class AddressForm(forms.Form):
    base_url = forms.URLField(
        label=_("Address of its services"),
        required=False,
        widget=forms.TextInput(attrs=LATIN),
        assume_scheme="https",
    )


class KeyForm(forms.Form):
    key = forms.CharField(
        label=_("Public key or certificate"),
        help_text=_("An Ed25519 public key in hex, or a certificate in PEM. Never a private key."),
        max_length=20_000,
        widget=forms.Textarea(attrs={"dir": "ltr", "rows": 4, "spellcheck": "false"}),
    )


class DescriptionForm(forms.Form):
    file = forms.FileField(
        label=_("OpenAPI description"),
        help_text=_("YAML or JSON, OpenAPI 3.0 or 3.1, at most 512 KB."),
        max_length=200,
    )

    def octets(self) -> bytes:
        """One byte more than is allowed is enough to refuse it."""
        return bytes(self.cleaned_data["file"].read(MAX_BYTES + 1))


class SheetForm(forms.Form):
    description_fa = forms.CharField(
        label=_("What it is good for, in Persian"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    description_en = forms.CharField(
        label=_("What it is good for, in English"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "ltr"}),
    )
    legal_basis = forms.CharField(
        label=_("Legal basis"), max_length=300, widget=forms.TextInput(attrs={"dir": "auto"})
    )
    promise_ms = forms.IntegerField(
        label=_("Promised time of the answer, in milliseconds"),
        help_text=_("95 of 100 calls are answered within it."),
        min_value=1,
        max_value=600_000,
        required=False,
        widget=forms.TextInput(attrs={"dir": "ltr", "class": "govuk-input--width-5"}),
    )
    contact_email = forms.EmailField(
        label=_("Address for questions"), required=False, widget=forms.TextInput(attrs=LATIN)
    )


class ExampleForm(NamesForm):
    question = JsonText(label=_("Question"), help_text=_("JSON, with invented people only."))
    answer = JsonText(label=_("Answer"))
    status = forms.IntegerField(
        label=_("HTTP status"),
        min_value=200,
        max_value=599,
        initial=200,
        widget=forms.TextInput(attrs={"dir": "ltr", "class": "govuk-input--width-4"}),
    )


class WithdrawalForm(forms.Form):
    ends_on = JalaliDateField(label=_("Last day"))
    notice_fa = forms.CharField(label=_("Notice in Persian"), max_length=300)
    notice_en = forms.CharField(
        label=_("Notice in English"), max_length=300, widget=forms.TextInput(attrs={"dir": "ltr"})
    )
    successor = ServiceChoice(
        Service.objects.none(), label=_("What to use instead"), required=False
    )

    def __init__(self, service: Service, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        others = _offered().filter(system__member=service.system.member)
        self.fields["successor"].queryset = others.exclude(pk=service.pk)  # type: ignore[attr-defined]


class ExtensionForm(forms.Form):
    reason = forms.CharField(label=_("Why it is still needed"), max_length=300)


class UntilForm(forms.Form):
    until = JalaliDateField(label=_("Until and with"))


class ContactForm(forms.Form):
    role = forms.ChoiceField(label=_("What for"), choices=Contact.Role.choices)
    name = forms.CharField(label=_("Name"), max_length=120)
    post = forms.CharField(label=_("Post"), max_length=200)
    email = forms.EmailField(label=_("E-mail of the office"), widget=forms.TextInput(attrs=LATIN))
    phone = latin_field(_("Telephone of the office"), max_length=20, required=False)
    certificate = latin_field(
        _("Number of the certificate"),
        max_length=60,
        required=False,
        help_text=_("Of the security adviser only."),
    )
    certificate_until = JalaliDateField(label=_("Last day of the certificate"), required=False)

    def clean_phone(self) -> str:
        return ascii_digits(self.cleaned_data["phone"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("role") == Contact.Role.SECURITY_ADVISER:
            for name in ("certificate", "certificate_until"):
                if not cleaned.get(name):
                    self.add_error(name, _("A security adviser has a certificate."))
        return cleaned


class AppointmentForm(forms.Form):
    national_id = NationalIdField(label=_("National ID number"))
    name = forms.CharField(label=_("Name"), max_length=120)


class MemberForm(NamesForm):
    code = LegalIdField(label=_("National ID of the legal person"))
    member_class = forms.ChoiceField(
        label=_("Class"),
        choices=[
            ("GOV", _("Government")),
            ("PUB", _("Public, not of the government")),
            ("MUN", _("Municipal")),
            ("COM", _("Commercial")),
        ],
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=Member.Kind.choices)

    field_order = ("name_fa", "name_en", "code", "member_class", "kind")


class NewMemberForm(MemberForm):
    approval_number = latin_field(
        _("Number of the approval"),
        max_length=60,
        required=False,
        help_text=_("Of a cluster or regional exchange, or an operator."),
    )
    approval_date = JalaliDateField(label=_("Date of the approval"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("kind") in {Member.Kind.EXCHANGE, Member.Kind.OPERATOR}:
            for name in ("approval_number", "approval_date"):
                if not cleaned.get(name):
                    self.add_error(name, _("An exchange or operator is made by an approval."))
        return cleaned


class SubMemberForm(MemberForm):
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[
            choice
            for choice in Member.Kind.choices
            if choice[0] not in {Member.Kind.EXCHANGE.value, Member.Kind.OPERATOR.value}
        ],
    )


class ThroughForm(forms.Form):
    through = MemberChoice(
        Member.objects.filter(kind__in=[Member.Kind.EXCHANGE, Member.Kind.OPERATOR]),
        label=_("Exchange or operator"),
    )


class ConnectionForm(forms.Form):
    state = forms.ChoiceField(label=_("State"), choices=Connection.State.choices)
    since = JalaliDateField(label=_("Since"))
    reason_fa = forms.CharField(label=_("Reason in Persian"), max_length=300)
    reason_en = forms.CharField(
        label=_("Reason in English"), max_length=300, widget=forms.TextInput(attrs={"dir": "ltr"})
    )


class InquiryForm(NamesForm):
    card = latin_field(_("ID of the service card"), max_length=120)
    card_title_fa = forms.CharField(label=_("Title of the card in Persian"), max_length=200)
    card_title_en = forms.CharField(
        label=_("Title of the card in English"),
        max_length=200,
        widget=forms.TextInput(attrs={"dir": "ltr"}),
    )

    field_order = ("card", "card_title_fa", "card_title_en", "name_fa", "name_en")


class MatchForm(forms.Form):
    service = ServiceChoice(_offered(), label=_("Service"), to_field_name="pk")


class SideConnectionForm(forms.Form):
    other_party = forms.CharField(label=_("The other side"), max_length=200)
    what = forms.CharField(label=_("What kind of data"), max_length=300)
    remove_by = JalaliDateField(label=_("Ends by"))


class RemovalForm(forms.Form):
    removed_on = JalaliDateField(label=_("Ended on"))
    replaced_by = ServiceChoice(_offered(), label=_("Exchange service instead"), required=False)


class MemberFilter(forms.Form):
    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", _("Any")), *Member.Kind.choices]
    )
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("Any")), *Connection.State.choices]
    )
