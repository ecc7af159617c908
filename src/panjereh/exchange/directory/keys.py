"""A key as people hand it in: hex or PEM, told apart by its look."""

from django.db import IntegrityError
from django.utils.translation import gettext as _

from panjereh.exchange.actions import Actor, add_certificate, add_key
from panjereh.exchange.models import System, SystemKey


class KeyRefused(ValueError):
    """The text says what to do, in the reader's language."""


def add_any_key(*, actor: Actor, system: System, text: str) -> SystemKey:
    """Raises `KeyRefused`."""
    given = text.strip()
    if "PRIVATE KEY" in given:
        raise KeyRefused(
            _("This is a private key. Make a new pair now, and hand in the public part only.")
        )
    try:
        if given.startswith("-----BEGIN"):
            return add_certificate(actor=actor, system=system, certificate=given.encode())
        return add_key(actor=actor, system=system, public_key="".join(given.split()))
    except IntegrityError as error:
        raise KeyRefused(_("This key is known already; every key is used once.")) from error
    except ValueError as error:
        raise KeyRefused(
            _("This is neither an Ed25519 public key in hex nor a certificate in PEM.")
        ) from error
