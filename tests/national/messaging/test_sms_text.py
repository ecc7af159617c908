"""Persian text in parts: nothing lost, nothing cut that is read as one."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panjereh.national.messaging.smpp.parts import Part, pack, unpack
from panjereh.national.messaging.smpp.pdu import Frame
from panjereh.national.messaging.text import TooLong, parts, sms_text, units

ZWNJ, LRI, PDI = "\u200c", "\u2066", "\u2069"
persian = st.text(alphabet="ابپتمیکهنورد آ\u200c۰۱۲۳123.ًّ😀👍🏽\u2066\u2069", max_size=600)


@given(persian)
def test_parts_join_to_the_same_text_and_fit(text: str) -> None:
    cut = parts(text)

    assert "".join(cut) == text
    limit = 70 if len(cut) == 1 else 67
    assert all(units(part) <= limit for part in cut)


@given(persian)
def test_no_part_breaks_a_half_space_pair_or_a_mark(text: str) -> None:
    cut = parts(text)

    for before, after in itertools.pairwise(cut):
        word = max(before.rfind(" "), before.rfind("."))
        if units(before[word + 1 :]) < 30 and units(after.split(" ")[0]) < 30:
            assert not before.endswith(ZWNJ)
            assert not after.startswith((ZWNJ, "ً", "ّ", "🏽"))


def test_seventy_units_are_one_part_and_seventy_one_are_two() -> None:
    assert len(parts("ا" * 70)) == 1
    assert [len(p) for p in parts("ا" * 71)] == [67, 4]


def test_an_emoji_counts_two_and_stays_whole() -> None:
    cut = parts("ا" * 66 + "😀" + "ب" * 10)

    assert cut == ["ا" * 66, "😀" + "ب" * 10]


def test_a_code_and_an_isolated_identifier_are_never_cut() -> None:
    code = parts("ا" * 60 + " 12345678 " + "ب" * 20)
    isolated = parts("ا" * 60 + f" {LRI}1405-8812-77{PDI} " + "ب" * 20)

    assert any("12345678" in part for part in code)
    assert any(f"{LRI}1405-8812-77{PDI}" in part for part in isolated)


def test_a_code_longer_than_a_part_is_cut_all_the_same() -> None:
    long = "9" * 150

    assert "".join(parts(long)) == long
    assert len(parts(long)) == 3


def test_more_than_ten_parts_are_refused() -> None:
    with pytest.raises(TooLong):
        parts("ا" * 671)


def test_stored_text_has_persian_letters_keeps_half_spaces_and_isolates() -> None:
    assert sms_text("كتاب\u200cهاي ما") == "کتاب\u200cهای ما"
    assert sms_text(f"شناسه {LRI}14-05{PDI}") == f"شناسه {LRI}14-05{PDI}"


@pytest.mark.parametrize(
    "reference", [b"\x05\x00\x03\x07\x03\x02", b"\x06\x08\x04\x00\x07\x03\x02"]
)
def test_headers_with_short_and_long_references_are_read(reference: bytes) -> None:
    body = "سلام".encode("utf-16-be")
    fields = {"esm_class": 0x40, "data_coding": 8, "short_message": reference + body}

    assert unpack(Frame("submit_sm", 1, fields=fields)) == Part("سلام", 7, 3, 2)


def test_a_part_is_read_as_it_was_packed() -> None:
    part = Part("می\u200cرسد", 200, 4, 3)
    body, esm_class = pack(part)
    fields = {"esm_class": esm_class, "data_coding": 8, "short_message": body}

    assert unpack(Frame("submit_sm", 1, fields=fields)) == part
