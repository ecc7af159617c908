"""Have a person sign a text at the sign-on, and check what comes back (SSO-13).

    return to_sign(request, wanted, next_address=…)     # the person signs there and comes back
    kept = signature_of(person, wanted)                 # then it is here

The text is pushed, so nobody between us and the sign-on can change what the person is shown. What
comes back is checked here again, without trusting the sign-on: text, digest, key, name and chain.
"""

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from django.conf import settings

from panjereh.common import clock, signature_files
from panjereh.common.certificate_chains import (
    AnchorFolder,
    chain_of,
    holder_of,
    issuer_name,
    name_of,
)
from panjereh.common.signature_files import SignatureFault
from panjereh.sdk.signin.failures import SignInFailed
from panjereh.sdk.signin.issuer import issuer
from panjereh.sdk.signin.models import KeptSignature
from panjereh.sdk.signin.person import Person
from panjereh.sdk.signin.redeeming import Redeemed

PARAMETER = "authorization_details"
LEVEL = 3
KEPT = timedelta(days=1)  # a request that was signed and not sent is forgotten


@dataclass(frozen=True)
class ToSign:
    """`text` is shown to the person, `sha256` of the document that it speaks of."""

    text: dict[str, str]
    sha256: str

    def details(self) -> str:
        detail = {"type": "signature", "text": self.text, "sha256": self.sha256}
        return json.dumps([detail], sort_keys=True)

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.details().encode()).hexdigest()


@dataclass(frozen=True)
class Signed:
    """A signature that was found right: by whom, whose authority says so, when."""

    name: str
    issuer: str
    signed_at: datetime


def pushed(params: dict[str, str], wanted: ToSign, *, sub: str) -> dict[str, str]:
    """What the browser takes along instead. Only this person can answer (`login_hint`)."""
    told = issuer().push(params | {PARAMETER: wanted.details(), "login_hint": sub})
    return {"client_id": params["client_id"], "request_uri": str(told["request_uri"])}


def keep_signature(person: Person, redeemed: Redeemed, fingerprint: str) -> None:
    """Raises `SignInFailed`."""
    details = redeemed.tokens.get(PARAMETER) or [{}]
    detail = details[0] if isinstance(details, list) and isinstance(details[0], dict) else {}
    try:
        wanted = ToSign(dict(detail["text"]), str(detail["sha256"]))
        if redeemed.claims["sub"] != person.sub or wanted.fingerprint != fingerprint:
            raise SignatureFault("something-else")
        check_signature(detail["signed"], wanted, national_id=person.national_id)
    except (SignatureFault, ValueError, KeyError, TypeError) as error:
        raise SignInFailed("provider-wrong", "the signature is not what was asked for") from error
    KeptSignature.objects.filter(kept_at__lt=clock.now() - KEPT).delete()
    KeptSignature.objects.update_or_create(
        sub=person.sub,
        fingerprint=fingerprint,
        defaults={"signed": detail["signed"], "kept_at": clock.now()},
    )


def signature_of(person: Person, wanted: ToSign) -> dict[str, Any] | None:
    """What this person has signed of exactly this text and document, if it is here."""
    kept = KeptSignature.objects.filter(sub=person.sub, fingerprint=wanted.fingerprint).first()
    return dict(kept.signed) if kept else None


def check_signature(signed: dict[str, Any], wanted: ToSign, *, national_id: str) -> Signed:
    """Raises `SignatureFault`, and `ValueError`, `KeyError`, `TypeError` for what is no signature.

    It can be called at any time later: the certificate is judged at the moment of the signature.
    """
    challenge = base64.b64decode(signed["challenge"], validate=True)
    said = json.loads(challenge)
    ours = (issuer().public, settings.SIGNIN["client_id"], wanted.text, wanted.sha256)
    if (said["issuer"], said["site"]["client_id"], said["text"], said["sha256"]) != ours:
        raise SignatureFault("something-else")
    container = signature_files.read(base64.b64decode(signed["container"]), challenge)
    if container.digest != hashlib.sha256(challenge).digest():
        raise SignatureFault("something-else")
    signature_files.check(container)
    at = datetime.fromisoformat(signed["signed_at"])
    chain_of(container.certificate, container.others, _anchors(), at)
    if holder_of(container.certificate) != national_id:
        raise SignatureFault("somebody-else")
    return Signed(name_of(container.certificate), issuer_name(container.certificate), at)


def certificate_in(signed: dict[str, Any]) -> x509.Certificate:
    return x509.load_der_x509_certificate(base64.b64decode(signed["certificates"][0]))


def _anchors() -> AnchorFolder:
    return AnchorFolder(Path(settings.KEYS) / "signatures")


def drop_signature(person: Person, wanted: ToSign) -> None:
    """Whoever asked for it has it now, and is answerable for it."""
    KeptSignature.objects.filter(sub=person.sub, fingerprint=wanted.fingerprint).delete()
