"""Tokens of national ids, and keys on their way from publisher to subscriber.

A key belongs to one subscriber, one feed and one epoch, so the files of two subscribers have no
token in common; a subscriber finds its own customers in a file and recovers nobody else (NIX-12).
"""

import hmac
from base64 import b64decode, b64encode

from nacl.exceptions import CryptoError
from nacl.public import SealedBox
from nacl.signing import SigningKey, VerifyKey

KEY_BYTES = 32
TOKEN_BYTES = 16  # of 32: two of a hundred million persons never meet in 128 bits


class KeyRefused(ValueError):
    """The sealed key cannot be opened, or is none."""


def token(key: bytes, national_id: str) -> bytes:
    return hmac.digest(key, national_id.encode(), "sha256")[:TOKEN_BYTES]


def seal(key: bytes, public_key: str) -> str:
    """For the holder of this Ed25519 system key (hex) and nobody on the way; text in base64."""
    box = SealedBox(VerifyKey(bytes.fromhex(public_key)).to_curve25519_public_key())
    return b64encode(box.encrypt(key)).decode()


def open_sealed(sealed: str, system_key: SigningKey) -> bytes:
    """Raises `KeyRefused`."""
    try:
        key = SealedBox(system_key.to_curve25519_private_key()).decrypt(b64decode(sealed))
    except (CryptoError, ValueError) as error:
        raise KeyRefused("the key was sealed for somebody else, or damaged") from error
    if len(key) != KEY_BYTES:
        raise KeyRefused("what was sealed is no key of a feed")
    return key
