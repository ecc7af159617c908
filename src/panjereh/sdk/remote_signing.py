"""A service that keeps people's keys and signs when they allow it (CSC API v2 over the exchange).

[key, *_] = keys_of(national_id)
asked = authorise(key, digest=…, description=…, back_to=…)   # the person goes to asked.page
signature = sign(key, digest=…, handle=asked.handle, code=…)  # with what the person came back
"""

import base64
from dataclasses import dataclass

from cryptography import x509

from panjereh.sdk.exchange import call

SYSTEM = "remote-signing"


@dataclass(frozen=True)
class Key:
    """`others` are the certificates above its own."""

    credential: str
    certificate: x509.Certificate
    others: list[x509.Certificate]


@dataclass(frozen=True)
class Asked:
    """`page` is where the holder allows it, with a PIN that only the service sees."""

    handle: str
    page: str


def keys_of(national_id: str) -> list[Key]:
    found = call(SYSTEM, "credentials-list", {"userID": national_id})["credentialIDs"]
    return [key_of(credential) for credential in found]


def key_of(credential: str) -> Key:
    told = call(SYSTEM, "credentials-info", {"credentialID": credential})
    own, *others = [
        x509.load_der_x509_certificate(base64.b64decode(one))
        for one in told["cert"]["certificates"]
    ]
    return Key(credential, own, others)


def authorise(
    credential: str,
    *,
    digest: bytes,
    description: dict[str, str],
    back_to: str,
    language: str = "fa",
) -> Asked:
    told = call(
        SYSTEM,
        "credentials-authorize",
        {
            "credentialID": credential,
            "numSignatures": 1,
            "hashes": [base64.b64encode(digest).decode()],
            "description": description,
            "response_uri": back_to,
            "lang": language,
        },
    )
    return Asked(str(told["handle"]), str(told["responseURI"]))


def sign(credential: str, *, digest: bytes, handle: str, code: str) -> bytes:
    """Raises `Rejected` with `not-authorised` when the holder has not allowed this digest."""
    told = call(SYSTEM, "credentials-authorize-check", {"handle": handle, "code": code})
    body = {
        "credentialID": credential,
        "SAD": told["SAD"],
        "hashes": [base64.b64encode(digest).decode()],
    }
    return base64.b64decode(call(SYSTEM, "signatures-sign-hash", body)["signatures"][0])
