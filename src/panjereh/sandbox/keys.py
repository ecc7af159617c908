"""Keys of the sandbox nation, made once per home folder.

keys/SANDBOX                     the marker by which production refuses this folder
keys/systems/<system>.ed25519    who a system is on the exchange (seed, hex)
keys/secretariat.ed25519        what the secretariat signs grants and minutes with (seed, hex)
keys/secretariat.pub            its public half, all that a gateway needs (hex)
keys/systems/<system>.crt, .key  and on channels of mutual TLS, see channel_keys.py
keys/attestation/1.ed25519       what the exchange signs attestations with (seed, hex)
keys/providers/<system>.hmac     how a provider knows that the exchange calls (hex)
keys/clients/<client>.secret     what a relying party shows the SSO
directory.json                   system code -> X-Road id
"""

import json
import os
import secrets
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from nacl.signing import SigningKey

from panjereh.exchange.approvals.keys import make_secretariat_key
from panjereh.exchange.gateway.attest import make_attestation_key
from panjereh.sandbox.channel_keys import make_channel_keys

RELYING_PARTIES = ("national-window", "civil-registration-window", "exchange-operator")
MARKER = "SANDBOX"


@lru_cache
def exchange_description() -> dict[str, Any]:
    """What exchange.yaml says: members, systems with their services, approvals, grants."""
    text = Path(__file__).with_name("exchange.yaml").read_text(encoding="utf-8")
    described: dict[str, Any] = yaml.safe_load(text)
    return described


def make_keys(home: Path) -> None:
    """Make what is missing; what exists stays, for grants and signed records rely on it."""
    keys = home / "keys"
    for folder in (keys, keys / "systems", keys / "providers", keys / "clients"):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    marker = "Made by the sandbox. Production refuses to start on these keys.\n"
    _write_once(keys / MARKER, marker)
    for code, system in exchange_description()["systems"].items():
        _write_once(keys / "systems" / f"{code}.ed25519", SigningKey.generate().encode().hex())
        if "site" in system:
            _write_once(keys / "providers" / f"{code}.hmac", secrets.token_hex(32))
    _write_once(keys / "providers" / "exchange-messages.hmac", secrets.token_hex(32))
    make_secretariat_key(keys)
    make_attestation_key(keys)
    make_channel_keys(keys, exchange_description()["systems"])
    for client in RELYING_PARTIES:
        _write_once(keys / "clients" / f"{client}.secret", secrets.token_urlsafe(48))
    write_directory(home)


def system_key(home: Path, system: str) -> SigningKey:
    """The sandbox holds its members' keys, so it can sign contracts for them."""
    seed = (home / "keys" / "systems" / f"{system}.ed25519").read_text().strip()
    return SigningKey(bytes.fromhex(seed))


def public_key(home: Path, system: str) -> str:
    """The public half of a system's key, in hex."""
    return system_key(home, system).verify_key.encode().hex()


def certificate(home: Path, system: str) -> bytes:
    """What a system shows on its channels (PEM)."""
    return (home / "keys" / "systems" / f"{system}.crt").read_bytes()


def write_directory(home: Path) -> None:
    described = exchange_description()
    classes = {member["code"]: member["class"] for member in described["members"]}
    directory = {
        code: f"{described['instance']}/{classes[system['member']]}/{system['member']}/{code}"
        for code, system in described["systems"].items()
    }
    text = json.dumps(directory, indent=1, sort_keys=True) + "\n"
    _replace(home / "directory.json", text, mode=0o644)


def _write_once(path: Path, text: str) -> None:
    if not path.exists():
        _replace(path, text, mode=0o600)


def _replace(path: Path, text: str, *, mode: int) -> None:
    """Whole or not at all: a key cut short by a crash would lock its system out."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.touch(mode=mode)
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)
