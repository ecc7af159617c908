"""The applicant's signature over a request (SSO-13): what is signed, kept with the case, shown.

A service of level 3 takes no request without it. The delivery has the agency's own seal, so
neither side can deny what was asked and what was given.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import rfc8785
from django.utils.translation import gettext as _
from django.utils.translation import override

from panjereh.agency.models import Case, CaseSignature, Draft
from panjereh.agency.packages.model import Package
from panjereh.agency.packages.queries import package_of
from panjereh.common.signature_files import SignatureFault
from panjereh.sdk.signin import Person
from panjereh.sdk.signin.signing import LEVEL, ToSign, check_signature, drop_signature, signature_of


class NotSigned(Exception):
    """The service asks for a signature over exactly this request, and there is none yet."""

    def __init__(self, wanted: ToSign) -> None:
        super().__init__("the request is not signed")
        self.wanted = wanted


@dataclass(frozen=True)
class Shown:
    """`right` is found anew each time the page is shown."""

    text: dict[str, str]
    sha256: str
    name: str
    issuer: str
    signed_at: datetime | None
    right: bool


def must_be_signed(package: Package) -> bool:
    return package.form.assurance_level >= LEVEL


def document_of(draft: Draft, chosen: dict[str, Any]) -> dict[str, Any]:
    """What is submitted, as the digest sees it."""
    package = package_of(draft.version)
    return {
        "agency": package.agency,
        "service": package.service_id,
        "version": package.version,
        "draft": str(draft.pk),
        "person": draft.person,
        "answers": draft.answers,
        "chosen": chosen,
    }


def to_sign(package: Package, document: dict[str, Any]) -> ToSign:
    texts = {}
    for language, title in package.in_all_languages("title").items():
        with override(language):
            texts[language] = _(
                "I ask for: %(service)s. What I wrote in the form is right, and I sign it."
            ) % {"service": title}
    return ToSign(texts, _digest(document))


def signed_request(draft: Draft, actor: Person, chosen: dict[str, Any]) -> CaseSignature | None:
    """What is kept with the case; None where nothing has to be signed. Raises `NotSigned`."""
    package = package_of(draft.version)
    if not must_be_signed(package):
        return None
    document = document_of(draft, chosen)
    wanted = to_sign(package, document)
    signed = signature_of(actor, wanted)
    if signed is None:
        raise NotSigned(wanted)
    return CaseSignature(text=wanted.text, sha256=wanted.sha256, document=document, signed=signed)


def keep_with(case: Case, signature: CaseSignature, actor: Person) -> None:
    """In the transaction in which the case begins."""
    signature.case = case
    signature.save()
    drop_signature(actor, ToSign(signature.text, signature.sha256))


def signature_shown(case: Case) -> Shown | None:
    kept = CaseSignature.objects.filter(case=case).first()
    if kept is None:
        return None
    wanted = ToSign(kept.text, kept.sha256)
    try:
        if _digest(kept.document) != kept.sha256:
            raise SignatureFault("something-else")
        found = check_signature(kept.signed, wanted, national_id=case.person)
    except (SignatureFault, ValueError, KeyError, TypeError):
        return Shown(kept.text, kept.sha256, "", "", None, right=False)
    return Shown(kept.text, kept.sha256, found.name, found.issuer, found.signed_at, right=True)


def _digest(document: dict[str, Any]) -> str:
    return hashlib.sha256(rfc8785.dumps(document)).hexdigest()
