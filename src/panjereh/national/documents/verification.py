"""Is this document valid? The verdict, and in which of the five rules a file fails.

1 the seal is unbroken and nothing was added after it    2 the file is the registered one, whole
3 the seal is that of an agency, trusted when sealed     4 the register says valid
5 the data inside are the data of the register

Other verifiers call a file valid whose page was replaced after sealing; this one does not.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from panjereh.common import clock
from panjereh.national.documents import keys, queries
from panjereh.national.documents.examination import Findings, examine, examine_stranger
from panjereh.national.documents.models import Document, Status
from panjereh.national.documents.numbers import parse_document_id

MAX_FILE = 5 * 1024 * 1024
_MARKER_WITHIN = 1024  # readers look for %PDF- in the first kilobyte


class Flaw(StrEnum):
    UNREADABLE = "unreadable"
    UNSEALED = "unsealed"
    CHANGED = "changed"
    CHANGED_AFTER_SEAL = "changed-after-seal"
    OTHER_FILE = "other-file"
    OTHER_DOCUMENT = "other-document"
    FOREIGN_SEAL = "foreign-seal"
    SEAL_REVOKED = "seal-revoked"
    UNKNOWN = "unknown"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    OTHER_DATA = "other-data"


# Which rule a flaw breaks.
RULES: dict[int, frozenset[Flaw]] = {
    1: frozenset({Flaw.UNREADABLE, Flaw.UNSEALED, Flaw.CHANGED, Flaw.CHANGED_AFTER_SEAL}),
    2: frozenset({Flaw.OTHER_FILE, Flaw.OTHER_DOCUMENT, Flaw.UNKNOWN}),
    3: frozenset({Flaw.FOREIGN_SEAL, Flaw.SEAL_REVOKED}),
    4: frozenset({Flaw.SUSPENDED, Flaw.REVOKED, Flaw.SUPERSEDED}),
    5: frozenset({Flaw.OTHER_DATA}),
}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """`document` is the row in question; what may be shown of it is for `shows_*` to say."""

    flaws: list[Flaw]
    document: Document | None = None
    by_file: bool = False
    same_file: bool = False
    by_secret_id: bool = False
    findings: Findings | None = None

    @property
    def valid(self) -> bool:
        return not self.flaws

    @property
    def shows_time(self) -> bool:
        """The printed number can be guessed; the QR code and the file cannot (DOC-22)."""
        return self.document is not None and (self.by_secret_id or self.same_file)

    @property
    def shows_data(self) -> bool:
        """Only who has the file: it shows them already."""
        return self.document is not None and self.same_file

    @property
    def broken_rules(self) -> set[int]:
        return {number for number, flaws in RULES.items() if flaws & set(self.flaws)}


def judge_id(text: str) -> Verdict:
    """By number or QR code alone: what the register says, nothing about a file."""
    document = queries.by_any_id(text)
    if document is None:
        return Verdict(flaws=[Flaw.UNKNOWN])
    secret = parse_document_id(text) is not None
    return Verdict(flaws=_status_flaws(document), document=document, by_secret_id=secret)


def judge_hash(text: str, digest: str) -> Verdict:
    """For machines: the number of a document and the SHA-256 of the file at hand."""
    by_id = judge_id(text)
    if by_id.document is None:
        return by_id
    if by_id.document.sha256 != digest.lower():
        return Verdict(flaws=[Flaw.OTHER_FILE], document=by_id.document, by_file=True)
    return Verdict(flaws=by_id.flaws, document=by_id.document, by_file=True, same_file=True)


def judge_file(pdf: bytes, text: str = "") -> Verdict:
    """By the file, and against the number if one was given. The file is not kept."""
    document = queries.by_sha256(queries.sha256(pdf))
    if document is None:
        return _judge_stranger(pdf, text)
    findings = examine(pdf, keys.folder(), document.issued_at)
    flaws = [*_seal_flaws(findings), *_data_flaws(findings, document), *_status_flaws(document)]
    if text and _id_of(text) != document.id:
        flaws.append(Flaw.OTHER_DOCUMENT)
    return Verdict(flaws=flaws, document=document, by_file=True, same_file=True, findings=findings)


def _judge_stranger(pdf: bytes, text: str) -> Verdict:
    """No file of the register has these bytes, so it is not valid; say what is wrong with it."""
    if b"%PDF-" not in pdf[:_MARKER_WITHIN]:
        return Verdict(flaws=[Flaw.UNREADABLE], by_file=True)
    findings = examine_stranger(pdf, keys.folder(), clock.now())
    document = queries.by_any_id(text) if text else _claimed(findings)
    flaws = _seal_flaws(findings)
    if document is None:
        flaws.append(Flaw.UNKNOWN)
    else:
        flaws += [Flaw.OTHER_FILE, *_data_flaws(findings, document), *_status_flaws(document)]
    return Verdict(flaws=flaws, document=document, by_file=True, findings=findings)


def _seal_flaws(findings: Findings) -> list[Flaw]:
    if not findings.readable:
        return [Flaw.UNREADABLE]
    if not findings.seals:
        return [Flaw.UNSEALED]
    broken = {
        Flaw.CHANGED: not findings.intact,
        Flaw.CHANGED_AFTER_SEAL: findings.intact and not findings.whole,
        Flaw.FOREIGN_SEAL: findings.intact and not findings.trusted,
        Flaw.SEAL_REVOKED: findings.trusted and findings.seal_revoked,
    }
    return [flaw for flaw, is_so in broken.items() if is_so]


def _data_flaws(findings: Findings, document: Document) -> list[Flaw]:
    if not findings.readable or findings.attached == bytes(document.attachment):
        return []
    return [Flaw.OTHER_DATA]


def _status_flaws(document: Document) -> list[Flaw]:
    return [] if document.status == Status.VALID else [Flaw(document.status)]


def _id_of(text: str) -> Any:
    document = queries.by_any_id(text)
    return document and document.id


def _claimed(findings: Findings) -> Document | None:
    """The document that the file says it is, so that its status can be told."""
    said = queries.document_id_in(findings.attached)
    return queries.by_id(said) if said else None


def moment_of(findings: Findings | None) -> datetime | None:
    """When the seal was put, by the time stamp."""
    if findings is None or not findings.sealed_at:
        return None
    return datetime.fromisoformat(findings.sealed_at)
