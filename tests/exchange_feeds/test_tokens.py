"""Tokens, sealed keys and digests: what publisher and subscriber have to agree on."""

from dataclasses import dataclass
from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from panjereh.sdk.feeds.files import Entry, File, digest_of
from panjereh.sdk.feeds.tokens import KEY_BYTES, KeyRefused, open_sealed, seal, token

NATIONAL_IDS = st.from_regex(r"[0-9]{10}", fullmatch=True)
KEYS = st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES)


@dataclass
class System:
    key: SigningKey

    @property
    def public(self) -> str:
        return self.key.verify_key.encode().hex()


@pytest.fixture
def ours() -> System:
    return System(SigningKey.generate())


@pytest.mark.req("NIX-12")
@given(NATIONAL_IDS, KEYS, KEYS)
def test_one_person_has_another_token_for_each_key(who: str, one: bytes, other: bytes) -> None:
    assert (token(one, who) == token(other, who)) == (one == other)
    assert who.encode() not in token(one, who)


@given(NATIONAL_IDS, NATIONAL_IDS, KEYS)
def test_under_one_key_everybody_has_a_token_of_their_own(a: str, b: str, key: bytes) -> None:
    assert (token(key, a) == token(key, b)) == (a == b)


def test_the_algorithm_is_the_one_that_is_written_down() -> None:
    """HMAC-SHA-256, the first 16 bytes: computed by openssl, so that others can follow."""
    # printf 0012345679 | openssl dgst -sha256 -mac HMAC -macopt hexkey:000102…1f
    assert token(bytes(range(32)), "0012345679").hex() == "14585082e24cd51ab68d8c8f94bd5fae"


def test_a_key_opens_for_its_system_and_nobody_else(ours: System) -> None:
    key = bytes(range(KEY_BYTES))
    sealed = seal(key, ours.public)

    assert open_sealed(sealed, ours.key) == key
    assert key.hex() not in sealed
    with pytest.raises(KeyRefused):
        open_sealed(sealed, SigningKey.generate())


@pytest.mark.parametrize("sealed", ["", "no base64!", "AAAA"])
def test_what_is_no_sealed_key_is_refused(ours: System, sealed: str) -> None:
    with pytest.raises(KeyRefused):
        open_sealed(sealed, ours.key)


def test_a_key_of_another_length_is_refused(ours: System) -> None:
    with pytest.raises(KeyRefused):
        open_sealed(seal(b"short", ours.public), ours.key)


def file(**changes: object) -> File:
    entries = [
        Entry(national_id_token=f"{n:032x}", change_date=date(2026, 11, 22)) for n in range(3)
    ]
    made = File(
        feed="civil-registry/deceased",
        sequence=7,
        day=date(2026, 11, 22),
        epoch=1,
        changes=entries,
    )
    return msgspec.structs.replace(made, **changes)


def test_the_digest_is_that_of_the_lines_that_are_written_down() -> None:
    """printf '…' | openssl dgst -sha256 -binary | base64"""
    one = file(changes=file().changes[:1])
    assert digest_of(one) == "sha-256=:ZiuUDZEvdLprFE88tWssL2Velm8a3Qyp3AvgwYnVXkQ=:"


@pytest.mark.parametrize(
    "changed",
    [
        {"sequence": 8},
        {"day": date(2026, 11, 23)},
        {"epoch": 2},
        {"feed": "civil-registry/changed-identity"},
        {"changes": file().changes[:2]},
        {"changes": file().changes[::-1]},
        {"changes": [msgspec.structs.replace(file().changes[0], state="alive")]},
        {"changes": []},
    ],
)
def test_whatever_is_cut_or_changed_changes_the_digest(changed: dict[str, object]) -> None:
    assert digest_of(file(**changed)) != digest_of(file())
