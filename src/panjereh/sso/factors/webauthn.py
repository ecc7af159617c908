"""Passkeys (WebAuthn level 3). The one module that knows the fido2 library.

It judges what a browser sends; whose key it is and whether its counter may stand is for others.
"""

import json
import struct
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from django.conf import settings
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestationConveyancePreference,
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialParameters,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from panjereh.sso.policy import policy

ALGORITHMS = (-7, -8, -257)  # ES256, EdDSA, RS256: what is in people's hands
LONGEST_ANSWER = 20_000
REQUIRED = UserVerificationRequirement.REQUIRED
# What the library lets out when the bytes are not what they should be; of a kind of key that it
# does not know it says that it is not implemented, which is the browser's fault and no gap of ours.
MALFORMED = (
    ValueError,
    KeyError,
    TypeError,
    IndexError,
    AttributeError,
    NotImplementedError,
    UnsupportedAlgorithm,
    struct.error,
)


class Refused(Exception):
    """The answer of the authenticator does not hold. The text is for us, not for people."""


@dataclass(frozen=True)
class NewKey:
    credential_id: bytes
    public_key: bytes
    sign_count: int
    synced: bool


@dataclass(frozen=True)
class Claim:
    """What an answer says of itself, before it is believed."""

    credential_id: bytes
    handle: bytes
    answer: AuthenticationResponse


def options_to_add(
    challenge: bytes, *, handle: bytes, shown_name: str, known: list[bytes]
) -> dict[str, Any]:
    """For `navigator.credentials.create`. `known` keeps one device from being added twice."""
    options, _ = _server().register_begin(
        PublicKeyCredentialUserEntity(id=handle, name=shown_name, display_name=shown_name),
        credentials=[
            PublicKeyCredentialDescriptor(type=PublicKeyCredentialType.PUBLIC_KEY, id=one)
            for one in known
        ],
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=REQUIRED,
        challenge=challenge,
    )
    return dict(options.public_key)


def options_to_sign_in(challenge: bytes) -> dict[str, Any]:
    """For `navigator.credentials.get`. Nobody is named: the same for everybody."""
    options, _ = _server().authenticate_begin(user_verification=REQUIRED, challenge=challenge)
    return dict(options.public_key)


def check_new_key(answer: str, challenge: bytes) -> NewKey:
    """Raises `Refused`."""
    try:
        response = RegistrationResponse.from_dict(_read(answer))
        data = _server().register_complete(_state(challenge), response)
        credential = data.credential_data
        if credential is None or credential.public_key.ALGORITHM not in ALGORITHMS:
            raise Refused("no key of an algorithm that was asked for")
        _same_site(response.response.client_data)
    except MALFORMED as error:
        raise Refused(str(error)) from error
    return NewKey(
        credential_id=credential.credential_id,
        public_key=bytes(credential),
        sign_count=data.counter,
        synced=data.is_backup_eligible(),
    )


def read_claim(answer: str) -> Claim:
    """Whose key it claims to be. Raises `Refused`."""
    try:
        response = AuthenticationResponse.from_dict(_read(answer))
        handle = response.response.user_handle
    except MALFORMED as error:
        raise Refused(str(error)) from error
    if not handle:
        raise Refused("the authenticator did not say whose key it is")
    return Claim(response.raw_id, handle, response)


def check_claim(claim: Claim, public_key: bytes, challenge: bytes) -> int:
    """The counter of the authenticator when all is right. Raises `Refused`."""
    credential = AttestedCredentialData(public_key)
    try:
        _server().authenticate_complete(_state(challenge), [credential], claim.answer)
        _same_site(claim.answer.response.client_data)
    except MALFORMED as error:
        raise Refused(str(error)) from error
    return int(claim.answer.response.authenticator_data.counter)


def _same_site(client_data: Any) -> None:
    if client_data.cross_origin:
        raise Refused("the page stood in a frame of another site")


def _read(answer: str) -> dict[str, Any]:
    if len(answer) > LONGEST_ANSWER:
        raise Refused("too long")
    read = json.loads(answer)
    if not isinstance(read, dict):
        raise Refused("no object")
    return read


def _state(challenge: bytes) -> dict[str, Any]:
    return {"challenge": websafe_encode(challenge), "user_verification": REQUIRED}


def site_name() -> str:
    """As devices show it in their lists."""
    return str(getattr(settings, "SITE_NAME", ""))


def _server() -> Fido2Server:
    patience = int(policy().passkey_challenge.total_seconds() * 1000)
    return _server_of(settings.ISSUER, site_name(), patience)


@lru_cache
def _server_of(issuer: str, name: str, patience: int) -> Fido2Server:
    """One origin, one relying party, from our settings and never from what a request says."""
    parts = urlsplit(issuer)
    origin = f"{parts.scheme}://{parts.netloc}"
    server = Fido2Server(
        PublicKeyCredentialRpEntity(id=str(parts.hostname), name=name),
        attestation=AttestationConveyancePreference.NONE,
        verify_origin=lambda given: given == origin,
    )
    server.timeout = patience  # type: ignore[assignment]  # the library has no hints for it
    server.allowed_algorithms = [
        PublicKeyCredentialParameters(type=PublicKeyCredentialType.PUBLIC_KEY, alg=number)
        for number in ALGORITHMS
    ]
    return server
