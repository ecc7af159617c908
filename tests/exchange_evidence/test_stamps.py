"""The time of a checkpoint, by somebody else's word: RFC 3161, with openssl as the outsider."""

import asyncio
import subprocess
import threading
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from sample import keys_in, leaves, log_of

from panjereh.common import clock
from panjereh.exchange.evidence.authority import OutsideAuthority, SandboxAuthority, TimeAuthority
from panjereh.exchange.evidence.findings import check_files
from panjereh.exchange.evidence.folder import Folder
from panjereh.exchange.evidence.log import Log, Position
from panjereh.exchange.evidence.outside import MAX_ANSWER, build_client
from panjereh.exchange.evidence.stamps import (
    Stamper,
    TrustedTime,
    first_stamp_over,
    last_stamped,
    stamp_of,
    stamps,
)
from panjereh.exchange.evidence.timestamps import (
    StampRefused,
    check_answers,
    check_stamp,
    stamp_request,
)
from panjereh.runtime.ports import free_port
from panjereh.sandbox import document_keys

TEXT = "nix.example/log\n3\nroot\n"


@pytest.fixture
def trusted(document_folder: Path) -> TrustedTime:
    return TrustedTime.load(document_folder)


@pytest.fixture
def authority(document_folder: Path) -> SandboxAuthority:
    return SandboxAuthority(document_folder)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    made = log_of(tmp_path, 300)
    yield made
    made.close()


def stamped(authority: TimeAuthority, text: str = TEXT) -> bytes:
    return asyncio.run(authority.answer(stamp_request(text)))


def test_a_stamp_says_when_the_text_was_there(
    authority: SandboxAuthority, trusted: TrustedTime
) -> None:
    before = clock.now().replace(microsecond=0)
    time = check_stamp(stamped(authority), TEXT, trusted.roots, trusted.between)
    assert before <= time <= clock.now()


@pytest.mark.req("PRV-11")
def test_openssl_believes_the_stamp_too(
    tmp_path: Path, authority: SandboxAuthority, document_folder: Path
) -> None:
    (tmp_path / "body.txt").write_text(TEXT)
    (tmp_path / "stamp.tsr").write_bytes(stamped(authority))
    verify = ["openssl", "ts", "-verify", "-in", "stamp.tsr", "-CAfile"]
    verify += [str(document_folder / "roots/sandbox.crt"), "-untrusted"]
    verify += [str(document_folder / "chain/sandbox.crt"), "-data"]
    told = run(tmp_path, *verify, "body.txt")
    assert (told.returncode, "Verification: OK" in told.stdout) == (0, True)
    (tmp_path / "body.txt").write_text(TEXT + "more\n")
    assert run(tmp_path, *verify, "body.txt").returncode != 0


