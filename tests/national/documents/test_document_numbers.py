"""The two names of a document."""

import itertools
import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panjereh.national.check_characters import ALPHANUMERIC, CROCKFORD, check_character
from panjereh.national.documents.numbers import (
    human_id,
    new_document_id,
    next_human_id,
    parse_human_id,
)

NOVEMBER = datetime(2026, 11, 22, tzinfo=UTC)
SERIALS = st.integers(0, 9_999_999_000)


@pytest.mark.parametrize(
    ("text", "character"),
    [("ABC", check_character("ABC", ALPHANUMERIC)), ("A12425GABC1234002", "M")],
)
def test_the_check_character_is_that_of_iso_7064(text: str, character: str) -> None:
    """A12425GABC1234002M is the example of the Global Release Identifier's standard."""
    assert check_character(text, ALPHANUMERIC) == character


@given(SERIALS)
def test_a_human_id_is_read_back(serial: int) -> None:
    printed = next_human_id("CIVR", NOVEMBER, itertools.count(serial))

    assert printed.startswith("CIVR-1405-")
    assert len(printed) == 22
    assert printed[-1] not in "OI"
    assert parse_human_id(printed.lower().replace("-", " ")) == printed


@given(SERIALS, st.integers(0, 18), st.sampled_from(ALPHANUMERIC))
def test_one_wrong_character_is_noticed(serial: int, place: int, wrong: str) -> None:
    compact = next_human_id("CIVR", NOVEMBER, itertools.count(serial)).replace("-", "")
    changed = compact[:place] + wrong + compact[place + 1 :]

    read = parse_human_id(changed)
    assert read is None or read.replace("-", "") == compact


@given(SERIALS)
def test_a_zero_read_as_the_letter_is_understood_at_the_end(serial: int) -> None:
    printed = next_human_id("CIVR", NOVEMBER, itertools.count(serial))
    mistaken = printed[:-1] + printed[-1].translate(str.maketrans("01", "OI"))

    assert parse_human_id(mistaken) == printed


@given(st.text(CROCKFORD, min_size=20, max_size=20), st.integers(0, 19), st.sampled_from(CROCKFORD))
def test_one_wrong_character_is_noticed_in_the_smaller_alphabet(
    body: str, place: int, wrong: str
) -> None:
    changed = body[:place] + wrong + body[place + 1 :]

    same = check_character(changed, CROCKFORD) == check_character(body, CROCKFORD)
    assert same == (changed == body)


def test_persian_digits_are_read() -> None:
    printed = human_id("CIVR", 17, NOVEMBER)
    assert printed == "CIVR-1405-0000000017-8"
    persian = printed.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))

    assert parse_human_id(persian) == printed


def test_document_ids_are_uuid_7_in_the_order_of_time() -> None:
    earlier = new_document_id(datetime(2026, 1, 1, tzinfo=UTC))
    later = new_document_id(NOVEMBER)

    assert (earlier.version, earlier.variant) == (7, uuid.RFC_4122)
    assert earlier < later
    assert len({new_document_id(NOVEMBER) for _ in range(1000)}) == 1000
