"""Tracking ids: nobody guesses one, nobody reads a person out of one, everybody can type one."""

import math

import pytest
from django.core.checks import run_checks
from hypothesis import given
from hypothesis import strategies as st

from panjereh.national.check_characters import CROCKFORD
from panjereh.national.tracking.numbers import LENGTH, new_tracking_id, parse_tracking_id

IDS = st.builds(new_tracking_id)


@pytest.mark.req("TRK-11")
def test_an_id_holds_a_hundred_random_bits() -> None:
    assert LENGTH * math.log2(len(CROCKFORD)) >= 100


@pytest.mark.req("TRK-11")
def test_ten_thousand_ids_are_all_different_and_use_every_character_at_every_place() -> None:
    """Were a place fixed, counted or taken from a clock, some character would be missing there."""
    ids = [new_tracking_id().replace("-", "")[:LENGTH] for _ in range(10_000)]

    assert len(set(ids)) == len(ids)
    for place in range(LENGTH):
        seen = [i[place] for i in ids]
        counts = [seen.count(c) for c in CROCKFORD]
        # 312 are expected of each; six standard deviations either way never happen by chance.
        assert min(counts) > 312 - 6 * 18
        assert max(counts) < 312 + 6 * 18


@given(IDS)
def test_an_id_is_read_back_however_it_is_typed(tracking_id: str) -> None:
    typed = tracking_id.lower().replace("-", " ").replace("0", "o").replace("1", "l")

    assert parse_tracking_id(typed) == tracking_id
    assert parse_tracking_id(tracking_id.replace("-", "")) == tracking_id


def test_persian_digits_are_read() -> None:
    tracking_id = "7K3Q-MZ9D-4RXA-2BC8-WEN5"
    right = next(f"{tracking_id}-{c}" for c in CROCKFORD if parse_tracking_id(tracking_id + c))

    assert parse_tracking_id(right.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))) == right


@given(IDS, st.integers(0, LENGTH), st.sampled_from(CROCKFORD))
def test_one_wrong_character_is_noticed(tracking_id: str, place: int, wrong: str) -> None:
    compact = tracking_id.replace("-", "")
    changed = compact[:place] + wrong + compact[place + 1 :]

    assert (parse_tracking_id(changed) is None) == (changed != compact)


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading(text: str) -> None:
    parse_tracking_id(text)


@pytest.mark.req("TRK-02")
def test_only_a_rule_that_is_built_may_be_configured(settings: object) -> None:
    assert not [e for e in run_checks() if e.id == "tracking.E1"]

    settings.TRACKING_RULE = "main-agency"  # type: ignore[attr-defined]

    [error] = [e for e in run_checks() if e.id == "tracking.E1"]
    assert "choose from: national" in error.msg
