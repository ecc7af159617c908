"""Signatures of messages: ours verifies with an outside library, and forgeries do not pass."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from panjereh.common.http_signatures import (
    MAX_AGE_SECONDS,
    SignatureRefused,
    content_digest,
    ed25519_signer,
    ed25519_verifier,
    hmac_signer,
    hmac_verifier,
    parse,
    sign,
)

KEY = SigningKey(b"k" * 32)
TARGET = "/r1/IR-TEST/GOV/14003778990/civil-registry/person"
HEADERS = {
    "x-road-client": "IR-TEST/GOV/10380284790/sso",
    "x-road-id": "b6a1",
    "content-type": "application/json",
    "content-digest": content_digest(b"{}"),
}


def signed(**changes: str) -> dict[str, str]:
    headers = HEADERS | changes
    return headers | sign(
        "POST", TARGET, headers, keyid="sso", algorithm="ed25519", signer=ed25519_signer(KEY)
    )


def check(headers: dict[str, str], method: str = "POST", target: str = TARGET) -> None:
    parse(method, target, headers).check(ed25519_verifier(KEY.verify_key))


def test_a_signed_message_passes() -> None:
    check(signed())


@pytest.mark.parametrize("name", [*HEADERS, "signature"])
def test_a_changed_header_is_noticed(name: str) -> None:
    headers = signed()
    headers[name] = "sig1=:AAAA:" if name == "signature" else headers[name] + "x"
    with pytest.raises(SignatureRefused):
        check(headers)


def test_another_method_or_target_is_noticed() -> None:
    with pytest.raises(SignatureRefused):
        check(signed(), method="GET")
    with pytest.raises(SignatureRefused):
        check(signed(), target=TARGET + "s")


def test_a_header_added_after_signing_is_noticed() -> None:
    with pytest.raises(SignatureRefused, match="must cover"):
        check(signed() | {"x-road-userid": "IR0012345679"})


def test_an_old_message_is_refused() -> None:
    claim = parse("POST", TARGET, signed())
    with pytest.raises(SignatureRefused, match="too old"):
        claim.check(ed25519_verifier(KEY.verify_key), now=time.time() + MAX_AGE_SECONDS + 1)


def test_no_signature_says_so() -> None:
    with pytest.raises(SignatureRefused, match="no signature"):
        parse("POST", TARGET, HEADERS)


def test_another_key_does_not_verify() -> None:
    claim = parse("POST", TARGET, signed())
    with pytest.raises(SignatureRefused):
        claim.check(ed25519_verifier(SigningKey(b"o" * 32).verify_key))


@given(st.binary(max_size=64), st.binary(max_size=64))
def test_a_mac_fits_only_its_secret(secret: bytes, other: bytes) -> None:
    mac = hmac_signer(secret)(b"base")
    # HMAC pads short keys with zero bytes, so keys equal up to that padding are one key.
    same = secret.ljust(64, b"\0") == other.ljust(64, b"\0")
    assert hmac_verifier(other)(b"base", mac) is same


def test_an_outside_library_verifies_what_we_sign() -> None:
    """RFC 9421 by the package http-message-signatures, which shares no code with ours."""
    import http_message_signatures as outside
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    class Message:
        method = "POST"
        url = f"https://exchange.example{TARGET}"
        headers = signed()

    class Keys(outside.HTTPSignatureKeyResolver):
        def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
            return Ed25519PublicKey.from_public_bytes(bytes(KEY.verify_key))

    class Components(outside.HTTPSignatureComponentResolver):
        def get_request_target(self, **_: object) -> str:
            return TARGET

    verifier = outside.HTTPMessageVerifier(
        signature_algorithm=outside.algorithms.ED25519,
        key_resolver=Keys(),
        component_resolver_class=Components,
    )
    results = verifier.verify(Message(), max_age=__import__("datetime").timedelta(seconds=60))
    assert [r.label for r in results] == ["sig1"]


def signed_for(authority: str) -> dict[str, str]:
    signer = ed25519_signer(KEY)
    return HEADERS | sign(
        "POST",
        TARGET,
        HEADERS,
        keyid="sso",
        algorithm="ed25519",
        signer=signer,
        authority=authority,
    )


def test_a_message_that_is_signed_for_a_receiver_says_for_whom() -> None:
    headers = signed_for("127.0.0.1:8103") | {"host": "127.0.0.1:8103"}
    check(headers)
    assert parse("POST", TARGET, headers).authority == "127.0.0.1:8103"
    assert parse("POST", TARGET, signed()).authority == ""


@pytest.mark.parametrize("host", ["127.0.0.1:8123", "", None])
def test_it_is_good_for_nobody_else(host: str | None) -> None:
    headers = signed_for("127.0.0.1:8103")
    with pytest.raises(SignatureRefused):
        check(headers if host is None else headers | {"host": host})
