"""sigstore's own code, as the outsider that reads our notes and checks our proofs."""

from types import SimpleNamespace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sigstore._internal.merkle import verify_merkle_inclusion
from sigstore._internal.rekor.checkpoint import SignedCheckpoint
from sigstore._internal.trust import Keyring, RekorKeyring
from sigstore._utils import KeyID
from sigstore.errors import VerificationError
from sigstore_models.common import v1

from panjereh.exchange.evidence.note import VerifierKey
from panjereh.exchange.evidence.proof import LogProof


def accepts(proof_text: str, record: bytes, vkey: str) -> bool:
    proof = LogProof.parse(proof_text)
    seen = SignedCheckpoint.from_text(proof.checkpoint)
    try:
        key = VerifierKey.parse(vkey)
        seen.signed_note.verify(keyring_of(key), KeyID(key.id.ljust(32, b"\0")))
        verify_merkle_inclusion(entry(proof, seen, record))
    except VerificationError:
        return False
    return True


def entry(proof: LogProof, seen: SignedCheckpoint, record: bytes) -> Any:
    """As much of an entry of theirs as their check looks at."""
    inclusion = SimpleNamespace(
        log_index=proof.index,
        tree_size=seen.checkpoint.log_size,
        hashes=list(proof.path),
        root_hash=bytes.fromhex(seen.checkpoint.log_hash),
    )
    return SimpleNamespace(
        _inner=SimpleNamespace(inclusion_proof=inclusion, canonicalized_body=record)
    )


def keyring_of(key: VerifierKey) -> RekorKeyring:
    public = Ed25519PublicKey.from_public_bytes(key.public)
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    told: Any = SimpleNamespace(raw_bytes=der, key_details=v1.PublicKeyDetails.PKIX_ED25519)
    return RekorKeyring(Keyring([told]))
