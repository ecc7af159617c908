"""Signing keys: files in <keys>/sso/signing, all published, the newest of each kind signs.

Rotation without a failed login: put the new key in as `<name>.next.pem` (published, not used),
wait until clients have fetched it, rename it to `<name>.pem` (it signs now, the old one still
verifies), and remove the old file when its last token has expired.
"""

import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from joserfc.jwk import ECKey, KeyParameters, KeySet, RSAKey

LOOK_AGAIN_SECONDS = 5
NEXT = ".next.pem"

PrivateKey = ECKey | RSAKey


class NoSigningKey(Exception):
    """The operator has given no key for this algorithm."""


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
        alg, key = _read(pem)
        published.append((alg, key))
        if not name.endswith(NEXT):
            signing[alg] = key
    return Keys(signing, published)


def _read(pem: str) -> tuple[str, PrivateKey]:
    loaded = serialization.load_pem_private_key(pem.encode(), password=None)
    kind, alg = (RSAKey, "RS256") if isinstance(loaded, rsa.RSAPrivateKey) else (ECKey, "ES256")
    parameters: KeyParameters = {
        "kid": kind.import_key(pem).thumbprint(),
        "use": "sig",
        "alg": alg,
    }
    return alg, kind.import_key(pem, parameters)


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
    return "" if "ES256" in keys().signing else "there is no signing key"