def test_the_stamp_of_openssl_is_believed_here(
    tmp_path: Path, document_folder: Path, trusted: TrustedTime
) -> None:
    """The other way round: an authority that is not our code."""
    (tmp_path / "tsa.cnf").write_text(
        "[tsa]\ndefault_tsa = ours\n[ours]\nserial = ./serial\nsigner_digest = sha256\n"
        "default_policy = 1.2.3.4\ndigests = sha256, sha512\ness_cert_id_alg = sha256\n"
    )
    (tmp_path / "serial").write_text("01\n")
    (tmp_path / "request.tsq").write_bytes(stamp_request(TEXT))
    keys = ["-signer", str(document_folder / "time-stamper.crt")]
    keys += ["-inkey", str(document_folder / "time-stamper.key")]
    reply = ["openssl", "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "request.tsq"]
    assert run(tmp_path, *reply, *keys, "-out", "stamp.tsr").returncode == 0
    response = (tmp_path / "stamp.tsr").read_bytes()
    check_answers(response, (tmp_path / "request.tsq").read_bytes())
    check_stamp(response, TEXT, trusted.roots, trusted.between)


def run(folder: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.req("PRV-11")
def test_a_stamp_over_another_text_is_refused(
    authority: SandboxAuthority, trusted: TrustedTime
) -> None:
    with pytest.raises(StampRefused, match="another text"):
        check_stamp(stamped(authority), TEXT + " ", trusted.roots, trusted.between)


def test_a_stamp_of_nobody_we_trust_is_refused(
    tmp_path: Path, authority: SandboxAuthority, trusted: TrustedTime
) -> None:
    strangers = TrustedTime.load(document_keys.make_keys(tmp_path))
    with pytest.raises(StampRefused, match="root"):
        check_stamp(stamped(authority), TEXT, strangers.roots, strangers.between)
    with pytest.raises(StampRefused, match="root"):
        check_stamp(stamped(authority), TEXT, trusted.roots)


def test_a_stamp_of_who_may_only_seal_documents_is_refused(
    tmp_path: Path, document_folder: Path, trusted: TrustedTime
) -> None:
    """RFC 3161 section 2.3: the purpose of the certificate is to stamp times, and nothing else."""
    for kind in ("crt", "key"):
        seal = document_folder / f"platform.{kind}"
        (tmp_path / f"time-stamper.{kind}").write_bytes(seal.read_bytes())
    response = stamped(SandboxAuthority(tmp_path))
    with pytest.raises(StampRefused, match="not one of a time-stamping authority"):
        check_stamp(response, TEXT, trusted.roots, trusted.between)


def test_a_stamp_outside_the_life_of_its_certificate_is_refused(
    authority: SandboxAuthority, trusted: TrustedTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + timedelta(days=4 * 365))
    with pytest.raises(StampRefused, match="not valid at the time"):
        check_stamp(stamped(authority), TEXT, trusted.roots, trusted.between)


@pytest.mark.parametrize("place", range(0, 1600, 61))
def test_no_part_of_a_stamp_can_be_changed(
    authority: SandboxAuthority, trusted: TrustedTime, place: int
) -> None:
    """What the signature does not cover may differ where nobody reads it; the time may not."""
    response = bytearray(stamped(authority))
    right = check_stamp(bytes(response), TEXT, trusted.roots, trusted.between)
    response[place % len(response)] ^= 1
    try:
        found = check_stamp(bytes(response), TEXT, trusted.roots, trusted.between)
    except StampRefused:
        return
    assert found == right


def test_an_old_answer_is_no_answer(authority: SandboxAuthority) -> None:
    with pytest.raises(StampRefused, match="another request"):
        check_answers(stamped(authority), stamp_request(TEXT))


def test_what_is_no_stamp_is_refused(trusted: TrustedTime) -> None:
    refused = bytes.fromhex("30053003020102")  # status 2, rejection, and no token
    for response in (b"", b"nonsense", refused):
        with pytest.raises(StampRefused):
            check_stamp(response, TEXT, trusted.roots, trusted.between)


def test_checkpoints_are_stamped_once_and_found_by_what_they_cover(
    tmp_path: Path, log: Log, authority: SandboxAuthority, trusted: TrustedTime
) -> None:
    stamper = Stamper(log.folder, authority, trusted)
    assert asyncio.run(stamper.stamp(log.published))
    assert not asyncio.run(stamper.stamp(log.published))
    log.append(leaves(200, 300), Position("s", 500, "d"))
    assert asyncio.run(stamper.stamp(log.published))
    assert last_stamped(log.folder) == 500
    for index, size in {0: 300, 299: 300, 300: 500}.items():
        found = first_stamp_over(log.folder, index)
        assert found == stamp_of(log.folder, size)
        assert found
        text = found.note.partition("\n\n")[0] + "\n"
        check_stamp(found.response, text, trusted.roots, trusted.between)
    assert first_stamp_over(log.folder, 500) is None
    assert len(list(stamps(log.folder))) == 2
    assert len(list(stamps(log.folder, 1))) == 1
    assert list(check_files(log.folder, keys_in(tmp_path).trusted)) == []


class Says:
    """An authority that answers whatever it is told to."""

    def __init__(self, say: Callable[[bytes], Awaitable[bytes]]) -> None:
        self._say = say

    async def answer(self, request: bytes) -> bytes:
        return await self._say(request)


@pytest.mark.parametrize("kind", ["garbage", "old", "other"])
def test_a_stamp_that_is_not_ours_is_not_kept(
    log: Log, authority: SandboxAuthority, trusted: TrustedTime, kind: str
) -> None:
    async def answer(request: bytes) -> bytes:
        asked = {"old": stamp_request(log.published.note.text), "other": stamp_request(TEXT)}
        return await authority.answer(asked[kind]) if kind in asked else b"garbage"

    stamper = Stamper(log.folder, Says(answer), trusted)
    assert not asyncio.run(stamper.stamp(log.published))
    assert list(stamps(log.folder)) == []


class Door(BaseHTTPRequestHandler):
    """An authority outside, over HTTP."""

    authority: SandboxAuthority
    status = 200
    body: bytes | None = None

    def do_POST(self) -> None:
        assert self.headers["content-type"] == "application/timestamp-query"
        asked = self.rfile.read(int(self.headers["content-length"]))
        body = self.body if self.body is not None else asyncio.run(self.authority.answer(asked))
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def door(authority: SandboxAuthority) -> Iterator[tuple[type[Door], str]]:
    kind = type("Door", (Door,), {"authority": authority})
    with HTTPServer(("127.0.0.1", 0), kind) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield kind, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def stamp_from(url: str, log: Log, trusted: TrustedTime) -> bool:
    async def ask() -> bool:
        async with build_client() as client:
            return await Stamper(log.folder, OutsideAuthority(url, client), trusted).stamp(
                log.published
            )

    return asyncio.run(ask())


def test_an_authority_outside_stamps_over_http(
    log: Log, trusted: TrustedTime, door: tuple[type[Door], str]
) -> None:
    assert stamp_from(door[1], log, trusted)
    assert last_stamped(log.folder) == 300


def test_an_authority_that_is_away_or_ill_leaves_a_gap_and_no_more(
    log: Log, trusted: TrustedTime, door: tuple[type[Door], str]
) -> None:
    kind, url = door
    assert not stamp_from(f"http://127.0.0.1:{free_port()}", log, trusted)
    for status, body in ((500, b""), (200, b""), (200, bytes(MAX_ANSWER + 1))):
        kind.status, kind.body = status, body
        assert not stamp_from(url, log, trusted)
    kind.status, kind.body = 200, None
    assert stamp_from(url, log, trusted)


def test_an_index_that_a_crash_cut_is_read_to_its_last_whole_row(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.write({"stamps/index": (300).to_bytes(8, "big") + bytes(8) + b"\0\0\0"})
    assert last_stamped(folder) == 300


def test_a_certificate_that_may_issue_nothing_vouches_for_nobody(
    authority: SandboxAuthority, document_folder: Path, trusted: TrustedTime
) -> None:
    own = x509.load_pem_x509_certificate((document_folder / "time-stamper.crt").read_bytes())
    with pytest.raises(StampRefused, match="root"):
        check_stamp(stamped(authority), TEXT, [], [own, *trusted.between])
