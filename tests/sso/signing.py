"""People who sign: an authority that certifies them, its answers about revocation, their keys."""

import base64
import hashlib
import json
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa, utils
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from joserfc import jws
from joserfc.jwk import ECKey

from panjereh.sandbox.authority import persons, standing
from panjereh.sandbox.authority.hierarchy import make_authority
from panjereh.sandbox.authority.persons import Holder, Validity
from panjereh.sso.models import Person

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass
class Signer:
    key: Key
    certificate: x509.Certificate

    def cms(self, challenge: bytes, *, options: list[pkcs7.PKCS7Options] | None = None) -> bytes:
        builder = pkcs7.PKCS7SignatureBuilder().set_data(challenge)
        builder = builder.add_signer(self.certificate, self.key, hashes.SHA256())
        usual = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
        return builder.sign(Encoding.DER, usual if options is None else options)

    def jws(self, challenge: bytes, *, detached: bool = False) -> bytes:
        der = base64.b64encode(self.certificate.public_bytes(Encoding.DER)).decode()
        key = ECKey.import_key(self.pem())
        text = jws.serialize_compact({"alg": "ES256", "x5c": [der]}, challenge, key, ["ES256"])
        head, body, signature = text.split(".")
        return f"{head}.{'' if detached else body}.{signature}".encode()

    def pem(self) -> bytes:
        return self.key.private_bytes(
            Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


@dataclass
class Notary:
    """The authority, and its doors on a real port. Each may be shut, stale or held by a forger."""

    folder: Path
    forger: Path
    shut: set[str] = field(default_factory=set)
    stale: set[str] = field(default_factory=set)
    forged: set[str] = field(default_factory=set)
    replayed: bytes = b""
    asked: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def reset(self) -> None:
        for doors in (self.shut, self.stale, self.forged, self.asked):
            doors.clear()
        self.replayed = b""

    def certify(self, person: Person, key: Key | None = None, **validity: datetime) -> Signer:
        holder = Holder(person.national_id, person.given_name, person.family_name)
        key = key or ec.generate_private_key(ec.SECP256R1())
        lasts = Validity.usual()
        lasts = Validity(validity.get("begins", lasts.begins), validity.get("ends", lasts.ends))
        return Signer(key, persons.issue(self.folder, holder, key.public_key(), validity=lasts))

    def certify_elsewhere(self, person: Person) -> Signer:
        """By an authority of the same name, that nobody knows."""
        return Notary(self.forger, self.forger).certify(person)

    def revoke(self, signer: Signer) -> None:
        persons.revoke(self.folder, signer.certificate.serial_number)

    def answer(self, path: str, body: bytes) -> bytes | None:
        door = path.rpartition("/")[2]
        self.asked.append(door)
        if door in self.shut:
            return None
        now = datetime.now(UTC) - (timedelta(hours=3) if door in self.stale else timedelta())
        folder = self.forger if door in self.forged else self.folder
        if door == "ocsp":
            return self.replayed or self._ocsp(folder, body, now)
        of = "root" if door == "root.crl" else "persons"
        return standing.revocation_list(folder, of=of, now=now)

    def _ocsp(self, folder: Path, body: bytes, now: datetime) -> bytes:
        if folder == self.folder:
            return standing.answer(folder, body, now=now)
        # The forger says "good" of everything, in the name of the true authority.
        true = (self.folder / "authority" / "persons.crt").read_bytes()
        kept = (folder / "authority" / "persons.crt").read_bytes()
        asked = x509.ocsp.load_der_ocsp_request(body)
        persons._entry(folder, "issued", asked.serial_number).touch()
        try:
            (folder / "authority" / "persons.crt").write_bytes(true)
            return standing.answer(folder, body, now=now)
        finally:
            (folder / "authority" / "persons.crt").write_bytes(kept)


def open_notary(home: Path, elsewhere: Path) -> tuple[Notary, ThreadingHTTPServer]:
    notary = Notary(make_authority(home), make_authority(elsewhere))

    class Door(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Quiet."""

        def _reply(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer = notary.answer(self.path, body)
            self.send_response(200 if answer is not None else 503)
            self.send_header("Content-Length", str(len(answer or b"")))
            self.end_headers()
            self.wfile.write(answer or b"")

        do_GET = do_POST = _reply  # noqa: N815

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    server.daemon_threads = True
    notary.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return notary, server


def attributes_of(detail: dict[str, Any]) -> dict[str, Any]:
    """What the person signed, as an outsider reads it."""
    return dict(json.loads(base64.b64decode(detail["signed"]["challenge"])))


def sha256_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def raw_of(der: bytes) -> bytes:
    r, s = utils.decode_dss_signature(der)
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")
