"""The path parser against everything that hypothesis can think of."""

from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panjereh.exchange.gateway.faults import Fault
from panjereh.exchange.gateway.paths import MAX_TARGET, Target, match_template, parse_target

PREFIX = "/r1/IR-TEST/GOV/14003778990/civil-registry/person"
SEGMENT = st.text(min_size=1, max_size=20).filter(
    lambda t: t not in {".", ".."} and not any(c in "/\\\x7f" or ord(c) < 32 for c in t)
)
PIECES = "/ // /r1 IR-TEST GOV 1 a . .. %2e %2F %5c %00 % %e %25 %252e \\ ? # ; ~ ' * ا %D8%A7 %ff"
RAW_PIECES = st.sampled_from([*PIECES.split(" "), " ", "\x00"])


@given(st.lists(RAW_PIECES, max_size=20).map("".join) | st.text(max_size=100))
def test_any_text_is_either_refused_or_read_in_one_way(raw: str) -> None:
    try:
        target = parse_target(raw, "")
    except Fault as fault:
        assert fault.type == "client.bad_request"
        return
    harmless(target)
    again = parse_target(f"/r1/{target.service}{target.inner_path}", "")
    assert again == target


@given(st.lists(SEGMENT, max_size=5))
def test_what_is_forwarded_is_what_was_meant(segments: list[str]) -> None:
    raw = PREFIX + "".join("/" + quote(segment, safe="") for segment in segments)
    if len(raw) > MAX_TARGET:
        return

    target = parse_target(raw, "")

    assert target.segments == tuple(segments)
    assert [unquote(part) for part in target.inner_path.split("/")[1:]] == segments


@given(st.lists(SEGMENT, max_size=4), st.lists(SEGMENT, max_size=4))
def test_a_template_never_matches_more_or_less_than_its_segments(
    template: list[str], segments: list[str]
) -> None:
    matched = match_template("/" + "/".join(template), tuple(segments))

    if matched:
        assert len(template) == len(segments)
        pairs = zip(template, segments, strict=True)
        assert all(part.startswith("{") or part == segment for part, segment in pairs)
    assert match_template("/" + "/".join(segments), tuple(segments))


@pytest.mark.parametrize("query", ['a="b"', "a b", "a\tb", "a<b>", "ا", "#"])
def test_a_query_must_be_percent_encoded(query: str) -> None:
    with pytest.raises(Fault):
        parse_target(PREFIX, query)


def harmless(target: Target) -> None:
    assert target.service.count("/") == 4
    for part in [*target.service.split("/"), *target.segments]:
        assert part not in {"", ".", ".."}
        assert not any(c in "/\\" or ord(c) < 0x20 for c in part)
