"""Signed electronic documents: register a template, issue, fetch."""

import base64
from typing import Any

import msgspec

from panjereh.sdk.exchange import call

SYSTEM = "documents"


class Issued(msgspec.Struct, frozen=True, kw_only=True):
    document_id: str
    human_id: str
    verify_url: str
    sha256: str


class File(msgspec.Struct, frozen=True, kw_only=True):
    document_id: str
    name: str
    pdf_base64: str

    @property
    def pdf(self) -> bytes:
        return base64.b64decode(self.pdf_base64)


def register_template(*, kind: str, version: str, source: str, schema: dict[str, Any]) -> None:
    """Register the Typst source and JSON schema of a kind of document; versions never change."""
    body = {"kind": kind, "version": version, "source": source, "schema": schema}
    call(
        SYSTEM, "register-template", body, idempotency_key=f"template-{kind}-{version}", timeout=10
    )


def issue(
    *,
    kind: str,
    version: str,
    service_id: str,
    title: dict[str, str],
    holder: str,
    notify: str,
    data: dict[str, Any],
    idempotency_key: str,
    case: str = "",
) -> Issued:
    """Render, sign, enter into the register and deposit in the holder's e-box, all or nothing.

    `holder` is a national id, `notify` the mobile for the notice. Rejected `data-invalid`,
    `template-unknown`.
    """
    body = {
        "kind": kind,
        "version": version,
        "service_id": service_id,
        "title": title,
        "holder": holder,
        "notify": notify,
        "data": data,
    }
    answer = call(SYSTEM, "issue", body, case=case, idempotency_key=idempotency_key, timeout=10)
    return msgspec.convert(answer, Issued, strict=False)


def file(document_id: str, *, person: str, user: str) -> File:
    """The signed PDF, for its holder. Rejected `document-unknown`."""
    body = {"document_id": document_id, "person": person}
    return msgspec.convert(call(SYSTEM, "file", body, user=user, timeout=10), File, strict=False)
