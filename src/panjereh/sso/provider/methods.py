"""Our ways of signing in by the names that the world gives them (RFC 8176)."""

from collections.abc import Iterable

REFERENCES = {
    "sms": "sms",
    "passkey": "hwk",
    "totp": "otp",
    "recovery": "otp",
    "face": "face",
    "signature": "pop",
    "chip": "sc",
}


def method_references(ways: Iterable[str]) -> list[str]:
    """For `amr`. A way that was added by configuration is told by its own name."""
    return list(dict.fromkeys(REFERENCES.get(way, way) for way in ways))
