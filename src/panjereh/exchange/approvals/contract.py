"""The contract behind a grant: its content, its hash, and who signed it. Pure: no database.

The content has the shape of FSC (Logius): what FSC lacks stands in `properties`. Content and grant
hash are FSC's, so an FSC gateway would know our grants by the same names. A party signs the hash
as a compact JWS (EdDSA); `docs/approvals.md` shows how anyone checks one with public tools.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import rfc8785
from nacl.signing import SigningKey, VerifyKey

from panjereh.common import jws

Contract = dict[str, Any]
Signatures = Mapping[str, str]  # party -> compact JWS
Verdict = Literal["accept", "reject", "revoke"]

PARTIES: Final = ("consumer", "provider", "secretariat")
KIND: Final = "contract+jws"
HASH_ALGORITHM: Final = "HASH_ALGORITHM_SHA3_512"
CONNECTION: Final = "GRANT_TYPE_SERVICE_CONNECTION"
_CONTENT_PREFIX, _CONNECTION_PREFIX = "$1$1$", "$1$3$"
_ED25519_SPKI = bytes.fromhex("302a300506032b6570032100")  # RFC 8410: what precedes the 32 bytes


class ContractRefused(ValueError):
    """The text says what does not hold; it names parties and keys, never a person."""


@dataclass(frozen=True)
class Keys:
    """Public keys (hex) by thumbprint: those of the two members' systems, now and before, and the
    secretariat's, which no database can add to."""

    members: Mapping[str, str] = field(default_factory=dict)
    secretariat: Mapping[str, str] = field(default_factory=dict)

    def of(self, party: str) -> Mapping[str, str]:
        return self.secretariat if party == "secretariat" else self.members


@dataclass(frozen=True)
class Signed:
    """What a party said about a contract, and when."""

    content_hash: str
    verdict: Verdict
    signed_at: int


def thumbprint(public_key: str) -> str:
    """SHA-256 of the SubjectPublicKeyInfo in hex, as FSC names keys."""
    return hashlib.sha256(_ED25519_SPKI + bytes.fromhex(public_key)).hexdigest()


def by_thumbprint(*public_keys: str) -> dict[str, str]:
    return {thumbprint(key): key for key in public_keys}


def key_of(keys: Mapping[str, str]) -> jws.KeyOf:
    """Looks a key up by its thumbprint."""

    def find(kid: str) -> VerifyKey | None:
        return VerifyKey(bytes.fromhex(keys[kid])) if kid in keys else None

    return find


def content_hash(contract: Contract) -> str:
    try:
        canonical = rfc8785.dumps(contract)
    except (rfc8785.CanonicalizationError, RecursionError) as error:
        raise ContractRefused("the contract has no canonical form") from error
    return _CONTENT_PREFIX + jws.base64url(hashlib.sha3_512(canonical).digest())


def grant_hash(contract: Contract) -> str:
    """Names the one grant of the contract (FSC type 3, a connection)."""
    (grant,) = contract["grants"]
    text = content_hash(contract).encode() + rfc8785.dumps(grant["data"])
    return _CONNECTION_PREFIX + jws.base64url(hashlib.sha3_512(text).digest())


def sign(of_hash: str, key: SigningKey, *, verdict: Verdict, signed_at: int) -> str:
    """A compact JWS over the hash of a contract."""
    payload = {"contract_content_hash": of_hash, "signed_at": signed_at, "type": verdict}
    return jws.sign(payload, key, kind=KIND, kid=thumbprint(key.verify_key.encode().hex()))


def read_signature(text: str, keys: Mapping[str, str]) -> Signed:
    """What one of the keys signed. Raises `ContractRefused`."""
    try:
        payload = jws.open_signed(text, key_of(keys), kind=KIND)
    except jws.JwsRefused as error:
        raise ContractRefused(f"a signature does not hold: {error}") from error
    match payload:
        case {
            "contract_content_hash": str() as hashed,
            "type": ("accept" | "reject" | "revoke") as verdict,
            "signed_at": int() as signed_at,
        } if len(payload) == 3:
            return Signed(hashed, verdict, signed_at)
    raise ContractRefused("a signature is not over a contract")


def verify(contract: Contract, signatures: Signatures, keys: Keys) -> None:
    """Raises `ContractRefused` unless all three accepted exactly this content with their keys."""
    hashed = content_hash(contract)
    named = named_keys(contract)
    for party in PARTIES:
        if party not in signatures:
            raise ContractRefused(f"the {party} has not signed")
        known = keys.of(party)
        if party in named:
            known = {name: key for name, key in known.items() if name == named[party]}
        said = read_signature(signatures[party], known)
        if (said.content_hash, said.verdict) != (hashed, "accept"):
            raise ContractRefused(f"the {party} did not accept this contract")


def named_keys(contract: Contract) -> dict[str, str]:
    """The contract itself says with which keys consumer and provider sign it."""
    try:
        (grant,) = contract["grants"]
        data = grant["data"]
        return {
            "consumer": data["outway"]["public_key_thumbprint"],
            "provider": data["service"]["peer"]["public_key_thumbprint"],
        }
    except (KeyError, TypeError, ValueError) as error:
        raise ContractRefused("this is no contract for one connection") from error
