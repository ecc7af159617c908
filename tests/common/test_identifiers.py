"""Identifiers: the rules of their issuers, and what people type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panjereh.common.identifiers import (
    InvalidIdentifier,
    legal_id_check_digit,
    mask_mobile,
    national_id_check_digit,
    parse_legal_id,
    parse_mobile,
    parse_national_id,
    parse_postal_code,
)
from panjereh.common.text import persian_digits

NINE = st.text("0123456789", min_size=9, max_size=9)
TEN = st.text("0123456789", min_size=10, max_size=10)


def flaw(parse, text: str) -> str:
    with pytest.raises(InvalidIdentifier) as caught:
        parse(text)
    return caught.value.code


@given(NINE)
def test_a_national_id_with_its_check_digit_is_accepted_in_any_digits(first: str) -> None:
    whole = first + national_id_check_digit(first)
    if len(set(whole)) > 1:
        assert parse_national_id(persian_digits(whole)) == whole


@given(NINE, st.integers(1, 9))
@pytest.mark.req("AGW-13")
def test_a_wrong_check_digit_is_refused(first: str, shift: int) -> None:
    wrong = str((int(national_id_check_digit(first)) + shift) % 10)
    if len(set(first + wrong)) > 1:
        assert flaw(parse_national_id, first + wrong) == "check-digit"


def test_lost_leading_zeros_come_back() -> None:
    first = "001234567"
    whole = first + national_id_check_digit(first)
    assert parse_national_id(whole.lstrip("0")) == whole


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("12345", "length"),
        ("12345678901", "length"),
        ("1111111111", "equal-digits"),
        ("12345abcde", "not-digits"),
        ("123456789½", "not-digits"),
    ],
)
def test_what_is_wrong_with_a_national_id_has_a_name(text: str, code: str) -> None:
    assert flaw(parse_national_id, text) == code


@pytest.mark.parametrize("legal_id", ["14003778990", "10380284790", "10840014242", "10861677542"])
def test_real_legal_ids_pass(legal_id: str) -> None:
    assert parse_legal_id(legal_id) == legal_id


@pytest.mark.parametrize("legal_id", ["11111111111", "12345678901", "1400377899"])
def test_invented_legal_ids_fail(legal_id: str) -> None:
    assert flaw(parse_legal_id, legal_id) in {"equal-digits", "check-digit", "length"}


@given(TEN)
def test_every_legal_id_has_exactly_one_check_digit(first: str) -> None:
    good = first + legal_id_check_digit(first)
    accepted = [d for d in "0123456789" if _is_legal_id(first + d)]
    assert accepted == ([good[-1]] if len(set(good)) > 1 else [])


def _is_legal_id(text: str) -> bool:
    try:
        return parse_legal_id(text) == text
    except InvalidIdentifier:
        return False


@pytest.mark.parametrize(
    "text",
    [
        "09121234567",
        "+989121234567",
        "00989121234567",
        "989121234567",
        "9121234567",
        "۰۹۱۲ ۱۲۳ ۴۵۶۷",
    ],
)
def test_a_mobile_is_understood_however_it_is_written(text: str) -> None:
    assert parse_mobile(text) == "+989121234567"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("02188776655", "prefix"),
        ("+14155550100", "prefix"),
        ("0912x234567", "not-digits"),
    ],
)
def test_other_numbers_are_not_mobiles(text: str, code: str) -> None:
    assert flaw(parse_mobile, text) == code


def test_a_masked_mobile_hides_the_middle() -> None:
    assert mask_mobile("+989121234567") == "0912•••4567"


def test_a_postal_code_follows_the_pattern_of_the_post() -> None:
    assert parse_postal_code("14158-73645".replace("2", "3")) == "1415873645"
    assert flaw(parse_postal_code, "0415873645") == "prefix"
    assert flaw(parse_postal_code, "141587364") == "length"
