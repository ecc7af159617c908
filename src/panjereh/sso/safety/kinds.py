"""What there is to tell a person about their account, in words that name nobody and nothing."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True)
class Kind:
    """`sms`: to the confirmed number. `letter`: into the e-box, too, where it stays."""

    text: Text
    sms: bool = True
    letter: bool = True


KINDS: dict[str, Kind] = {
    "new-browser": Kind(_("Your account was opened on a new browser."), letter=False),
    "shared-browser": Kind(
        _("Your account was opened on a browser that several people use."), letter=False
    ),
    "suspicious-sign-in": Kind(_("Your account was opened in an unusual way.")),
    "misuse-reported": Kind(_("You said that somebody else was in. All sessions were ended.")),
    "number-change-cancelled": Kind(_("The change of your mobile number was cancelled.")),
    "passkey-added": Kind(_("A passkey was added to your account.")),
    "passkey-removed": Kind(_("A passkey was removed from your account.")),
    "totp-added": Kind(_("An authenticator app was added to your account.")),
    "totp-removed": Kind(_("An authenticator app was removed from your account.")),
    "passkey-stopped": Kind(_("A passkey of your account was stopped: there may be a copy of it.")),
    "sms-alone-refused": Kind(_("From now on an SMS code alone does not open your account.")),
    "sms-alone-accepted": Kind(_("From now on an SMS code alone opens your account.")),
    "ways-reset-asked": Kind(
        _("A counter was asked to take away your ways to sign in; this happens in three days.")
    ),
    "ways-reset-stopped": Kind(_("Your ways to sign in stay as they are.")),
    "ways-reset": Kind(
        _("Your ways to sign in were taken away; a code by SMS opens your account.")
    ),
    "recovery-made": Kind(_("New recovery codes were made for your account.")),
    "recovery-used": Kind(_("Your account was opened with a recovery code.")),
    "number-change-asked": Kind(_("A change of your mobile number was asked for.")),
    "number-changed": Kind(_("The mobile number of your account was changed.")),
    # The number is somebody else's by now: what it is told, a stranger reads.
    "number-lost": Kind(
        _("Your mobile number is no longer in your name, so codes are not sent to it any more."),
        sms=False,
    ),
    "account-closed": Kind(_("Your account was closed.")),
    "mandate-given": Kind(_("Somebody may act for you from now on.")),
    "mandate-ended": Kind(_("Somebody may no longer act for you.")),
    "company-lost": Kind(_("You no longer act for a company: its registry says so.")),
    "acted-for-you": Kind(_("Somebody acted for you."), letter=False),
    "level-attained": Kind(_("Your account has reached a higher level.")),
    "certificate-added": Kind(_("A signing certificate was added to your account.")),
}

# What a notice may say beside its text, on the person's own page and nowhere else.
FACTS: dict[str, Text] = {
    "browser": _("Browser"),
    "name": _("Name"),
    "who": _("Who"),
    "agency": _("Agency"),
    "site": _("Site"),
    "service": _("Service"),
    "level": _("Level"),
    "until": _("Until"),
    "number": _("Number"),
}


def kind_of(name: str) -> Kind:
    """For the past, too: what is no longer told stays readable."""
    return KINDS.get(name, Kind(name))
