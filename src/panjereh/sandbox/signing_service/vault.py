"""Keys at rest: sealed twice, with the master key of the service and with the holder's PIN.

Whoever has the database needs the master key; whoever has both still needs each PIN.
"""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from django.conf import settings

_NONCE = 12


class WrongPin(Exception):
    """The key does not open with it."""


def new_key() -> EllipticCurvePrivateKey:
    return generate_private_key(SECP256R1())


def seal_key(key: EllipticCurvePrivateKey, *, pin: str, salt: bytes, name: str) -> bytes:
    der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return seal(_sealed(_of_pin(pin, salt), der, name), name)


def open_key(sealed: bytes, *, pin: str, salt: bytes, name: str) -> EllipticCurvePrivateKey:
    """Raises `WrongPin`."""
    try:
        der = _opened(_of_pin(pin, salt), unseal(sealed, name), name)
    except InvalidTag as error:
        raise WrongPin from error
    key = load_der_private_key(der, password=None)
    if not isinstance(key, EllipticCurvePrivateKey):
        raise TypeError("another kind of key was sealed")
    return key


def seal(data: bytes, name: str) -> bytes:
    """With the master key; `name` ties it to its row, so that rows cannot be swapped."""
    return _sealed(_master("seal"), data, name)


def unseal(sealed: bytes, name: str) -> bytes:
    return _opened(_master("seal"), sealed, name)


def sign_digest(key: EllipticCurvePrivateKey, digest: bytes) -> bytes:
    return key.sign(digest, ECDSA(Prehashed(hashes.SHA256())))


def keyed(purpose: str, text: str) -> str:
    return hmac.digest(_master(purpose), text.encode(), "sha256").hex()


def _of_pin(pin: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=2**14, r=8, p=1).derive(pin.encode())


def _master(purpose: str) -> bytes:
    return hmac.digest(settings.SIGNING_SERVICE_MASTER.encode(), purpose.encode(), hashlib.sha256)


def _sealed(key: bytes, data: bytes, name: str) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, data, name.encode())


def _opened(key: bytes, sealed: bytes, name: str) -> bytes:
    return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], name.encode())
