"""An application beside what is approved and what runs, for the registrar's eyes."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from panjereh.sso.account.rows import CLAIM_NAMES
from panjereh.sso.levels import name_of
from panjereh.sso.portal.facts import Facts, changed
from panjereh.sso.portal.models import Application, Approval
from panjereh.ui.templatetags.panjereh import digits, in_language

Label = str | Promise


@dataclass(frozen=True)
class ClaimRow:
    """`approved_by` is the decision that covers the claim already."""

    claim: str
    name: Label
    basis: str
    approved_by: Approval | None


@dataclass(frozen=True)
class FactRow:
    """`changed` since what was approved last."""

    name: Label
    texts: list[str]
    latin: bool
    changed: bool


def claim_rows(application: Application) -> list[ClaimRow]:
    """Each claim that is asked for, against the newest decision of the working group."""
    standing = application.site.approvals.first()
    return [
        ClaimRow(
            claim,
            CLAIM_NAMES.get(claim, claim),
            basis,
            standing if standing and claim in standing.data_items else None,
        )
        for claim, basis in application.told.claims.items()
    ]


def fact_rows(application: Application) -> list[FactRow]:
    told, before = application.told, approved_before(application)
    news = set(changed(before, told)) if before else set()
    return [
        FactRow(label, shown(told), latin, bool(news & set(names)))
        for label, names, latin, shown in _SHOWN
    ]


def approved_before(application: Application) -> Facts | None:
    """What holds now."""
    earlier = application.site.applications.filter(state=Application.State.APPROVED)
    last = earlier.exclude(pk=application.pk).first()
    return last.told if last else None


def _yes_no(value: bool) -> list[str]:
    return [_now("yes") if value else _now("no")]


def _level(told: Facts) -> list[str]:
    return [digits(f"{told.minimum_level} – {in_language(name_of(told.minimum_level))}")]


_Shown = tuple[Label, tuple[str, ...], bool, Callable[[Facts], list[str]]]
_SHOWN: list[_Shown] = [
    (_("Name"), ("name",), False, lambda told: [in_language(told.name)]),
    (
        _("Address at which people enter the site"),
        ("entry_point",),
        True,
        lambda told: [told.entry_point],
    ),
    (
        _("Addresses to which people come back"),
        ("redirect_uris",),
        True,
        lambda told: told.redirect_uris,
    ),
    (
        _("Addresses after signing out"),
        ("post_logout_redirect_uris",),
        True,
        lambda told: told.post_logout_redirect_uris,
    ),
    (
        _("Address at which your server is told of a sign-out"),
        ("backchannel_logout_uri",),
        True,
        lambda told: [told.backchannel_logout_uri],
    ),
    (_("What for"), ("purpose",), False, lambda told: [in_language(told.purpose)]),
    (
        _("Person in charge of protecting the data"),
        ("protector_name", "protector_post"),
        False,
        lambda told: [told.protector_name, told.protector_post],
    ),
    (_("Lowest level of sign-in"), ("minimum_level",), False, _level),
    (
        _("Minutes that the longest service takes"),
        ("expected_minutes",),
        False,
        lambda told: [digits(told.expected_minutes)],
    ),
    (
        _("The site may renew its tokens while the person stays signed in"),
        ("may_refresh",),
        False,
        lambda told: _yes_no(told.may_refresh),
    ),
    (
        _("People may act at the site for their company, child or whom they help"),
        ("acts_for_others",),
        False,
        lambda told: _yes_no(told.acts_for_others),
    ),
    (
        _("People register only through My Government, not at the site"),
        ("national_registration_only",),
        False,
        lambda told: _yes_no(told.national_registration_only),
    ),
    (
        _("How the site shows who it is"),
        ("profile", "jwks", "id_token_alg", "userinfo_alg"),
        True,
        lambda told: [told.profile, "private_key_jwt" if told.jwks else "client_secret"],
    ),
]
