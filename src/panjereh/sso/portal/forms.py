"""What developers and the registrar fill in."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from panjereh.sso.account.rows import CLAIM_NAMES
from panjereh.sso.levels import levels
from panjereh.sso.policy import policy
from panjereh.sso.portal.facts import Facts
from panjereh.sso.portal.fields import AddressesField, AddressField, KeysField, latin_input
from panjereh.sso.portal.registering import TEST
from panjereh.sso.provider.claims import GRANTABLE
from panjereh.sso.relying_parties.actions import HIGH_LEVEL
from panjereh.ui.fields import JalaliDateField, NationalIdField
from panjereh.ui.templatetags.panjereh import digits, in_language

CODE = r"^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]$"
BASIS = "basis_"
GROUPS: list[tuple[str | Promise, tuple[str, ...]]] = [
    (_("The site"), ("code", "name_fa", "name_en", "entry_point", "runs_on")),
    (
        _("Addresses"),
        ("redirect_uris", "post_logout_redirect_uris", "backchannel_logout_uri"),
    ),
    (
        _("What it needs to know about people"),
        ("purpose_fa", "purpose_en", *(BASIS + name for name in GRANTABLE)),
    ),
    (_("Who answers for the data"), ("protector_name", "protector_post")),
    (
        _("How people sign in"),
        (
            "minimum_level",
            "expected_minutes",
            "may_refresh",
            "acts_for_others",
            "national_registration_only",
        ),
    ),
    (_("How the site shows who it is"), ("profile", "jwks", "id_token_alg", "signed_userinfo")),
]


def _levels() -> list[tuple[int, str]]:
    return [(one.level, digits(f"{one.level} – {in_language(one.name)}")) for one in levels()]


class FactsForm(forms.Form):
    """What a site tells about itself. `stage` says how strict addresses are."""

    name_fa = forms.CharField(label=_("Name in Persian"), max_length=100)
    name_en = forms.CharField(label=_("Name in English"), max_length=100, widget=latin_input())
    entry_point = AddressField(label=_("Address at which people enter the site"), max_length=500)
    runs_on = forms.ChoiceField(
        label=_("Where does the code that signs people in run?"),
        choices=[
            ("server", _("On a server of ours")),
            ("browser", _("In the browser: a page's own script")),
            ("mobile", _("In an app on people's phones")),
        ],
        widget=forms.RadioSelect,
        initial="server",
    )
    redirect_uris = AddressesField(
        label=_("Addresses to which people come back"),
        help_text=_(
            "One in each line, exactly as your site sends them: they are compared letter by letter."
        ),
    )
    post_logout_redirect_uris = AddressesField(
        label=_("Addresses after signing out"), required=False, help_text=_("One in each line.")
    )
    backchannel_logout_uri = AddressField(
        label=_("Address at which your server is told of a sign-out"),
        help_text=_(
            "Back-channel logout. Required: who signs out in one place is signed out everywhere."
        ),
        max_length=500,
    )
    purpose_fa = forms.CharField(
        label=_("What for, in Persian"),
        help_text=_("People read this beside their data."),
        max_length=200,
    )
    purpose_en = forms.CharField(label=_("What for, in English"), max_length=200)
    protector_name = forms.CharField(
        label=_("Person in charge of protecting the data"), max_length=100
    )
    protector_post = forms.CharField(label=_("Their post in the agency"), max_length=100)
    minimum_level = forms.TypedChoiceField(
        label=_("Lowest level of sign-in"), coerce=int, choices=_levels
    )
    expected_minutes = forms.IntegerField(
        label=_("Minutes that the longest service takes"),
        help_text=_("A session rests as long without being ended."),
        min_value=1,
        initial=15,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-5"}),
    )
    may_refresh = forms.BooleanField(
        label=_("The site may renew its tokens while the person stays signed in"), required=False
    )
    acts_for_others = forms.BooleanField(
        label=_("People may act at the site for their company, child or whom they help"),
        required=False,
    )
    national_registration_only = forms.BooleanField(
        label=_("People register only through My Government, not at the site"),
        required=False,
        initial=True,
    )
    profile = forms.ChoiceField(
        label=_("Profile"),
        choices=[
            ("standard", _("Standard: PKCE, with a secret or a key")),
            ("high", _("High: pushed requests, bound tokens and a key; for signatures")),
        ],
    )
    jwks = KeysField(
        label=_("Public keys of the site (JWK set)"),
        help_text=_(
            "With keys the site signs who it is, and gets no secret. Leave it empty for a secret."
        ),
        required=False,
    )
    id_token_alg = forms.ChoiceField(
        label=_("Algorithm of the ID token"),
        choices=[("ES256", "\u2066ES256\u2069"), ("RS256", _("RS256, for old software"))],
    )
    signed_userinfo = forms.BooleanField(
        label=_("Sign the data about people as well (recommended if your library can read it)"),
        required=False,
    )

    stage = TEST

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in GRANTABLE:
            self.fields[BASIS + name] = forms.CharField(
                label=CLAIM_NAMES.get(name, name),  # type: ignore[arg-type]
                help_text=_("The law or decision that gives you the right. Empty: not needed."),
                required=False,
                max_length=200,
            )
        for field in self.fields.values():
            if isinstance(field, AddressField):
                field.stage = self.stage
        self.fields["expected_minutes"].max_value = longest_minutes()  # type: ignore[attr-defined]

    @property
    def groups(self) -> Iterator[tuple[str | Promise, list[BoundField]]]:
        for heading, names in GROUPS:
            yield heading, [self[name] for name in names if name in self.fields]

    def clean_runs_on(self) -> str:
        """Row 34: what lies in a page or an app can be read by everybody."""
        if self.cleaned_data["runs_on"] != "server":
            raise forms.ValidationError(
                _(
                    "No secret and no key is given to a page's script or an app: everybody could"
                    " read it there. Let your server sign people in, and the page or the app talk"
                    " to your server."
                )
            )
        return "server"

    def clean_expected_minutes(self) -> int:
        minutes: int = self.cleaned_data["expected_minutes"]
        if minutes > longest_minutes():
            raise forms.ValidationError(
                _now("A session rests for at most %(most)s minutes.") % {"most": longest_minutes()}
            )
        return minutes

    def clean(self) -> dict[str, Any]:
        """A stolen secret must not be enough where people sign (FAPI 2.0)."""
        given = super().clean() or self.cleaned_data
        high = given.get("profile") == "high"
        if (given.get("minimum_level") or 1) >= HIGH_LEVEL and not high:
            self.add_error("profile", _("From level 3 on choose the high profile."))
        if high and not given.get("jwks") and "jwks" not in self.errors:
            self.add_error("jwks", _("The high profile needs a key."))
        return given

    def facts(self) -> Facts:
        given = self.cleaned_data
        plain = (
            "entry_point protector_name protector_post redirect_uris post_logout_redirect_uris"
            " backchannel_logout_uri expected_minutes minimum_level profile id_token_alg"
            " may_refresh acts_for_others national_registration_only jwks"
        )
        bases = {name: given[BASIS + name] for name in GRANTABLE}
        return Facts(
            name={"fa": given["name_fa"], "en": given["name_en"]},
            purpose={"fa": given["purpose_fa"], "en": given["purpose_en"]},
            claims={name: basis for name, basis in bases.items() if basis},
            userinfo_alg=given["id_token_alg"] if given["signed_userinfo"] else "",
            **{name: given[name] for name in plain.split()},
        )


def initial_of(facts: Facts) -> dict[str, Any]:
    """The facts as the form shows them."""
    return facts.kept() | {
        "name_fa": facts.name["fa"],
        "name_en": facts.name["en"],
        "purpose_fa": facts.purpose["fa"],
        "purpose_en": facts.purpose["en"],
        "signed_userinfo": bool(facts.userinfo_alg),
        **{BASIS + name: basis for name, basis in facts.claims.items()},
    }


def longest_minutes() -> int:
    return int(policy().session_rest_longest.total_seconds()) // 60


class NewSiteForm(FactsForm):
    code = forms.RegexField(
        CODE,
        label=_("Code"),
        help_text=_("Small Latin letters, digits and hyphens. It is the client id and stays."),
        widget=latin_input(),
        error_messages={"invalid": _("Use 3 to 40 small Latin letters, digits and hyphens.")},
    )


class LiveFactsForm(FactsForm):
    """For everybody's sign-in: https everywhere."""

    stage = "live"


