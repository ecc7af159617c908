"""The keys of a log: the folder `evidence` among the keys of an installation.

log.skey        what checkpoints are signed with, its name is the origin of the log
nonce.secret    what hides the leaves; who loses it can still prove, but not build the log anew
former.vkeys    public keys that signed before, one a line

`python -m panjereh.exchange.evidence.keys log|witness NAME FILE` makes a key and prints its public
half, the vkey.
"""

import os
import secrets
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from panjereh.exchange.evidence.note import LOG, WITNESS, NoteRefused, NoteSigner, VerifierKey

_KINDS = {"log": LOG, "witness": WITNESS}


class KeysMissing(Exception):
    """The log has no key to sign with; the text says how to make one."""


@dataclass(frozen=True)
class LogKeys:
    signer: NoteSigner
    nonce_key: bytes
    former: tuple[VerifierKey, ...]

    @property
    def trusted(self) -> list[VerifierKey]:
        return [self.signer.verifier, *self.former]


def log_keys(keys: Path, *, origin: str, production: bool) -> LogKeys:
    """The sandbox makes its keys on first use; production is given them."""
    folder = keys / "evidence"
    if not production:
        _write_once(folder / "log.skey", NoteSigner.new(origin, LOG).secret)
        _write_once(folder / "nonce.secret", secrets.token_hex(32))
    try:
        signer = NoteSigner.parse((folder / "log.skey").read_text())
        nonce_key = bytes.fromhex((folder / "nonce.secret").read_text().strip())
    except FileNotFoundError as error:
        raise KeysMissing(
            f"{error.filename} is missing; make the log's key with"
            f" `python -m panjereh.exchange.evidence.keys log {origin} {folder / 'log.skey'}`"
            f" and write 64 random hex digits into {folder / 'nonce.secret'}"
        ) from error
    return LogKeys(signer, nonce_key, tuple(_former(folder)))


def public_keys(keys: Path) -> list[VerifierKey]:
    """The keys that this installation's log signs or signed with, for whoever checks here."""
    folder = keys / "evidence"
    try:
        signer = NoteSigner.parse((folder / "log.skey").read_text())
    except FileNotFoundError as error:
        raise KeysMissing(f"there is no log's key in {folder}") from error
    return [signer.verifier, *_former(folder)]


def _former(folder: Path) -> list[VerifierKey]:
    try:
        lines = (folder / "former.vkeys").read_text().splitlines()
    except FileNotFoundError:
        return []
    return [VerifierKey.parse(line) for line in lines if line.strip()]


def write_new(path: Path, text: str) -> None:
    """Raises `FileExistsError`: a key is never written over."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(draft)
    finally:
        draft.unlink()


def _write_once(path: Path, text: str) -> None:
    """Several processes may start at once; the first one's key stays."""
    if not path.exists():
        with suppress(FileExistsError):
            write_new(path, text)


def main(arguments: list[str]) -> int:
    if len(arguments) != 3 or arguments[0] not in _KINDS:
        sys.stderr.write("usage: python -m panjereh.exchange.evidence.keys log|witness NAME FILE\n")
        return 2
    kind, name, path = arguments
    try:
        signer = NoteSigner.new(name, _KINDS[kind])
        write_new(Path(path), signer.secret)
    except (NoteRefused, FileExistsError) as error:
        sys.stderr.write(f"{path}: {error}\n")
        return 1
    sys.stdout.write(f"{signer.verifier}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
