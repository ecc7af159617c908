"""A witness (c2sp.org/tlog-witness): signs that it saw a log grow and never change.

    python -m panjereh.exchange.evidence.witness --key FILE --log VKEY --state FOLDER

Run by a member, a court, a university: anybody but the exchange. It keeps the last checkpoint of
each log, asks for the proof that the next one continues it, and signs. It needs neither a database
nor the rest of the platform.
"""

import argparse
import fcntl
import hashlib
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from panjereh.exchange.evidence import merkle
from panjereh.exchange.evidence.checkpoint import Checkpoint
from panjereh.exchange.evidence.folder import Folder
from panjereh.exchange.evidence.merkle import ProofRefused
from panjereh.exchange.evidence.note import (
    WITNESS,
    Note,
    NoteRefused,
    NoteSigner,
    VerifierKey,
    check_signatures,
    signed,
)
from panjereh.exchange.evidence.proof import MAX_HASHES, read_hashes

MAX_BODY = 64 * 1024
_OLD = re.compile("old (0|[1-9][0-9]{0,18})")
_PLAIN = "text/plain; charset=utf-8"


@dataclass(frozen=True)
class Reply:
    status: int
    body: str
    content_type: str = _PLAIN


class Refused(Exception):
    def __init__(self, status: int, body: str, content_type: str = _PLAIN) -> None:
        super().__init__(body)
        self.reply = Reply(status, body + "\n", content_type)


@dataclass(frozen=True)
class Submission:
    """What a log sends: the size it thinks we know, the proof from there, its checkpoint."""

    old: int
    path: tuple[bytes, ...]
    note: Note
    head: Checkpoint

    @classmethod
    def parse(cls, body: bytes) -> "Submission":
        try:
            first, _, note = body.decode().partition("\n\n")
            old, *lines = first.split("\n")
            size = _OLD.fullmatch(old)
            if not size or len(lines) > MAX_HASHES:
                raise Refused(400, "the body begins with the line `old <size>`")
            parsed = Note.parse(note)
            return cls(int(size[1]), read_hashes(lines), parsed, Checkpoint.parse(parsed.text))
        except (UnicodeDecodeError, NoteRefused, ProofRefused) as error:
            raise Refused(400, str(error)) from error


@dataclass
class Witness:
    signer: NoteSigner
    logs: Sequence[VerifierKey]
    state: Folder
    clock: Callable[[], float] = time.time
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add_checkpoint(self, body: bytes) -> Reply:
        try:
            submission = Submission.parse(body)
            self._check_signed(submission)
            with self._lock:  # check and store are one: two at once could take the log back
                self._check_continues(submission)
                return self._cosign(submission)
        except Refused as refusal:
            return refusal.reply

    def latest(self, origin_hash: str) -> Reply:
        known = {_name(key.name): key.name for key in self.logs}
        origin = known.get(origin_hash)
        note = self.state.read(_file(origin)) if origin else None
        return Reply(200, note.decode()) if note else Reply(404, "nothing is known of this log\n")

    def _check_signed(self, submission: Submission) -> None:
        keys = [key for key in self.logs if key.name == submission.head.origin]
        if not keys:
            raise Refused(404, "this log is not known here")
        try:
            check_signatures(submission.note, keys)
        except NoteRefused as error:
            raise Refused(403, str(error)) from error

    def _check_continues(self, submission: Submission) -> None:
        head, last = submission.head, self._last(submission.head.origin)
        if submission.old > head.size:
            raise Refused(400, "a log only grows")
        if submission.old != last.size:
            raise Refused(409, str(last.size), "text/x.tlog.size")
        try:
            merkle.check_consistency(last.size, head.size, last.root, head.root, submission.path)
        except ProofRefused as error:
            raise Refused(422, str(error)) from error

    def _cosign(self, submission: Submission) -> Reply:
        """Stored before it is told: what was signed is never forgotten."""
        text = submission.note.text
        line = self.signer.sign(text, int(self.clock()))
        name = submission.head.origin
        own = [s.line for s in submission.note.signatures if s.name == name]
        self.state.write({_file(name): signed(text, [*own, line]).encode()})
        return Reply(200, line)

    def _last(self, origin: str) -> Checkpoint:
        note = self.state.read(_file(origin))
        if note is None:
            return Checkpoint(origin, 0, merkle.EMPTY_ROOT)
        return Checkpoint.parse(Note.parse(note.decode()).text)


def _name(origin: str) -> str:
    return hashlib.sha256(origin.encode()).hexdigest()


def _file(origin: str) -> str:
    return f"{_name(origin)}.checkpoint"


class _Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    witness: Witness

    def do_POST(self) -> None:
        length = self.headers.get("content-length", "")
        if not length.isdecimal() or int(length) > MAX_BODY:
            self.close_connection = True
            self._send(Reply(413, "a submission has a Content-Length of at most 64 KB\n"))
        elif self.path == "/add-checkpoint":
            self._send(self.witness.add_checkpoint(self.rfile.read(int(length))))
        else:
            self.rfile.read(int(length))
            self._send(Reply(404, "POST /add-checkpoint\n"))

    def do_GET(self) -> None:
        origin_hash, _, rest = self.path.removeprefix("/").partition("/")
        found = self.witness.latest(origin_hash) if rest == "checkpoint" else None
        self._send(found or Reply(404, "GET /<origin hash>/checkpoint\n"))

    def _send(self, reply: Reply) -> None:
        body = reply.body.encode()
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        sys.stderr.write(f"{self.log_date_time_string()} witness {format % args}\n")


def build_server(witness: Witness, host: str, port: int) -> ThreadingHTTPServer:
    requests = type("Requests", (_Requests,), {"witness": witness})
    return ThreadingHTTPServer((host, port), requests)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m panjereh.exchange.evidence.witness")
    parser.add_argument("--key", type=Path, required=True, help="private key of the witness")
    parser.add_argument("--log", action="append", required=True, help="vkey of a log to witness")
    parser.add_argument("--state", type=Path, required=True, help="folder of what was signed")
    parser.add_argument("--listen", default="127.0.0.1:8450", help="host:port")
    told = parser.parse_args(arguments)
    signer = NoteSigner.parse(told.key.read_text())
    if signer.kind != WITNESS:
        raise SystemExit(f"{told.key} is not the key of a witness")
    told.state.mkdir(parents=True, exist_ok=True)
    lock = os.open(told.state / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    fcntl.flock(lock, fcntl.LOCK_EX)  # a second process would check and store apart from us
    witness = Witness(signer, [VerifierKey.parse(key) for key in told.log], Folder(told.state))
    host, _, port = told.listen.rpartition(":")
    sys.stderr.write(f"witness {signer.verifier} listens on {told.listen}\n")
    build_server(witness, host, int(port)).serve_forever()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
