"""The secretariat's signing key: `secretariat.ed25519` among the keys of an installation.

`secretariat.pub` holds its public half and those of former keys, one in hex a line. Gateways are
given only that file: what no database holds cannot be forged by who writes into one.

`python -m panjereh.exchange.approvals.keys FOLDER` makes what is missing there.
"""

import os
import sys
from contextlib import suppress
from pathlib import Path

from nacl.signing import SigningKey

from panjereh.exchange.approvals.contract import by_thumbprint

PRIVATE, PUBLIC = "secretariat.ed25519", "secretariat.pub"


class KeyMissing(Exception):
    """The text names the file."""


def make_secretariat_key(keys: Path) -> None:
    """Make what is missing; a key that exists stays."""
    keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write_once(keys / PRIVATE, SigningKey.generate().encode().hex())
    own = secretariat_key(keys).verify_key.encode().hex()
    _write_once(keys / PUBLIC, own)


def secretariat_key(keys: Path) -> SigningKey:
    return SigningKey(bytes.fromhex(_read(keys / PRIVATE).strip()))


def sandbox_key(keys: Path, system: str) -> SigningKey | None:
    """The key of a member's system, where the sandbox holds it; in the country nobody else does."""
    path = keys / "systems" / f"{system}.ed25519"
    if not (keys / "SANDBOX").exists() or not path.exists():
        return None
    return SigningKey(bytes.fromhex(_read(path).strip()))


def secretariat_public_keys(keys: Path) -> dict[str, str]:
    """By thumbprint, the one that signs now first."""
    return by_thumbprint(*_read(keys / PUBLIC).split())


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except FileNotFoundError as error:
        raise KeyMissing(f"{path} is missing") from error


def _write_once(path: Path, text: str) -> None:
    """Several processes may start at once; the first one's text stays and is never seen half."""
    if path.exists():
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(text + "\n", encoding="ascii")
    with suppress(FileExistsError):
        path.hardlink_to(draft)
    draft.unlink()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m panjereh.exchange.approvals.keys FOLDER")
    make_secretariat_key(Path(sys.argv[1]))
