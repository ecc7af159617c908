"""A contract: what is hashed, who signs, and that nothing else passes."""

import base64
import copy
import hashlib
import json
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws as outside
from joserfc.jwk import OKPKey
from nacl.signing import SigningKey

from panjereh.exchange.approvals import contract as c
from panjereh.exchange.approvals.terms import Party, Place, Terms, columns, draft, terms

NAMES = {"fa": "نمونه", "en": "Sample"}
BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
TERMS = Terms(
    data_items=["/match"],
    purpose={"code": "testing", "name": NAMES, "legal_basis": "002 art 10"},
    approval={"number": "94763", "date": "2021-11-09", "body": NAMES, "row": "26-1-3"},
    quota_per_minute=600,
)
HELD = {party: SigningKey.generate() for party in c.PARTIES}


def hex_of(key: SigningKey) -> str:
    return key.verify_key.encode().hex()


KEYS = c.Keys(
    c.by_thumbprint(hex_of(HELD["consumer"]), hex_of(HELD["provider"])),
    c.by_thumbprint(hex_of(HELD["secretariat"])),
)


def a_contract(of: Terms = TERMS) -> c.Contract:
    consumer, provider = (c.thumbprint(hex_of(HELD[party])) for party in c.PARTIES[:2])
    return draft(
        consumer=Party("IR-TEST/GOV/14000186508/energy-services", consumer),
        provider=Party("IR-TEST/GOV/14003142876/shahkar", provider),
        service="ownership",
        terms=of,
        place=Place(uuid.uuid4(), 1, BEGIN, None),
    )


def signed(contract: c.Contract, **said: Any) -> dict[str, str]:
    how: dict[str, Any] = {"verdict": "accept", "signed_at": 1_800_000_000} | said
    return {p: c.sign(c.content_hash(contract), HELD[p], **how) for p in c.PARTIES}


@pytest.mark.req("NIX-05")
def test_a_contract_that_all_three_accepted_holds() -> None:
    contract = a_contract()

    c.verify(contract, signed(contract), KEYS)


@pytest.mark.req("NIX-05")
@pytest.mark.parametrize("party", c.PARTIES)
def test_without_one_of_the_three_it_does_not_hold(party: str) -> None:
    contract = a_contract()
    signatures = signed(contract)
    del signatures[party]

    with pytest.raises(c.ContractRefused, match=f"the {party} has not signed"):
        c.verify(contract, signatures, KEYS)


@pytest.mark.parametrize("party", c.PARTIES)
@pytest.mark.parametrize("verdict", ["reject", "revoke"])
def test_a_rejection_is_no_acceptance(party: str, verdict: c.Verdict) -> None:
    contract = a_contract()
    other = c.sign(c.content_hash(contract), HELD[party], verdict=verdict, signed_at=1)

    with pytest.raises(c.ContractRefused, match="did not accept"):
        c.verify(contract, signed(contract) | {party: other}, KEYS)


@pytest.mark.parametrize("party", c.PARTIES)
def test_nobody_signs_for_another(party: str) -> None:
    contract = a_contract()
    for wrong in {*c.PARTIES, "stranger"} - {party}:
        key = HELD.get(wrong, SigningKey.generate())
        forged = c.sign(c.content_hash(contract), key, verdict="accept", signed_at=1)
        with pytest.raises(c.ContractRefused):
            c.verify(contract, signed(contract) | {party: forged}, KEYS)


@pytest.mark.req("NIX-06")
@pytest.mark.parametrize(
    "change",
    [
        lambda said: said["properties"]["fields"].append("/birth_date"),
        lambda said: said["properties"]["quota"].update(per_minute=10**6),
        lambda said: said["properties"].update(conditions=[], stage="sandbox"),
        lambda said: said["properties"]["approval"].update(number="94764"),
        lambda said: said["outway"].update(system="another"),
        lambda said: said["service"].update(name="another"),
    ],
    ids=["items", "quota", "stage", "approval", "consumer", "service"],
)
def test_every_word_is_under_the_signatures(change: Any) -> None:
    contract = a_contract()
    signatures = signed(contract)
    altered = copy.deepcopy(contract)
    change(altered["grants"][0]["data"])

    with pytest.raises(c.ContractRefused, match="did not accept this contract"):
        c.verify(altered, signatures, KEYS)


def test_the_order_of_members_does_not_matter() -> None:
    contract = a_contract()
    shuffled = json.loads(json.dumps(dict(reversed(contract.items()))))

    assert c.content_hash(shuffled) == c.content_hash(contract)
    c.verify(shuffled, signed(contract), KEYS)


@pytest.mark.req("GOV-26")
def test_an_outsider_checks_hash_and_signature_with_public_tools() -> None:
    contract = a_contract()
    signatures = signed(contract)

    plain = json.dumps(contract, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    digest = base64.urlsafe_b64encode(hashlib.sha3_512(plain.encode()).digest())
    assert c.content_hash(contract) == "$1$1$" + digest.rstrip(b"=").decode()

    for party, key in HELD.items():
        x = base64.urlsafe_b64encode(key.verify_key.encode()).rstrip(b"=").decode()
        jwk = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": x})
        opened = outside.deserialize_compact(signatures[party], jwk, algorithms=["Ed25519"])
        said = json.loads(opened.payload)
        assert said["contract_content_hash"] == c.content_hash(contract)
        assert (said["type"], said["signed_at"]) == ("accept", 1_800_000_000)


def test_a_key_is_named_as_openssl_would() -> None:
    key = HELD["consumer"].verify_key.encode()
    spki = Ed25519PublicKey.from_public_bytes(key).public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )

    assert c.thumbprint(key.hex()) == hashlib.sha256(spki).hexdigest()


def test_hashes_carry_the_prefixes_of_fsc() -> None:
    contract = a_contract()

    assert c.content_hash(contract).startswith("$1$1$")
    assert c.grant_hash(contract).startswith("$1$3$")
    assert len(c.content_hash(contract)) == 5 + 86


def test_terms_come_out_as_they_went_in() -> None:
    conditions = [{"kind": "listed", "list": "privatisation", "pointer": "/enterprise_national_id"}]
    given_terms = Terms(
        **{**vars(TERMS), "conditions": conditions, "quota_per_day": 5, "confidential": True}
    )
    contract = json.loads(json.dumps(a_contract(given_terms)))

    assert terms(contract) == given_terms
    said = columns(contract)
    assert said["conditions"] == conditions
    assert (said["not_before"], said["not_after"]) == (BEGIN, None)
    assert said["service"] == "IR-TEST/GOV/14003142876/shahkar/ownership"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=10), JSON, max_size=4), st.text(max_size=60))
def test_what_is_no_contract_is_refused_and_nothing_else_happens(
    content: dict[str, Any], signature: str
) -> None:
    with pytest.raises(c.ContractRefused):
        c.verify(content, dict.fromkeys(c.PARTIES, signature), KEYS)


@given(st.integers(0, 10_000), st.sampled_from(c.PARTIES))
def test_no_letter_of_a_signature_can_be_changed(place: int, party: str) -> None:
    contract = a_contract()
    signatures = signed(contract)
    text = signatures[party]
    at = place % len(text)
    swapped = text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]

    with pytest.raises(c.ContractRefused):
        c.verify(contract, signatures | {party: swapped}, KEYS)
