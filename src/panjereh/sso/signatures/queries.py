"""Reads of signatures: what a site is handed, what a person sees."""

import base64
import json
from typing import Any
from uuid import UUID

from panjereh.sso.levels import entry, levels
from panjereh.sso.models import Grant
from panjereh.sso.signatures.details import TYPE
from panjereh.sso.signatures.models import Certificate, Signature

WAY = "signature"
BEYOND = 1_000


def signature_level() -> int:
    """The lowest level that a signature has a part in; beyond all where there is none."""
    signed = (x.level for x in levels() if any(WAY in entry(ways) for ways in x.ways))
    return min(signed, default=BEYOND)


def is_signed(*, reference: str, person_id: UUID) -> bool:
    """Whether the person signed what this pushed request asks for, and nobody was handed it yet."""
    return Signature.objects.filter(
        challenge__reference_sha256=reference, person=person_id, code_sha256=""
    ).exists()


def handed_details(grant: Grant) -> list[dict[str, Any]]:
    """The `authorization_details` of a token answer: what was asked, and the signature over it."""
    found = (
        Signature.objects.filter(code_sha256=grant.code_sha256, person=grant.person_id)
        .select_related("challenge")
        .first()
    )
    return [as_detail(found)] if found else []


def as_detail(signature: Signature) -> dict[str, Any]:
    """Everything that an outsider needs to check it again, without asking us."""
    content = bytes(signature.challenge.content)
    wanted = json.loads(content)
    return {
        "type": TYPE,
        "text": wanted["text"],
        "sha256": wanted["sha256"],
        "signed": {
            "challenge": _text(content),
            "form": signature.form,
            "algorithm": signature.algorithm,
            "container": _text(signature.container),
            "certificates": [_text(one) for one in signature.chain],
            "standing": signature.standing,
            "proof": _text(signature.proof),
            "signed_at": signature.signed_at.isoformat(timespec="seconds"),
        },
    }


def certificates_of(person_id: UUID) -> list[Certificate]:
    """Those that count, newest use first."""
    return list(
        Certificate.objects.filter(person=person_id, removed_at=None).order_by("-last_used_at")
    )


def _text(data: bytes | memoryview) -> str:
    return base64.b64encode(bytes(data)).decode()
