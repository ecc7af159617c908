"""Identity data off the chip of a national card, without any network (002 art ~30, SSO-19).

The holder enters PIN 1 at the reader, and that entry is the consent: the card itself signs who
reads, what for and when, so the consent can be shown later. The data are signed by the issuer.

    reading (JSON): data and issuer_signature   what the card says, by the issuer's key
                    certificate                 of the issuer that signed it
                    statement and signature     the consent, by the card's own key
"""

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key

TYPE = "panjereh-card-reading-1"


class CardTrouble(Exception):
    """`code`: wrong-pin, locked, unreadable, forged, expired, no-consent."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Consent:
    """What the holder allowed by entering PIN 1. `challenge` is the SHA-256 of what asked."""

    purpose: str
    reader: str
    read_at: datetime
    challenge: str


@dataclass(frozen=True)
class CardData:
    national_id: str
    given_name: str
    family_name: str
    father_name: str
    birth_date: date
    serial: str
    valid_until: date


@dataclass(frozen=True)
class Reading:
    data: CardData
    consent: Consent


class CardReader(Protocol):
    """A reader with a card in it. Raises `CardTrouble`."""

    def read(self, *, pin: str, purpose: str, reader: str, challenge: str = "") -> bytes: ...


def check_reading(raw: bytes, issuers: Iterable[x509.Certificate], *, today: date) -> Reading:
    """Offline: the issuer's signature over the data, the card's over the consent. Raises
    `CardTrouble`."""
    try:
        told = json.loads(raw)
        if told["type"] != TYPE:
            raise CardTrouble("unreadable")
        parts = {name: base64.b64decode(told[name], validate=True) for name in _PARTS}
        data = json.loads(parts["data"])
        card = load_der_public_key(base64.b64decode(data["key"]))
        facts, consent = _facts(data), _consent(json.loads(parts["statement"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CardTrouble("unreadable") from error
    issuer = next((c for c in issuers if _der(c) == parts["certificate"]), None)
    if issuer is None:
        raise CardTrouble("forged")
    _check(issuer.public_key(), parts["issuer_signature"], parts["data"])
    _check(card, parts["signature"], parts["statement"])
    if facts.valid_until < today:
        raise CardTrouble("expired")
    if not consent.purpose or not consent.reader:
        raise CardTrouble("no-consent")
    return Reading(facts, consent)


_PARTS = ("data", "issuer_signature", "certificate", "statement", "signature")


def _facts(data: dict[str, Any]) -> CardData:
    return CardData(
        national_id=str(data["national_id"]),
        given_name=str(data["given_name"]),
        family_name=str(data["family_name"]),
        father_name=str(data["father_name"]),
        birth_date=date.fromisoformat(data["birth_date"]),
        serial=str(data["serial"]),
        valid_until=date.fromisoformat(data["valid_until"]),
    )


def _consent(told: dict[str, Any]) -> Consent:
    return Consent(
        purpose=str(told["purpose"]),
        reader=str(told["reader"]),
        read_at=datetime.fromisoformat(told["read_at"]),
        challenge=str(told["challenge"]),
    )


def _check(key: Any, signature: bytes, signed: bytes) -> None:
    if not isinstance(key, EllipticCurvePublicKey):
        raise CardTrouble("forged")
    try:
        key.verify(signature, signed, ECDSA(SHA256()))
    except InvalidSignature as error:
        raise CardTrouble("forged") from error


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)
