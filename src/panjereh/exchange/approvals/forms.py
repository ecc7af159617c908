"""What members, the secretariat and the group enter about approvals."""

from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from panjereh.common.text import ascii_digits
from panjereh.exchange.approvals.models import AgendaItem
from panjereh.exchange.directory.models import Item
from panjereh.exchange.gateway.fields import parse_pointer
from panjereh.exchange.models import Member, System
from panjereh.ui.fields import JalaliDateField, LegalIdField
from panjereh.ui.templatetags.panjereh import in_language, ltr

SHORT = {"dir": "ltr", "class": "govuk-input--width-20"}
NUMBER = {"dir": "ltr", "class": "govuk-input--width-5", "inputmode": "numeric"}


def _area(rows: int, **attrs: str) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "dir": "auto", **attrs})


def _latin(label: Any, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, widget=forms.TextInput(attrs=SHORT), **more)


class SystemChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, system: System) -> str:
        return in_language(system.name)


class MemberChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, member: Member) -> str:
        return in_language(member.name)


class BeginForm(forms.Form):
    consumer = SystemChoice(
        label=_("Which of your systems will call?"),
        queryset=System.objects.none(),
        error_messages={"required": _("Choose the system")},
    )

    def __init__(self, *args: Any, systems: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["consumer"].queryset = systems  # type: ignore[attr-defined]


class ItemsForm(forms.Form):
    data_items = forms.MultipleChoiceField(
        label=_("Which items do you need?"),
        help_text=_("Choose no more than the purpose needs. Everything else is cut away."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, items: list[Item], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["data_items"].choices = [  # type: ignore[attr-defined]
            (item.place, format_html("{} {}", in_language(item.name), ltr(item.place)))
            for item in items
        ]


class PointersForm(forms.Form):
    """For a service without a description: what is needed has to be written as pointers."""

    data_items = forms.CharField(
        label=_("Which items do you need?"),
        help_text=_("This service has no description yet. One JSON pointer a line."),
        required=False,
        widget=_area(5, dir="ltr"),
    )

    def clean_data_items(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["data_items"].splitlines()]
        for line in filter(None, lines):
            try:
                parse_pointer(line)
            except ValueError as error:
                raise forms.ValidationError(_("An item begins with a slash, like /name")) from error
        return [line for line in lines if line]


class ReasonForm(forms.Form):
    purpose_fa = forms.CharField(label=_("Purpose in Persian"), max_length=200)
    purpose_en = _latin(_("Purpose in English"), max_length=200)
    purpose = forms.SlugField(
        label=_("Code of the purpose"),
        help_text=_("A short name in Latin letters; each record of a call carries it."),
        max_length=60,
        widget=forms.TextInput(attrs=SHORT),
    )
    legal_basis = forms.CharField(
        label=_("Which law does it rest on?"),
        help_text=_("Law and article."),
        max_length=200,
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )
    justification = forms.CharField(
        label=_("Why are these data needed?"),
        help_text=_("Provider and secretariat decide by this. Name no persons."),
        min_length=20,
        widget=_area(6),
        error_messages={"min_length": _("Write so that somebody else can decide by it")},
    )


class VolumeForm(forms.Form):
    per_minute = forms.CharField(
        label=_("How many calls in the busiest minute?"), widget=forms.TextInput(attrs=NUMBER)
    )
    per_day = forms.CharField(
        label=_("How many calls in a day?"),
        help_text=_("Leave it empty when there is no limit by the day."),
        required=False,
        widget=forms.TextInput(attrs=NUMBER),
    )
    until = JalaliDateField(
        label=_("Needed until"), help_text=_("Leave it empty when it has no end."), required=False
    )
    wishes = forms.CharField(
        label=_("Further conditions, in words"), required=False, widget=_area(3)
    )
    list_code = _latin(
        _("Only for ids on a published list"),
        help_text=_("Code of the list. Leave it empty when there is no such condition."),
        required=False,
        max_length=60,
    )
    pointer = _latin(
        _("Where the id stands in the request"),
        help_text=_("As a JSON pointer, when you named a list."),
        required=False,
        max_length=200,
    )

    def clean_per_minute(self) -> int | None:
        return self._count("per_minute")

    def clean_per_day(self) -> int | None:
        return self._count("per_day")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if bool(cleaned.get("list_code")) != bool(cleaned.get("pointer")):
            self.add_error("pointer", _("Name both the list and where the id stands"))
        elif cleaned.get("pointer") and not str(cleaned["pointer"]).startswith("/"):
            self.add_error("pointer", _("A pointer begins with a slash, like /name"))
        return cleaned

    def written(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        code, pointer = given.pop("list_code"), given.pop("pointer")
        listed = [{"kind": "listed", "list": code, "pointer": pointer}] if code else []
        return given | {"conditions": listed}

    def _count(self, name: str) -> int | None:
        text = ascii_digits(str(self.cleaned_data[name])).strip()
        if not text:
            return None
        if not text.isascii() or not text.isdecimal() or not 0 < int(text) <= 10**9:
            raise forms.ValidationError(_("Enter a whole number above zero"))
        return int(text)


class AnswerForm(forms.Form):
    answer = forms.ChoiceField(
        label=_("Your answer"),
        widget=forms.RadioSelect,
        choices=[
            ("agreed", _("We agree")),
            ("changes-asked-by-provider", _("Something has to be changed first")),
            ("declined", _("We do not agree; the working group decides")),
        ],
        error_messages={"required": _("Choose an answer")},
    )
    text = forms.CharField(
        label=_("Reason, or what has to be changed"),
        help_text=_("Needed unless you agree."),
        required=False,
        widget=_area(4),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("answer") not in {None, "agreed"} and not cleaned.get("text", "").strip():
            self.add_error("text", _("Write the reason"))
        return cleaned


class SignatureForm(forms.Form):
    signature = forms.CharField(
        label=_("Signature made with the key of your system"),
        help_text=_("A compact JWS over the hash above; see the guide to approvals."),
        widget=_area(5, dir="ltr", spellcheck="false"),
    )

    def clean_signature(self) -> str:
        return "".join(str(self.cleaned_data["signature"]).split())


class ReasonTextForm(forms.Form):
    text = forms.CharField(label=_("Reason"), required=False, widget=_area(3))


class DecideForm(forms.Form):
    decision = forms.ChoiceField(
        label=_("Decision of the secretariat"),
        widget=forms.RadioSelect,
        choices=[
            ("consent", _("Consent")),
            ("changes", _("Ask for changes")),
            ("group", _("Send to the working group")),
        ],
        error_messages={"required": _("Choose a decision")},
    )
    number = _latin(_("Number of the approval"), help_text=_("For a consent."), required=False)
    text = forms.CharField(
        label=_("Text"),
        help_text=_("What has to be changed, or why it goes to the group."),
        required=False,
        widget=_area(3),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("decision") == "consent" and not cleaned.get("number", "").strip():
            self.add_error("number", _("An approval has a number"))
        if cleaned.get("decision") == "changes" and not cleaned.get("text", "").strip():
            self.add_error("text", _("Write what has to be changed"))
        return cleaned


class SessionForm(forms.Form):
    number = forms.CharField(label=_("Number of the session"), widget=forms.TextInput(attrs=NUMBER))
    held_on = JalaliDateField(label=_("Day of the session"))

    def clean_number(self) -> int:
        text = ascii_digits(str(self.cleaned_data["number"])).strip()
        if not text.isascii() or not text.isdecimal() or not 0 < int(text) < 10**6:
            raise forms.ValidationError(_("Enter a whole number above zero"))
        return int(text)


class PresentForm(forms.Form):
    present = forms.CharField(
        label=_("Members present"),
        help_text=_("One a line: name, a comma, the body the person speaks for."),
        widget=_area(6),
    )

    def clean_present(self) -> list[dict[str, str]]:
        lines = str(self.cleaned_data["present"]).replace("،", ",").splitlines()
        parts = [[part.strip() for part in line.split(",", 1)] for line in lines if line.strip()]
        if not all(len(part) == 2 and all(part) for part in parts):
            raise forms.ValidationError(_("Each line has a name, a comma and a body"))
        return [{"name": name, "body": body} for name, body in parts]


class GroupDecisionForm(forms.Form):
    decision = forms.ChoiceField(
        label=_("Decision of the group"),
        widget=forms.RadioSelect,
        choices=AgendaItem.Decision.choices,
        error_messages={"required": _("Choose a decision")},
    )
    number = _latin(_("Number of the approval"), help_text=_("For an approval."), required=False)
    text_fa = forms.CharField(label=_("The decision in Persian"), widget=_area(3))
    text_en = forms.CharField(label=_("The decision in English"), widget=_area(3, dir="ltr"))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("decision") == "approved" and not cleaned.get("number", "").strip():
            self.add_error("number", _("An approval has a number"))
        return cleaned

    @property
    def text(self) -> dict[str, str]:
        return {"fa": self.cleaned_data["text_fa"], "en": self.cleaned_data["text_en"]}


class Sha256Field(forms.RegexField):
    def __init__(self, **more: Any) -> None:
        attrs = {"dir": "ltr", "spellcheck": "false"}
        super().__init__(
            r"^[0-9a-fA-F]{64}$",
            widget=forms.TextInput(attrs=attrs),
            error_messages={"invalid": _("A SHA-256 has 64 hexadecimal digits")},
            **more,
        )


class AgreementForm(forms.Form):
    member = MemberChoice(label=_("Party"), queryset=Member.objects.all())
    number = _latin(_("Number of the agreement"), max_length=60)
    signed_on = JalaliDateField(label=_("Signed on"))
    valid_until = JalaliDateField(label=_("Valid until"), required=False)
    document_sha256 = Sha256Field(label=_("SHA-256 of the signed document"))


class PlanForm(forms.Form):
    legal_id = LegalIdField(label=_("National id of the company"))
    name_fa = forms.CharField(label=_("Name in Persian"), max_length=200)
    name_en = _latin(_("Name in English"), max_length=200)
    summary = forms.CharField(
        label=_("What it will offer, to whom, at which tariff"), widget=_area(6)
    )
    document_sha256 = Sha256Field(label=_("SHA-256 of the plan"))


class CheckForm(forms.Form):
    text = forms.CharField(
        label=_("Minutes or contract, as you downloaded them"),
        widget=_area(10, dir="ltr", spellcheck="false"),
        max_length=200_000,
    )
