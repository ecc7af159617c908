"""A counter with a card reader, offline: read after PIN 1, check, write the consent down."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from panjereh.sandbox.authority.cards import SimulatedReader
from panjereh.sandbox.authority.hierarchy import folder_of
from panjereh.sdk import card_reading
from panjereh.sdk.card_reading import Reading, check_reading

_TEXTS = {
    "wrong-pin": "PIN 1 is wrong; after three wrong ones the card locks itself",
    "locked": "the card is locked: the civil registry unlocks it",
    "unreadable": "this card cannot be read",
    "forged": "the data are not signed by an issuer that this reader knows",
    "expired": "the card is no longer valid",
    "no-consent": "say who reads and what for",
}


class CardTrouble(Exception):
    """One line for whoever stands at the counter."""


def read_card(
    card: Path,
    home: Path,
    *,
    pin: str,
    purpose: str,
    reader: str,
    file: Path | None = None,
    into: Path | None = None,
) -> tuple[Reading, Path]:
    """The data, and where the record lies. Every entry of the PIN is written down, right or not."""
    challenge = hashlib.sha256(file.read_bytes()).hexdigest() if file else ""
    try:
        raw = SimulatedReader(card).read(
            pin=pin, purpose=purpose, reader=reader, challenge=challenge
        )
        reading = check_reading(raw, _issuers(home), today=datetime.now(UTC).date())
    except card_reading.CardTrouble as trouble:
        _note(home, purpose, reader, trouble.code)
        raise CardTrouble(_TEXTS[trouble.code]) from trouble
    kept = into or card.with_suffix(".reading.json")
    kept.touch(mode=0o600)
    kept.write_bytes(raw)
    _note(home, purpose, reader, "read", hashlib.sha256(raw).hexdigest())
    return reading, kept


def _issuers(home: Path) -> list[x509.Certificate]:
    files = sorted((folder_of(home) / "cards").glob("*.crt"))
    return [x509.load_pem_x509_certificate(file.read_bytes()) for file in files]


def _note(home: Path, purpose: str, reader: str, outcome: str, digest: str = "") -> None:
    """The counter's own book: who read, when, what for, how it went; of the person nothing but
    the digest of the reading, in which the card's signature stands."""
    home.mkdir(parents=True, exist_ok=True)
    line = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "reader": reader,
        "purpose": purpose,
        "outcome": outcome,
        "reading_sha256": digest,
    }
    book = home / "card-readings.jsonl"
    book.touch(mode=0o600)
    with book.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(line, ensure_ascii=False) + "\n")
