"""Why a signature does not count, and what the person can do about it."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TEXTS: dict[str, str | Promise] = {
    "unreadable": _(
        "This is not a signature file that we can read. Choose the file that your signing program "
        "has made; its name ends in p7s, pem or jws."
    ),
    "too-large": _("This file is too large for a signature. Choose the signature file itself."),
    "no-certificate": _(
        "Your certificate is not in the signature file. Sign again and let the program include it."
    ),
    "several-signers": _("The file has more than one signature. Sign the challenge alone."),
    "weak-algorithm": _(
        "This signature uses an algorithm that is no longer safe. Sign with SHA-256 and a key of "
        "the type P-256 or RSA with 2048 bits or more."
    ),
    "something-else": _(
        "The signature belongs to another file, not to this challenge. Download the challenge of "
        "this page again, sign it unchanged, and upload the new signature."
    ),
    "other-journey": _(
        "This is the signature of another challenge. Download the challenge of this page, and sign "
        "that one."
    ),
    "used": _("This signature was used already. Go back to the start for a new challenge."),
    "challenge-expired": _(
        "The time of this challenge is over. Download the new one from this page and sign it."
    ),
    "altered": _(
        "The signature does not fit its certificate: the file was altered or damaged. Sign again."
    ),
    "not-for-signing": _(
        "This certificate is not meant for signing. Choose the certificate of your card or token "
        "that is for electronic signatures."
    ),
    "not-yet-valid": _("The certificate is not valid yet. Look at the date it begins."),
    "expired": _("The certificate has expired. Renew it at the office that issued it."),
    "foreign-chain": _(
        "The certificate was not issued by an authority that My Government knows. Use one that a "
        "recognised office issued for you."
    ),
    "revoked": _(
        "The certificate was revoked. Get a new one from the office that issued it; if you did not "
        "ask for that, ask them why."
    ),
    "revocation-unknown": _(
        "Whether the certificate is still good cannot be asked at the moment, and without that a "
        "signature does not count. Try again in a few minutes."
    ),
    "somebody-else": _(
        "The certificate is not in your name. Sign with the certificate that was issued for you."
    ),
    "removed": _(
        "You have removed this certificate from your account, so it no longer counts. Sign with "
        "another one."
    ),
    "no-service": _(
        "The signing service keeps no valid key of yours. Sign with your card or token, or have "
        "the service make you a key."
    ),
    "service-away": _(
        "The signing service does not answer at the moment. Try again in a few minutes, or sign "
        "with your card or token."
    ),
    "not-allowed": _(
        "The signing service says that you have not allowed this signature, or that its time is "
        "over. Begin once more."
    ),
    "card-unreadable": _(
        "This is not a file of a card reader. Choose the file that the reader has just made."
    ),
    "card-forged": _(
        "The data of this card are not signed by the civil registry. Take the card to an office of "
        "the civil registry."
    ),
    "card-expired": _("This card is no longer valid. Ask for a new one at the civil registry."),
    "card-no-consent": _(
        "The reader has not noted who read the card and what for. Read it once more."
    ),
    "card-of-somebody-else": _("This is the card of somebody else. Read your own card."),
    "cancelled": _("You did not sign at the signing service. Nothing was signed."),
}


class SignatureRefused(Exception):
    """`code` is one of `TEXTS`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    @property
    def text(self) -> str:
        return str(TEXTS[self.code])
