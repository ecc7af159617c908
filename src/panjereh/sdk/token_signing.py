"""Sign a file with the key of a token or card, through its PKCS#11 module. The key stays there."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pkcs11
from cryptography import x509
from pkcs11 import Attribute, Mechanism, ObjectClass
from pkcs11 import exceptions as trouble

from panjereh.common.cms import Unsigned, der_of_raw


class TokenTrouble(Exception):
    """Nothing was signed; the text is one line for the person who holds the token."""


@dataclass(frozen=True)
class Chosen:
    """A certificate of the token whose key is there, too, and the others that lie beside it."""

    certificate: x509.Certificate
    key: Any
    others: list[x509.Certificate]


def sign_file(content: bytes, *, module: Path, pin: str, label: str = "") -> bytes:
    """The CMS container (DER). `label` names the token where there are several."""
    with _session(module, label, pin) as session:
        chosen = _choose(session)
        unsigned = Unsigned(content, chosen.certificate)
        try:
            signature = _signature(chosen.key, unsigned)
        except trouble.PKCS11Error as error:
            raise TokenTrouble(f"the token does not sign ({type(error).__name__})") from error
        return unsigned.signed(signature, chosen.others)


@contextmanager
def _session(module: Path, label: str, pin: str) -> Iterator[pkcs11.Session]:
    token = _token(module, label)
    try:
        session = token.open(user_pin=pin)
    except (trouble.PinIncorrect, trouble.PinInvalid, trouble.PinLenRange) as error:
        raise TokenTrouble(
            "the PIN is wrong; after a few wrong ones the token locks itself"
        ) from error
    except trouble.PinLocked as error:
        raise TokenTrouble(
            "the token is locked: unlock it with its PUK, or where you got it"
        ) from error
    except trouble.UserPinNotInitialized as error:
        raise TokenTrouble("the token has no PIN yet; it was not made ready for you") from error
    except trouble.PKCS11Error as error:
        raise TokenTrouble(f"the token does not open ({type(error).__name__})") from error
    with session:
        yield session


def _token(module: Path, label: str) -> pkcs11.Token:
    try:
        found = list(pkcs11.lib(str(module)).get_tokens(token_label=label or None))
    except (trouble.PKCS11Error, RuntimeError, OSError) as error:
        raise TokenTrouble(f"{module} is not a PKCS#11 module that works here") from error
    ready = [token for token in found if pkcs11.TokenFlag.TOKEN_INITIALIZED in token.flags]
    if not ready:
        raise TokenTrouble("there is no token: put it into the reader")
    if len(ready) > 1:
        names = ", ".join(sorted(token.label for token in ready))
        raise TokenTrouble(f"there are several tokens; name one with --token: {names}")
    return ready[0]


def _choose(session: pkcs11.Session) -> Chosen:
    """The one for signatures that cannot be denied; a card often has another for signing in."""
    now, found = datetime.now(UTC), dict(_certificates(session))
    keys = {key[Attribute.ID]: key for key in session.get_objects(_PRIVATE)}
    fit = [(mark, c) for mark, c in found.items() if mark in keys and _may_sign(c, now)]
    if not fit:
        raise TokenTrouble("the token holds no valid certificate for signatures")
    mark, newest = max(fit, key=lambda one: one[1].not_valid_after_utc)
    others = [c for c in found.values() if c != newest and c.subject == newest.issuer]
    return Chosen(newest, keys[mark], others)


_PRIVATE = {Attribute.CLASS: ObjectClass.PRIVATE_KEY}


def _certificates(session: pkcs11.Session) -> Iterator[tuple[bytes, x509.Certificate]]:
    for held in session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE}):
        try:
            yield held[Attribute.ID], x509.load_der_x509_certificate(held[Attribute.VALUE])
        except (ValueError, trouble.PKCS11Error):
            continue  # something else of the card's maker


def _may_sign(certificate: x509.Certificate, now: datetime) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        return False
    runs = certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc
    return runs and usage.content_commitment


def _signature(key: Any, unsigned: Unsigned) -> bytes:
    if unsigned.is_elliptic:
        return der_of_raw(bytes(key.sign(unsigned.digest, mechanism=Mechanism.ECDSA)))
    return bytes(key.sign(unsigned.to_sign, mechanism=Mechanism.SHA256_RSA_PKCS))
