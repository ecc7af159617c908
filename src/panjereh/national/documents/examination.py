"""Look into a PDF that somebody brings: what its seal says, and what its attachment holds.

`python -m panjereh.national.documents.examination <keys> <moment>` reads a PDF and answers the
findings as JSON. A file that the register does not know may be made to eat time and memory, so it
is opened only there, in a process with little of both.
"""

import asyncio
import base64
import json
import resource
import subprocess
import sys
from dataclasses import asdict, dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from cryptography import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from panjereh.national.documents.keys import KeyFolder, folder_at
from panjereh.national.documents.sealing import asn1_certificates

CPU_SECONDS, WALL_SECONDS, MEMORY_BYTES = 10, 20, 1536 * 1024**2


@dataclass(frozen=True, kw_only=True)
class Findings:
    """`whole` is stricter than the verifiers of the world: nothing at all stands after the seal."""

    readable: bool = False
    seals: int = 0
    intact: bool = False
    whole: bool = False
    trusted: bool = False
    seal_revoked: bool = False
    signer: str = ""
    sealed_at: str = ""
    attachment: str = ""  # base64

    @property
    def attached(self) -> bytes:
        return base64.b64decode(self.attachment)


def examine(pdf: bytes, keys: KeyFolder, moment: datetime) -> Findings:
    """Trust is judged at `moment`, the time of sealing; a certificate may have ended since."""
    reader = PdfFileReader(BytesIO(pdf))
    seals = reader.embedded_signatures
    attachment = base64.b64encode(_attachment(reader)).decode()
    if not seals:
        return Findings(readable=True, attachment=attachment)
    seal = seals[0]
    status = asyncio.run(_status(seal, keys, moment))
    certificate = x509.load_der_x509_certificate(seal.signer_cert.dump())
    stamp = status.timestamp_validity
    stamped = stamp.timestamp if stamp and stamp.valid and stamp.trusted else None
    ended = keys.revoked_at(certificate)
    return Findings(
        readable=True,
        seals=len(seals),
        intact=bool(status.intact and status.valid),
        whole=len(seals) == 1 and status.coverage == SignatureCoverageLevel.ENTIRE_FILE,
        trusted=status.trusted and seal.signer_cert.sha256.hex() in keys.trusted_signers,
        seal_revoked=ended is not None and ended <= (stamped or moment),
        signer=_common_name(certificate),
        sealed_at=stamped.isoformat() if stamped else "",
        attachment=attachment,
    )


async def _status(
    seal: EmbeddedPdfSignature, keys: KeyFolder, moment: datetime
) -> PdfSignatureStatus:
    def context() -> ValidationContext:
        return ValidationContext(
            trust_roots=asn1_certificates(keys.roots),
            other_certs=asn1_certificates(keys.chain),
            moment=moment,
            allow_fetching=False,
        )

    # What an update after the seal has changed does not matter to us: any update is one too many.
    return await async_validate_pdf_signature(
        seal,
        signer_validation_context=context(),
        ts_validation_context=context(),
        skip_diff=True,
    )


def _attachment(reader: PdfFileReader) -> bytes:
    """The first file attached to the document as a whole; empty when there is none."""
    files = reader.root.get("/AF", ())
    for entry in files:
        return bytes(entry.get_object()["/EF"]["/F"].get_object().data)
    return b""


def _common_name(certificate: x509.Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(x509.oid.NameOID.COMMON_NAME)
    return str(names[0].value) if names else ""


def examine_stranger(pdf: bytes, keys: KeyFolder, moment: datetime) -> Findings:
    """The same for a file that the register does not know. Unreadable ones have no findings."""
    order = [sys.executable, "-m", __spec__.name, str(keys.path), moment.isoformat()]
    try:
        child = subprocess.run(
            order, input=pdf, capture_output=True, timeout=WALL_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return Findings()
    return Findings(**json.loads(child.stdout)) if child.returncode == 0 else Findings()


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def _answer(arguments: list[str]) -> dict[str, Any]:
    path, moment = arguments
    pdf = sys.stdin.buffer.read()
    return asdict(examine(pdf, folder_at(Path(path)), datetime.fromisoformat(moment)))


if __name__ == "__main__":
    _limit()
    sys.stdout.write(json.dumps(_answer(sys.argv[1:])))
