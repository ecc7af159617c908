"""A simulator of the national card and its reader: a card is a file, and behaves like a chip.

It opens with PIN 1, counts wrong entries before it compares, locks itself after three, and keeps
its key inside. The data are signed by the sandbox's issuer of cards.
"""

import base64
import fcntl
import hashlib
import hmac
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_pem_private_key,
)

from panjereh.sandbox.authority.hierarchy import (
    Pair,
    folder_of,
    new_authority,
    write_certificate,
    write_key,
)
from panjereh.sdk.card_reading import TYPE, CardTrouble

MOST_WRONG = 3
YEARS_CARD, YEARS_ISSUER = 7, 10


def make_card_issuer(home: Path) -> Path:
    """`cards/` beside the authorities: whom a reader believes, and the issuer's own key."""
    folder = folder_of(home) / "cards"
    if not (folder / "issuer.crt").exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        pair = new_authority("Sandbox issuer of national cards", None, years=YEARS_ISSUER)
        write_key(folder / "issuer.key", pair.key)
        write_certificate(folder / "issuer.crt", pair.certificate)
    return folder


def issue_card(
    folder: Path, path: Path, facts: dict[str, str], *, pin: str, valid_until: date | None = None
) -> None:
    """`facts`: national_id, given_name, family_name, father_name, birth_date."""
    issuer, key, salt = _issuer(folder), generate_private_key(SECP256R1()), os.urandom(16)
    ends = valid_until or datetime.now(UTC).date() + timedelta(days=365 * YEARS_CARD)
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    data = facts | {
        "serial": base64.b32encode(os.urandom(6)).decode().rstrip("="),
        "valid_until": ends.isoformat(),
        "key": _text(spki),
    }
    raw = json.dumps(data, ensure_ascii=False, sort_keys=True).encode()
    card = {
        "data": _text(raw),
        "issuer_signature": _text(issuer.key.sign(raw, ECDSA(SHA256()))),
        "certificate": _text(issuer.certificate.public_bytes(Encoding.DER)),
        "salt": _text(salt),
        "pin": _text(_of_pin(pin, salt)),
        "wrong": 0,
        "key": _text(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())),
    }
    path.touch(mode=0o600)
    path.write_text(json.dumps(card))


@dataclass(frozen=True)
class SimulatedReader:
    card: Path

    def read(self, *, pin: str, purpose: str, reader: str, challenge: str = "") -> bytes:
        with self._card() as card:
            _open(card, pin)
            statement = json.dumps(
                {
                    "purpose": purpose,
                    "reader": reader,
                    "read_at": datetime.now(UTC).isoformat(timespec="seconds"),
                    "challenge": challenge,
                },
                ensure_ascii=False,
            ).encode()
            told = {name: card[name] for name in ("data", "issuer_signature", "certificate")}
            signature = _key(card).sign(statement, ECDSA(SHA256()))
            told |= {"type": TYPE, "statement": _text(statement), "signature": _text(signature)}
            return json.dumps(told).encode()

    @contextmanager
    def _card(self) -> Iterator[dict[str, Any]]:
        """One reader at a time; what was counted stays counted, however the reading ends."""
        try:
            with self.card.open("r+") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                card: dict[str, Any] = json.load(file)
                try:
                    yield card
                finally:
                    file.seek(0)
                    json.dump(card, file)
                    file.truncate()
        except (OSError, ValueError) as error:
            raise CardTrouble("unreadable") from error


def _open(card: dict[str, Any], pin: str) -> None:
    if card["wrong"] >= MOST_WRONG:
        raise CardTrouble("locked")
    card["wrong"] += 1
    right = _of_pin(pin, base64.b64decode(card["salt"]))
    if not hmac.compare_digest(right, base64.b64decode(card["pin"])):
        raise CardTrouble("locked" if card["wrong"] >= MOST_WRONG else "wrong-pin")
    card["wrong"] = 0


def _key(card: dict[str, Any]) -> EllipticCurvePrivateKey:
    key = load_der_private_key(base64.b64decode(card["key"]), password=None)
    if not isinstance(key, EllipticCurvePrivateKey):
        raise CardTrouble("unreadable")
    return key


def _issuer(folder: Path) -> Pair:
    key = load_pem_private_key((folder / "issuer.key").read_bytes(), password=None)
    if not isinstance(key, EllipticCurvePrivateKey):
        raise TypeError("the issuer's key is not an elliptic-curve key")
    return Pair(x509.load_pem_x509_certificate((folder / "issuer.crt").read_bytes()), key)


def _of_pin(pin: str, salt: bytes) -> bytes:
    return hashlib.scrypt(pin.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
