"""Seal a PDF: PAdES B-T with the agency's P-256 key. The one module that knows pyHanko's signer.

The seal is the agency's, not a person's signature. Revocation data are not embedded (that is
B-LT); a check asks the lists of `keys.KeyFolder`.
"""

from functools import lru_cache
from io import BytesIO

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import SimpleSigner
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from panjereh.national.documents import keys
from panjereh.national.documents.timestamps import InProcessStamper

LEVEL = "PAdES-B-T"
FIELD = "Seal"
# Room for the signature container, in hexadecimal digits. A fixed amount saves a dry run, which
# costs as much as signing; chain, seal and time stamp take about 3 of these 8 KiB.
RESERVED = 16_384


def seal(pdf: bytes, signer: keys.Signer) -> bytes:
    """The sealed file. Raises `keys.KeysUnfit` when the certificate may not be used now."""
    keys.usable_now(signer)
    metadata = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        name=signer.name["fa"],
    )
    worker = _ArchivalSigner(metadata, signer=_hand(signer), timestamper=stamper())
    written = worker.sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), bytes_reserved=RESERVED)
    return bytes(written.getbuffer())


class _ArchivalSigner(PdfSigner):
    """PDF/A-3 is PDF 1.7, and PAdES allows P-256 there; pyHanko would call the file PDF 2.0."""

    def register_extensions(self, pdf_out: BasePdfFileWriter, *, md_algorithm: str) -> None:
        pdf_out.ensure_output_version(version=(1, 7))  # type: ignore[no-untyped-call]
        pdf_out.register_extension(ESIC_EXTENSION_1)


@lru_cache
def stamper() -> TimeStamper:
    signer = keys.folder().signers.get(keys.TIME_STAMPER)
    if signer is None:
        raise keys.KeysUnfit("no time stamper is named in signers.json")
    return InProcessStamper(signer)


@lru_cache
def _hand(signer: keys.Signer) -> SimpleSigner:
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register_multiple(asn1_certificates(keys.folder().chain))
    pkcs8 = signer.key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    [certificate] = asn1_certificates([signer.certificate])
    return SimpleSigner(
        signing_cert=certificate,
        signing_key=asn1_keys.PrivateKeyInfo.load(pkcs8),
        cert_registry=store,
        embed_roots=False,
    )


def asn1_certificates(certificates: list[x509.Certificate]) -> list[asn1_x509.Certificate]:
    return [
        asn1_x509.Certificate.load(c.public_bytes(serialization.Encoding.DER)) for c in certificates
    ]
