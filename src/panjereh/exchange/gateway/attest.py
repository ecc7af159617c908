"""Answer yes or no instead of data (NIX-16, 002 art 10(2)): the register is asked, the consumer
learns whether a statement holds and nothing else. A statement on which the register's answer is
silent is null: not established.

As a certificate, when the consumer asks for `application/jwt`: a compact JWS by the exchange that
anyone can verify offline with the keys at /.well-known/panjereh-attestation-keys.
"""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from nacl.signing import SigningKey, VerifyKey

from panjereh.common.jws import public_jwk, sign, thumbprint
from panjereh.exchange.gateway import faults
from panjereh.exchange.gateway.fields import parse_pointer
from panjereh.exchange.gateway.messages import Answer
from panjereh.exchange.gateway.reading import Place, decode_once, read_request, values_at
from panjereh.exchange.records import Record

KEYS_PATH = "/.well-known/panjereh-attestation-keys"
FOLDER = "attestation"
CERTIFICATE = "application/jwt"
KIND = "attestation+jwt"
ISSUER = "urn:panjereh:exchange:"

Statements = Mapping[str, bool | None]


class Statement:
    """`equals` compares with a fixed value, `equals_input` with what the consumer claims."""

    def __init__(self, written: Mapping[str, Any]) -> None:
        self.name: str = written["name"]
        self._path = tuple(parse_pointer(written["pointer"]))
        self.claimed = Place(written["equals_input"]) if "equals_input" in written else None
        if self.claimed is None and "equals" not in written:
            raise ValueError("a statement compares with something")
        self._expected = written.get("equals")

    def claims(self, query: str, body: Any) -> Any:
        """What the answer is compared with; the request must say it once where it is claimed."""
        if self.claimed is None:
            return self._expected
        claimed = self.claimed.values(query, body)
        if len(claimed) != 1 or not isinstance(claimed[0], str | int | float):
            text = faults.gettext_noop("the request does not say what is to be attested")
            raise faults.bad_request(text)
        return claimed[0]

    def holds(self, answer: Any, claimed: Any) -> bool | None:
        said = [value for value in values_at(answer, self._path) if value is not None]
        return any(_same(value, claimed) for value in said) if said else None


def _same(one: Any, other: Any) -> bool:
    """As JSON compares: true is not 1."""
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


class Attestation:
    """What a grant attests."""

    def __init__(self, written: Sequence[Mapping[str, Any]]) -> None:
        """Raises `ValueError` or `KeyError` on what is no statement."""
        self._statements = [Statement(one) for one in written]
        self._places = [s.claimed for s in self._statements if s.claimed]

    def claims(self, query: str, body: bytes) -> list[Any]:
        """Read before the provider is asked, so a bad request costs it nothing."""
        decoded = read_request(self._places, body)
        return [statement.claims(query, decoded) for statement in self._statements]

    def statements(self, answer: bytes, claims: Sequence[Any]) -> Statements:
        """Raises `service_failed`, so the answer that could not be read stays here."""
        try:
            said = decode_once(answer)
        except ValueError as error:
            text = faults.gettext_noop("the provider's answer is not JSON")
            raise faults.service_failed("not_json", text) from error
        pairs = zip(self._statements, claims, strict=True)
        return {statement.name: statement.holds(said, claim) for statement, claim in pairs}


def compile_attestation(written: Sequence[Mapping[str, Any]]) -> Attestation | None:
    return Attestation(written) if written else None


def make_attestation_key(keys: Path) -> None:
    """Make the first one where there is none."""
    folder = keys / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not any(folder.glob("*.ed25519")):
        file = folder / "1.ed25519"
        file.touch(mode=0o600)
        file.write_text(SigningKey.generate().encode().hex())


class Notary:
    """Signs certificates with the newest key of its folder: `<name>.ed25519` are seeds in hex, in
    the order of their names; `<name>.public` are keys given up, by which old ones still verify."""

    def __init__(self, keys: Path) -> None:
        self._folder = folder = keys / FOLDER
        seeds = [file.read_text().strip() for file in sorted(folder.glob("*.ed25519"))]
        self._keys = [SigningKey(bytes.fromhex(seed)) for seed in seeds]

    def certificate(self, members: Mapping[str, Any]) -> str:
        if not self._keys:
            raise faults.internal_error()
        key = self._keys[-1]
        return sign(members, key, kind=KIND, kid=thumbprint(key.verify_key))

    def keys_answer(self) -> Answer:
        given_up = [file.read_text().strip() for file in sorted(self._folder.glob("*.public"))]
        keys = [key.verify_key for key in self._keys]
        keys += [VerifyKey(bytes.fromhex(key)) for key in given_up]
        body = msgspec.json.encode({"keys": [public_jwk(key) for key in keys]})
        return Answer(200, [("content-type", "application/jwk-set+json")], body)


def attested(
    statements: Statements, record: Record, accept: str, notary: Notary
) -> tuple[str, bytes]:
    """Content type and body. `request_digest` ties a certificate to the question that was asked,
    without saying whom it was about."""
    now = int(time.time())
    instance = record.provider.partition("/")[0]
    facts = {
        "statements": statements,
        "service": f"{record.provider}/{record.service}",
        "request_id": record.request_id,
        "request_digest": record.request_digest,
    }
    if CERTIFICATE not in accept:
        told = datetime.fromtimestamp(now, UTC).isoformat()
        facts |= {"consumer": record.consumer, "at": told}
        return "application/json", msgspec.json.encode(facts)
    names = {"iss": ISSUER + instance, "aud": record.consumer, "iat": now, "jti": record.request_id}
    return CERTIFICATE, notary.certificate(names | facts).encode()
