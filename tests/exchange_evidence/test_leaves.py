"""What stands in the log of a call: canonical, hidden by its nonce, the same again, no content."""

import json

import msgspec
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from sample import MAKER, NOON, record

from panjereh.exchange.evidence.leaf import Arrived, LeafMaker, received_at, record_of
from panjereh.exchange.models import CallRecord
from panjereh.exchange.records import Record, encode

texts = st.text(st.characters(codec="utf-8"), max_size=80)


def test_a_leaf_reads_back_as_the_record_it_was_made_of() -> None:
    leaf = MAKER.of_record(record(7))
    assert record_of(leaf.entry) == record(7)
    assert leaf.received_at == received_at(leaf.entry) == record(7).received_at


@given(texts, texts, st.integers(0, 2**31))
def test_a_leaf_is_canonical_json(consumer: str, issue: str, size: int) -> None:
    entry = MAKER.of_record(record(1, consumer=consumer, issue=issue, request_size=size)).entry
    assert entry == rfc8785.dumps(json.loads(entry))


@pytest.mark.req("PRV-11")
def test_the_same_record_gives_the_same_leaf_and_another_secret_another_nonce() -> None:
    assert MAKER.of_record(record(7)) == MAKER.of_record(record(7))
    nonces = {
        json.loads(maker.of_record(record(number)).entry)["nonce"]
        for maker in (MAKER, LeafMaker(bytes(32)))
        for number in (7, 8)
    }
    assert len(nonces) == 4
    assert {len(bytes.fromhex(nonce)) for nonce in nonces} == {16}


@pytest.mark.req("NIX-03")
def test_a_leaf_holds_nothing_but_what_the_books_of_traffic_hold() -> None:
    columns = {field.name for field in CallRecord._meta.get_fields()}
    facts = json.loads(MAKER.of_record(record(7)).entry)
    assert set(facts) - {"v", "nonce"} <= columns
    assert set(Record.__struct_fields__) <= columns


def arrived(data: bytes) -> Arrived:
    return Arrived(sequence=41, stored_at=NOON, data=data)


def test_a_message_gives_its_records_in_their_order() -> None:
    data = encode([record(2), record(1)])
    assert [record_of(x.entry) for x in MAKER.leaves(arrived(data))] == [record(2), record(1)]


@pytest.mark.parametrize("data", [b"", b"{}", b'[{"request_id":1}]', b"\xff", b"[" * 5000])
def test_what_cannot_be_read_is_in_the_log_by_its_digest(data: bytes) -> None:
    (leaf,) = MAKER.leaves(arrived(data))
    facts = json.loads(leaf.entry)
    assert (facts["notice"], facts["sequence"]) == ("unreadable", 41)
    assert record_of(leaf.entry) is None
    assert received_at(leaf.entry) == NOON


def test_a_record_that_no_entry_can_hold_is_in_the_log_by_the_digest_of_its_message() -> None:
    data = encode([record(1), record(2, error_code="x" * 70_000)])
    first, second = MAKER.leaves(arrived(data))
    assert record_of(first.entry) == record(1)
    assert json.loads(second.entry)["notice"] == "unreadable"
    assert len(second.entry) < 300


def test_messages_that_left_the_stream_unread_are_told_in_the_log() -> None:
    facts = msgspec.json.decode(MAKER.of_gap(39, arrived(b"")).entry)
    assert (facts["notice"], facts["first"], facts["last"]) == ("gap", 39, 40)
