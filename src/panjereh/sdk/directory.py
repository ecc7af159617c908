"""A member's own systems in the directory of the exchange, from a program of that member.

new_key = SigningKey.generate()
add_key("my-system", new_key.verify_key.encode().hex())   # both keys work now
...                                                       # the program changes over
withdraw_key("my-system", old_public_key)
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from panjereh.sdk.exchange import call

SYSTEM = "exchange-directory"


@dataclass(frozen=True)
class Description:
    """What became of an OpenAPI description: flaws say line and remedy, plans what it changes."""

    taken: bool
    flaws: list[dict[str, Any]]
    plans: list[dict[str, Any]]


def systems() -> list[dict[str, Any]]:
    """Own systems with keys and services."""
    found: list[dict[str, Any]] = call(SYSTEM, "systems", {})["systems"]
    return found


def add_key(system: str, key: str) -> dict[str, Any]:
    """An Ed25519 public key in hex, or a certificate in PEM. The old keys stay."""
    return call(SYSTEM, "add-key", {"system": system, "key": key})


def withdraw_key(system: str, key: str) -> dict[str, Any]:
    return call(SYSTEM, "withdraw-key", {"system": system, "key": key})


def look_at_description(system: str, document: str) -> Description:
    """What it would change; nothing changes."""
    return _describe(system, document, take=False)


def take_description(system: str, document: str) -> Description:
    """Let it hold, when nothing breaks."""
    return _describe(system, document, take=True)


def withdraw_service(
    system: str, service: str, *, ends_on: date, notice_fa: str, notice_en: str
) -> str:
    """End it with notice; answers when it ends (ISO 8601)."""
    body = {"system": system, "service": service, "ends_on": ends_on.isoformat()}
    answer = call(
        SYSTEM, "withdraw-service", body | {"notice_fa": notice_fa, "notice_en": notice_en}
    )
    return str(answer["ends_at"])


def notices() -> list[dict[str, Any]]:
    """Services that end and that own systems have a grant for."""
    found: list[dict[str, Any]] = call(SYSTEM, "notices", {})["notices"]
    return found


def find(text: str = "") -> list[dict[str, Any]]:
    """The catalogue of services, searched as people write."""
    found: list[dict[str, Any]] = call(SYSTEM, "find", {"text": text})["services"]
    return found


def _describe(system: str, document: str, *, take: bool) -> Description:
    answer = call(SYSTEM, "describe", {"system": system, "document": document, "take": take})
    return Description(answer["taken"], answer["flaws"], answer["plans"])
