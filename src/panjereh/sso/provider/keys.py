"""Signing keys: files in <keys>/sso/signing, all published, the newest of each kind signs.

Each file is encrypted under the first of `SSO_KEY_PASSPHRASES`, one a line, or still under a later
one; a key that lies open is refused. A file `<name>.next.pem` is published and not used yet, so
that a rotation fails no login: see `rotation.py`.
"""

import time
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.conf import settings
from joserfc.jwk import ECKey, KeyParameters, KeySet, RSAKey

LOOK_AGAIN_SECONDS = 5
NEXT = ".next.pem"

PrivateKey = ECKey | RSAKey
OpenedKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class NoSigningKey(Exception):
    """The operator has given no key for this algorithm."""


class KeyUnreadable(NoSigningKey):
    """A key lies open, or none of the passphrases opens it."""


@dataclass(frozen=True)
class Keys:
    """`signing` by algorithm; `verifying` by algorithm and then key id."""

    signing: dict[str, PrivateKey]
    published: list[tuple[str, PrivateKey]]

    def verifying(self, alg: str) -> KeySet:
        return KeySet([key for kind, key in self.published if kind == alg])


def folder() -> Path:
    return Path(settings.KEYS) / "sso" / "signing"


def keys() -> Keys:
    """The keys as they lie in the folder, looked at every few seconds."""
    return _keys(str(folder()), int(time.monotonic() // LOOK_AGAIN_SECONDS))


@lru_cache(maxsize=2)
def _keys(path: str, moment: int) -> Keys:
    return _load(tuple((f.name, f.read_text()) for f in sorted(Path(path).glob("*.pem"))))


@lru_cache(maxsize=4)
def _load(files: tuple[tuple[str, str], ...]) -> Keys:
    """Reading an RSA key costs some 50 ms, so unchanged files are read once."""
    signing: dict[str, PrivateKey] = {}
    published = []
    for name, pem in files:
        alg, key = _read(name, pem)
        published.append((alg, key))
        if not name.endswith(NEXT):
            signing[alg] = key
    return Keys(signing, published)


def _read(name: str, pem: str) -> tuple[str, PrivateKey]:
    opened = opened_key(name, pem)
    kind, alg = (RSAKey, "RS256") if isinstance(opened, rsa.RSAPrivateKey) else (ECKey, "ES256")
    plain = as_pem(opened, serialization.NoEncryption())
    parameters: KeyParameters = {
        "kid": kind.import_key(plain).thumbprint(),
        "use": "sig",
        "alg": alg,
    }
    return alg, kind.import_key(plain, parameters)


def opened_key(name: str, pem: str) -> OpenedKey:
    """Raises `KeyUnreadable`, which names the file and nothing of its content."""
    for passphrase in passphrases():
        with suppress(ValueError):
            return _openable(pem, passphrase)
    raise KeyUnreadable(f"no passphrase opens the signing key {name}")


def _openable(pem: str, passphrase: bytes | None) -> OpenedKey:
    try:
        loaded = serialization.load_pem_private_key(pem.encode(), password=passphrase)
    except TypeError as error:
        raise KeyUnreadable("a signing key lies open; `panjereh keys seal` encrypts it") from error
    if not isinstance(loaded, OpenedKey):
        raise KeyUnreadable("a signing key is neither RSA nor of an elliptic curve")
    return loaded


def as_pem(key: OpenedKey, encryption: serialization.KeySerializationEncryption) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    )


def sealed(key: OpenedKey) -> bytes:
    """As it is kept: encrypted under the newest passphrase."""
    return as_pem(key, serialization.BestAvailableEncryption(passphrases()[0]))


def passphrases() -> list[bytes]:
    return [line.encode() for line in settings.SSO_KEY_PASSPHRASES.split()]


def signing_key(alg: str) -> PrivateKey:
    try:
        return keys().signing[alg]
    except KeyError as error:
        raise NoSigningKey(f"there is no {alg} key in {folder()}") from error


def algorithms() -> list[str]:
    return sorted(keys().signing)


def public_keys() -> dict[str, Any]:
    return {"keys": [key.as_dict(private=False) for _, key in keys().published]}


def missing_key() -> str:
    """For the health page: without a key nobody can sign in."""
    try:
        return "" if "ES256" in keys().signing else "there is no signing key"
    except KeyUnreadable as error:
        return str(error)
