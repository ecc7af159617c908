"""Signed notes (c2sp.org/signed-note) and cosignatures (c2sp.org/tlog-cosignature) with Ed25519."""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

LOG, WITNESS = 0x01, 0x04  # signature types: over the text, over the text and a time
MAX_SIGNATURES = 64
_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/=]+)")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_NAME = re.compile(r"[^\s+]+")
_SECRET = "PRIVATE+KEY"  # noqa: S105 - how Go's note package begins a private key


class NoteRefused(Exception):
    """The note or key is malformed, or nobody we trust has signed it; the text says which."""


@dataclass(frozen=True)
class VerifierKey:
    """A public key as `name+hex(id)+base64(type||key)`, the vkey of the specification."""

    name: str
    kind: int
    public: bytes

    def __post_init__(self) -> None:
        if self.kind not in {LOG, WITNESS} or len(self.public) != 32:
            raise NoteRefused("the key is not an Ed25519 key of a log or a witness")
        if not _NAME.fullmatch(self.name):
            raise NoteRefused("a key's name has neither spaces nor +")

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        name, key_id, encoded = _parts(text.strip())
        key = cls(name, encoded[0], encoded[1:])
        if key.id != key_id:
            raise NoteRefused("the id of the key is not that of its name and bytes")
        return key

    def __str__(self) -> str:
        return _joined(self.name, self.id, bytes([self.kind]) + self.public)

    @property
    def id(self) -> bytes:
        said = self.name.encode() + b"\n" + bytes([self.kind]) + self.public
        return hashlib.sha256(said).digest()[:4]

    def check(self, text: str, value: bytes) -> int | None:
        """The time that a witness stated, None for a log's signature. Raises `NoteRefused`."""
        time = int.from_bytes(value[:8], "big") if self.kind == WITNESS else None
        signature = value if time is None else value[8:]
        try:
            public = Ed25519PublicKey.from_public_bytes(self.public)
            public.verify(signature, _signed_bytes(text, time))
        except InvalidSignature as error:
            raise NoteRefused(f"the signature of {self.name} is wrong") from error
        return time


@dataclass(frozen=True)
class NoteSigner:
    name: str
    kind: int
    key: Ed25519PrivateKey

    @classmethod
    def new(cls, name: str, kind: int) -> "NoteSigner":
        return cls(name, kind, Ed25519PrivateKey.generate())

    @classmethod
    def parse(cls, text: str) -> "NoteSigner":
        name, key_id, encoded = _parts(text.strip().removeprefix(f"{_SECRET}+"))
        if len(encoded) != 33:
            raise NoteRefused("the private key has not 32 bytes")
        signer = cls(name, encoded[0], Ed25519PrivateKey.from_private_bytes(encoded[1:]))
        if signer.verifier.id != key_id:
            raise NoteRefused("the id of the private key is not that of its name and bytes")
        return signer

    @property
    def verifier(self) -> VerifierKey:
        return VerifierKey(self.name, self.kind, self.key.public_key().public_bytes_raw())

    @property
    def secret(self) -> str:
        """As Go's note package writes it, for the key's file."""
        encoded = bytes([self.kind]) + self.key.private_bytes_raw()
        return f"{_SECRET}+{_joined(self.name, self.verifier.id, encoded)}"

    def sign(self, text: str, time: int | None = None) -> str:
        """A signature line. A witness states the time; a log does not."""
        value = self.key.sign(_signed_bytes(text, time))
        stated = b"" if time is None else time.to_bytes(8, "big")
        encoded = base64.b64encode(self.verifier.id + stated + value).decode()
        return f"— {self.name} {encoded}\n"


@dataclass(frozen=True)
class Signature:
    name: str
    key_id: bytes
    value: bytes
    line: str


@dataclass(frozen=True)
class Note:
    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, note: str) -> "Note":
        head, separator, tail = note.rpartition("\n\n")
        if not separator or not head or not tail.endswith("\n") or _CONTROL.search(note):
            raise NoteRefused("this is not a signed note")
        lines = tail.removesuffix("\n").split("\n")
        if len(lines) > MAX_SIGNATURES:
            raise NoteRefused("the note has too many signatures")
        return cls(head + "\n", tuple(_signature(line) for line in lines))

    def __str__(self) -> str:
        return signed(self.text, [s.line for s in self.signatures])


@dataclass(frozen=True)
class Signed:
    """A key that has signed, and when if it said so."""

    key: VerifierKey
    time: int | None


def signed(text: str, lines: Sequence[str]) -> str:
    return text + "\n" + "".join(lines)


def check_signatures(note: Note, keys: Sequence[VerifierKey]) -> list[Signed]:
    """Who of `keys` signed. A known key that fails refuses the whole note; others are ignored."""
    known = {(key.name, key.id): key for key in keys}
    found: dict[VerifierKey, Signed] = {}
    for signature in note.signatures:
        if key := known.get((signature.name, signature.key_id)):
            found[key] = Signed(key, key.check(note.text, signature.value))
    if not found:
        raise NoteRefused("no key that is trusted here has signed the note")
    return list(found.values())


def strict_base64(text: str) -> bytes:
    """One text for one value: what decodes leniently could be altered unseen."""
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteRefused("this is not base64") from error
    if base64.b64encode(value).decode() != text:
        raise NoteRefused("this is not base64 as it is written")
    return value


def _signature(line: str) -> Signature:
    found = _LINE.fullmatch(line)
    value = strict_base64(found[2]) if found else b""
    if not found or len(value) < 5:
        raise NoteRefused("a signature line of the note is malformed")
    return Signature(found[1], value[:4], value[4:], line + "\n")


def _signed_bytes(text: str, time: int | None) -> bytes:
    return text.encode() if time is None else f"cosignature/v1\ntime {time}\n{text}".encode()


def _parts(text: str) -> tuple[str, bytes, bytes]:
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    value = strict_base64(encoded)
    if not re.fullmatch("[0-9a-f]{8}", key_id) or not value:
        raise NoteRefused("a key reads name+id+base64")
    return name, bytes.fromhex(key_id), value


def _joined(name: str, key_id: bytes, value: bytes) -> str:
    return f"{name}+{key_id.hex()}+{base64.b64encode(value).decode()}"