class KeysForm(forms.Form):
    jwks = KeysField(
        label=_("Public keys of the site (JWK set)"),
        help_text=_("While you replace a key, enter the old and the new one."),
    )


class DeveloperForm(forms.Form):
    national_id = NationalIdField(label=_("National ID number"))
    name = forms.CharField(label=_("Name"), max_length=200)


class AgencyForm(forms.Form):
    code = forms.RegexField(
        CODE,
        label=_("Code"),
        help_text=_("Small Latin letters, digits and hyphens. It cannot be changed."),
        widget=latin_input(),
        error_messages={"invalid": _("Use 3 to 40 small Latin letters, digits and hyphens.")},
    )
    name_fa = forms.CharField(label=_("Name in Persian"), max_length=200)
    name_en = forms.CharField(label=_("Name in English"), max_length=200, widget=latin_input())
    of_government = forms.BooleanField(
        label=_("It belongs to the government (people of other sites are asked for consent)"),
        required=False,
        initial=True,
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("The agency reads it. Say what has to be mended."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


def today() -> Any:
    return timezone.localdate()


class DecisionForm(forms.Form):
    """Of the working group; only what was asked for can be ticked."""

    number = forms.CharField(
        label=_("Number of the working group's decision"), max_length=60, widget=latin_input(10)
    )
    date = JalaliDateField(label=_("Date of the decision"), latest=today)
    data_items = forms.MultipleChoiceField(
        label=_("Approved data"),
        help_text=_("What is not ticked is not told to the site."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, asked: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        items: Any = self.fields["data_items"]
        items.choices = [(name, CLAIM_NAMES.get(name, name)) for name in asked]
