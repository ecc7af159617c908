"""What an installation says about its log: `settings.EVIDENCE`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from panjereh.exchange.evidence.folder import Folder
from panjereh.exchange.evidence.note import VerifierKey

# 002 art 10(3): traffic and access data are kept for at least six months.
LEAST_RETENTION_DAYS = 184


class ConfigRefused(Exception):
    """The log cannot be kept like this; the text says what to change."""


@dataclass(frozen=True)
class WitnessAt:
    url: str
    key: VerifierKey


@dataclass(frozen=True)
class Config:
    folder: Folder
    keys: Path
    origin: str
    production: bool
    retention_days: int
    witnesses: tuple[WitnessAt, ...]
    time_authority: str


def config() -> Config:
    given: dict[str, Any] = getattr(settings, "EVIDENCE", {})
    if not given:
        raise ConfigRefused("settings.EVIDENCE names neither a folder nor an origin")
    days = int(given.get("retention_days", LEAST_RETENTION_DAYS))
    if days < LEAST_RETENTION_DAYS:
        raise ConfigRefused(f"records are kept for at least {LEAST_RETENTION_DAYS} days")
    return Config(
        folder=Folder(Path(given["folder"])),
        keys=Path(settings.KEYS),
        origin=given["origin"],
        production=settings.PROFILE == "production",
        retention_days=days,
        witnesses=tuple(_witness(text) for text in given.get("witnesses", ())),
        time_authority=given.get("time_authority", ""),
    )


def _witness(text: str) -> WitnessAt:
    """`https://witness.example=<vkey>`; a vkey may end in `=`, an address has none."""
    url, _, key = text.partition("=")
    return WitnessAt(url.rstrip("/"), VerifierKey.parse(key))
