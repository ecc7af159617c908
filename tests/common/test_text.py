"""Persian text: what is stored keeps its half-spaces, what is compared does not care."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panjereh.common.text import ascii_digits, clean, fold, persian_digits, squash


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("گواهي تولد كودك", "گواهی تولد کودک"),
        ("شناسنامه‌های نوزاد", "شناسنامه نوزاد"),
        ("شناسنامه ها", "شناسنامه"),
        ("مسئولیّت", "مسیولیت"),
        ("کد ۱۲۳", "کد 123"),
        ("آب", "اب"),
    ],
)
@pytest.mark.req("WIN-20")
def test_two_spellings_fold_to_one(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_half_space_space_and_nothing_squash_alike() -> None:
    assert squash("می\u200cشود") == squash("می شود") == squash("میشود")


def test_stored_text_keeps_the_half_space_and_mends_arabic_letters() -> None:
    assert clean(" كتاب\u200cها  ") == "کتاب\u200cها"


@given(st.text())
def test_folding_again_changes_nothing_more_than_suffixes(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(st.text("0123456789"))
def test_digits_go_there_and_back(text: str) -> None:
    assert ascii_digits(persian_digits(text)) == text
