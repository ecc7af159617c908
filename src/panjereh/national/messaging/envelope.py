"""How letters are sealed: three keys, each wrapping the next (reference: e-box encryption).

    master key (file or HSM of the installation) -> key of the box -> key of the letter -> text

Theft of the database, a backup or a disk shows nothing; one leaked key stays one letter or one
box. It is not end to end: the service itself can open a letter for its owner.
"""

import hashlib
import hmac
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from django.conf import settings

KEY_BYTES, NONCE_BYTES = 32, 12


class SealBroken(Exception):
    """The text was changed, or moved from another letter or box."""


class MasterKeyMissing(Exception):
    """A box was wrapped by a master key that this installation no longer holds."""


def new_box_key() -> tuple[bytes, str]:
    """A key for a new box, wrapped, and the name of the master key that wrapped it."""
    name, master = next(iter(_masters().items()))
    return aes_key_wrap(master, os.urandom(KEY_BYTES)), name


def rewrap(wrapped: bytes, master: str) -> tuple[bytes, str]:
    """The same box key under the newest master key; letters stay untouched."""
    name, newest = next(iter(_masters().items()))
    return aes_key_wrap(newest, box_key(wrapped, master)), name


def box_key(wrapped: bytes, master: str) -> bytes:
    if master not in _masters():
        raise MasterKeyMissing(master)
    return _unwrap(_masters()[master], wrapped)


def new_letter_key(box: bytes) -> tuple[bytes, bytes]:
    """A key for a new letter, bare for sealing now and wrapped for keeping."""
    key = os.urandom(KEY_BYTES)
    return key, aes_key_wrap(box, key)


def letter_key(box: bytes, wrapped: bytes) -> bytes:
    return _unwrap(box, wrapped)


def seal(key: bytes, text: str, *, place: str) -> bytes:
    """`place` (box, letter, field) is bound in, so that a text opens nowhere else."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, text.encode(), place.encode())


def unseal(key: bytes, sealed: bytes, *, place: str) -> str:
    try:
        clear = AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode())
    except InvalidTag as error:
        raise SealBroken(place) from error
    return clear.decode()


def fingerprint(content: bytes) -> str:
    """Tells whether two requests are the same, and nothing about what is in them."""
    return hmac.new(_fingerprint_key(), content, hashlib.sha256).hexdigest()


def _unwrap(key: bytes, wrapped: bytes) -> bytes:
    try:
        return aes_key_unwrap(key, wrapped)
    except InvalidUnwrap as error:
        raise SealBroken("key") from error


def _masters() -> dict[str, bytes]:
    """Master keys by name, newest first: one line each in the secret file."""
    return _derived(settings.MAILBOX_MASTER_KEYS)


@lru_cache
def _derived(lines: str) -> dict[str, bytes]:
    keys = (_derive(line.strip(), b"panjereh mailbox") for line in lines.split())
    return {hashlib.sha256(key).hexdigest()[:8]: key for key in keys}


def _fingerprint_key() -> bytes:
    """From the oldest line, so that a repeated request is still known after a rotation."""
    return _derive(settings.MAILBOX_MASTER_KEYS.split()[-1], b"panjereh fingerprint")


@lru_cache
def _derive(secret: str, purpose: bytes) -> bytes:
    kdf = HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=purpose)
    return kdf.derive(secret.encode())
