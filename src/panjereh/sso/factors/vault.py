"""Seal what must be read again, like the secret of an authenticator app.

Keys stand in one secret of the installation, newest first, one a line: the newest seals, all of
them open. A sealed text names its key and is bound to its place, so that it opens in no other row.
"""

import base64
import hashlib
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

KEY_BYTES, NONCE_BYTES = 32, 12


class SealBroken(Exception):
    """The text was changed, or belongs elsewhere, or its key is gone."""


def seal(text: str, *, place: str) -> str:
    name = newest()
    nonce = os.urandom(NONCE_BYTES)
    closed = nonce + AESGCM(_keys()[name]).encrypt(nonce, text.encode(), place.encode())
    return f"{name}.{base64.urlsafe_b64encode(closed).decode()}"


def unseal(sealed: str, *, place: str) -> str:
    name, _, text = sealed.partition(".")
    if name not in _keys():
        raise SealBroken("the key of this seal is not among the keys of the installation")
    closed = base64.urlsafe_b64decode(text)
    try:
        return (
            AESGCM(_keys()[name])
            .decrypt(closed[:NONCE_BYTES], closed[NONCE_BYTES:], place.encode())
            .decode()
        )
    except InvalidTag as error:
        raise SealBroken("changed, or from another place") from error


def newest() -> str:
    """The key that seals; what another one has sealed is sealed anew by `jobs.reseal_old`."""
    return next(iter(_keys()))


def _keys() -> dict[str, bytes]:
    return _derived(settings.SSO_FACTOR_KEYS)


@lru_cache
def _derived(lines: str) -> dict[str, bytes]:
    keys = [_derive(line) for line in lines.split()]
    return {hashlib.sha256(key).hexdigest()[:8]: key for key in keys}


def _derive(line: str) -> bytes:
    kdf = HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=b"panjereh factors")
    return kdf.derive(line.encode())
