"""The service over the exchange, in the shapes of the CSC API v2 (13 credentials, 14 signatures).

Its paths are `credentials/list`, `credentials/info`, … there; a service of the exchange has one
word, so they are joined with a dash.
"""

import base64
import binascii
from typing import Any
from uuid import UUID

from cryptography import x509
from django.conf import settings
from ninja import Field, Schema

from panjereh.common.problems import Problem
from panjereh.sandbox.signing_service import actions, queries
from panjereh.sandbox.signing_service.models import Credential
from panjereh.sdk.provider import ExchangeRequest, provider_api

SYSTEM = "remote-signing"
ECDSA_SHA256 = "1.2.840.10045.4.3.2"
SHA256 = "2.16.840.1.101.3.4.2.1"

api = provider_api(SYSTEM, title="Remote signing (CSC API v2)")


class ListIn(Schema):
    userID: str = Field(pattern=r"^[0-9]{10,12}$")  # noqa: N815 - the standard's name


class InfoIn(Schema):
    credentialID: UUID  # noqa: N815


class AuthorizeIn(Schema):
    credentialID: UUID  # noqa: N815
    numSignatures: int = Field(1, ge=1, le=1)  # noqa: N815
    hashes: list[str] = Field(min_length=1, max_length=1)
    hashAlgorithmOID: str = Field(SHA256, pattern=f"^{SHA256}$")  # noqa: N815
    description: dict[str, str]
    response_uri: str = Field(max_length=500)
    lang: str = Field("fa", pattern="^(fa|en)$")


class CheckIn(Schema):
    handle: UUID
    code: str = Field(max_length=100)


class SignIn(Schema):
    credentialID: UUID  # noqa: N815
    SAD: str = Field(max_length=100)
    hashes: list[str] = Field(min_length=1, max_length=1)
    hashAlgorithmOID: str = Field(SHA256, pattern=f"^{SHA256}$")  # noqa: N815
    signAlgo: str = Field(ECDSA_SHA256, pattern=f"^{ECDSA_SHA256}$")  # noqa: N815


@api.post("/credentials-list", operation_id="credentials-list")
def credentials_list(request: ExchangeRequest, body: ListIn) -> dict[str, Any]:
    """Which keys are kept for this person."""
    return {"credentialIDs": [str(one.id) for one in queries.credentials_of(body.userID)]}


@api.post("/credentials-info", operation_id="credentials-info")
def credentials_info(request: ExchangeRequest, body: InfoIn) -> dict[str, Any]:
    """The certificate of a key and how its use is allowed."""
    kept = _credential(body.credentialID)
    certificate = x509.load_der_x509_certificate(bytes(kept.certificate))
    chain = [bytes(kept.certificate), bytes(kept.chain)]
    return {
        "cert": {
            "status": "valid",
            "certificates": [base64.b64encode(one).decode() for one in chain],
            "issuerDN": certificate.issuer.rfc4514_string(),
        },
        "key": {"status": "enabled", "algo": [ECDSA_SHA256], "len": 256},
        "auth": {"mode": "oauth2code"},
        "SCAL": "2",
        "multisign": 1,
    }


@api.post("/credentials-authorize", operation_id="credentials-authorize")
def credentials_authorize(request: ExchangeRequest, body: AuthorizeIn) -> dict[str, Any]:
    """Ask the holder to allow one signature over this digest, on our own page."""
    asked = _or_refused(
        lambda: actions.ask(
            _credential(body.credentialID),
            digest=_digest(body.hashes[0]),
            description=body.description,
            return_address=body.response_uri,
        )
    )
    page = f"{settings.PUBLIC_URLS['phone']}/{body.lang}/signing/{asked.id}/"
    life = int(actions.LIFE.total_seconds())
    return {"handle": str(asked.id), "expiresIn": life, "responseURI": page}


@api.post("/credentials-authorize-check", operation_id="credentials-authorize-check")
def credentials_authorize_check(request: ExchangeRequest, body: CheckIn) -> dict[str, Any]:
    """The holder allowed it: the signature activation data, once."""
    sad = _or_refused(lambda: actions.exchange_grant(body.handle, body.code))
    return {"SAD": sad, "expiresIn": int(actions.LIFE.total_seconds())}


@api.post("/signatures-sign-hash", operation_id="signatures-sign-hash")
def sign_hash(request: ExchangeRequest, body: SignIn) -> dict[str, Any]:
    """The signature over the digest that was allowed, and no other."""
    digest = _digest(body.hashes[0])
    signature = _or_refused(lambda: actions.let_go(body.credentialID, sad=body.SAD, digest=digest))
    return {"signatures": [signature]}


def _credential(credential_id: UUID) -> Credential:
    found = queries.credential(credential_id)
    if found is None:
        raise Problem(404, "credential-unknown", "no such credential")
    return found


def _digest(told: str) -> bytes:
    try:
        digest = base64.b64decode(told, validate=True)
    except binascii.Error as error:
        raise Problem(422, "hash-invalid", "a hash is base64") from error
    if len(digest) != 32:
        raise Problem(422, "hash-invalid", "a hash is one of SHA-256")
    return digest


def _or_refused(deed: Any) -> Any:
    try:
        return deed()
    except actions.Refused as refused:
        raise Problem(403, "not-authorised", "the holder has not allowed this") from refused
