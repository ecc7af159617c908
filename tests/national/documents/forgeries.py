"""Files that somebody might bring instead of the real one."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from panjereh.national.documents import keys, sealing
from panjereh.national.documents.models import Document
from panjereh.national.documents.typesetting import Draft, set_pdf
from panjereh.sandbox import document_keys


def draft_of(document: Document) -> Draft:
    return Draft.read(bytes(document.attachment))


def unsealed(document: Document) -> bytes:
    return set_pdf(document.template.source, draft_of(document))


def one_byte_changed(document: Document) -> bytes:
    """Inside the sealed part, in the middle of a stream: the page looks broken or different."""
    pdf = bytearray(document.pdf)
    at = pdf.index(b"stream") + 40
    pdf[at] ^= 0x01
    return bytes(pdf)


def title_changed(document: Document) -> bytes:
    """A change that leaves the file readable everywhere."""
    pdf = bytes(document.pdf)
    changed = pdf.replace(b"/Lang(fa)", b"/Lang(en)").replace(b"/Lang (fa)", b"/Lang (en)")
    assert changed != pdf
    return changed


def page_replaced(document: Document) -> bytes:
    """The attack that other verifiers call valid: a new page in an update after the seal."""
    writer = IncrementalPdfFileWriter(BytesIO(bytes(document.pdf)))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    drawn = generic.StreamObject(stream_data=b"0 0 0 rg 100 100 200 200 re f")
    page["/Contents"] = writer.add_object(drawn)
    writer.update_container(page)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def something_appended(document: Document) -> bytes:
    return bytes(document.pdf) + b"\n% nothing to see\n"


def sealed_by(document: Document, pair: document_keys.Pair, folder: Path) -> bytes:
    """The same page and data under another seal, as a forger or an insider would make it."""
    signer = _signer(pair, folder)
    return sealing.seal(unsealed(document), signer)


def other_data(document: Document, **changed: Any) -> bytes:
    """The agency's own seal on other data: the register knows better."""
    draft = draft_of(document)
    pdf = set_pdf(document.template.source, replace(draft, data=draft.data | changed))
    signer = keys.signer_of("civil-registration-window")
    assert signer
    return sealing.seal(pdf, signer)


def stranger() -> document_keys.Pair:
    """A certificate with the agency's name, by an authority nobody trusts."""
    root = document_keys._authority("Root of a forger", None, 1)
    return document_keys.seal_certificate("سازمان ثبت احوال کشور", root)


def neighbour() -> document_keys.Pair:
    """A certificate of the trusted authority that is not among the seals of the agencies."""
    return document_keys.seal_certificate("somebody else", authority())


def authority() -> document_keys.Pair:
    chain = keys.folder().path / "chain"
    return pair(chain / "sandbox.crt", chain / "sandbox.key")


def pair(certificate: Path, key: Path) -> document_keys.Pair:
    loaded: Any = serialization.load_pem_private_key(key.read_bytes(), None)
    return document_keys.Pair(x509.load_pem_x509_certificate(certificate.read_bytes()), loaded)


def _signer(pair: document_keys.Pair, folder: Path) -> keys.Signer:
    certificate, key = folder / "forged.crt", folder / "forged.key"
    document_keys._write_certificate(certificate, pair)
    document_keys._write_key(key, pair)
    return keys.Signer(
        system="forger",
        agency="FORG",
        post="",
        name={"fa": "سازمان ثبت احوال کشور", "en": "forger"},
        certificate_file=certificate,
        key_file=key,
    )
