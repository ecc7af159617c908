"""What the numbers mean, in words that stand beside them, and the names of what is counted."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise

KIND_NAMES: dict[str, Words] = {
    "national": _("Iranian people, registered by themselves"),
    "minor": _("Children, registered by their guardians"),
    "foreign": _("Foreign nationals"),
    "legal": _("Legal persons"),
}
WAY_NAMES: dict[str, Words] = {
    "sms": _("Code by SMS"),
    "passkey": _("Passkey"),
    "totp": _("Authenticator app"),
    "recovery": _("Recovery code"),
    "face": _("Match of the face"),
    "signature": _("Electronic signature"),
    "chip": _("Chip of the national card"),
}
DEFINITIONS: list[tuple[Words, Words]] = [
    (
        _("Registered on a date"),
        _(
            "An account that was open at the end of that day, in Tehran. A closed account counts "
            "up to the day before its closing; opened again, it counts from that day on. A person "
            "has one account in life, so nobody counts twice."
        ),
    ),
    (
        _("Kind"),
        _(
            "How the account was opened. A child that its guardian registered counts as a child "
            "for good: birthdays are not counted."
        ),
    ),
    (
        _("Level"),
        _(
            "The highest assurance level that the person had proved by the end of the day. Legal "
            "persons have none."
        ),
    ),
    (
        _("Registration at a site"),
        _("The person came from this site to register; “our own door” is the sign-on itself."),
    ),
    (
        _("Login at a site"),
        _(
            "The site was told once who the person is, also when the sign-on asked for nothing "
            "because a session was running. Reading one’s own ledger is no login."
        ),
    ),
    (
        _("Proof"),
        _("Once that somebody showed who they are, by one way. Most logins need none."),
    ),
    (
        _("When numbers stand"),
        _("Those of the last three days may still change a little, by what is written late."),
    ),
]
