"""From the stream into the log: in order, each once, whatever dies in between."""

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path

import nats as nats_client
import pytest
from feed import Feed
from keeping import Keeper, keep_until
from nats.js.api import RetentionPolicy
from sample import keys_in, open_log, record, records

from panjereh.exchange.evidence.config import Config
from panjereh.exchange.evidence.findings import check_files
from panjereh.exchange.evidence.folder import Folder
from panjereh.exchange.evidence.leaf import record_of
from panjereh.exchange.evidence.log import Log, Position
from panjereh.exchange.evidence.stored import StoredTree, published
from panjereh.exchange.evidence.stream import StreamReader
from panjereh.exchange.records import STREAM, SUBJECT, Record, encode, ensure_stream
from panjereh.runtime.embedded import Nats
from panjereh.runtime.ports import free_port


def logged(folder: Folder) -> list[bytes]:
    seen = published(folder)
    size = seen.head.size if seen else 0
    tree = StoredTree(folder, size)
    return [e for i in range(-(-size // 256)) for e in tree.bundle(i)][:size]


def numbers(folder: Folder) -> list[str]:
    """The request ids in the log, in its order; a notice by its name."""
    found = []
    for entry in logged(folder):
        told = record_of(entry)
        found.append(told.request_id if told else json.loads(entry)["notice"])
    return found


def ids(told: list[Record]) -> list[str]:
    return [r.request_id for r in told]


@pytest.mark.req("NIX-03", "PRV-11")
def test_records_stand_in_the_log_in_the_order_of_their_stream(conf: Config, feed: Feed) -> None:
    feed.put(records(3), [], records(1, 9), records(2, 3))
    keep_until(6, feed.url)
    assert numbers(conf.folder) == ids([*records(3), *records(1, 9), *records(2, 3)])
    feed.put(records(300, 20))
    keep_until(306, feed.url)
    assert numbers(conf.folder)[6:] == ids(records(300, 20))
    assert list(check_files(conf.folder, keys_in(conf.keys.parent).trusted)) == []


def test_the_log_and_the_collector_read_apart(conf: Config, feed: Feed) -> None:
    feed.put(records(3), records(3, 3))
    feed.collector_has_read(2)
    keep_until(6, feed.url)
    assert numbers(conf.folder) == ids(records(6))


@pytest.mark.req("NIX-03", "PRV-11")
def test_killed_again_and_again_under_load_nothing_is_lost_repeated_or_moved(
    tmp_path: Path, feed: Feed
) -> None:
    keeper = Keeper(tmp_path, feed.url, tmp_path / "output")
    keeper.start()
    told = asyncio.run(publish_under_kills(feed.url, keeper, kills=6))
    wait_for(Folder(tmp_path / "evidence"), len(told))
    keeper.stop()
    assert numbers(Folder(tmp_path / "evidence")) == ids(told)
    log = open_log(tmp_path)
    assert log.position.sequence == feed.info().state.last_seq
    assert list(check_files(log.folder, keys_in(tmp_path).trusted)) == []


async def publish_under_kills(url: str, keeper: Keeper, kills: int) -> list[Record]:
    """Publish without pause while the keeper is killed at uneven moments."""
    client = await nats_client.connect(url)
    told: list[Record] = []
    stream, killed = client.jetstream(), 0
    next_kill = time.monotonic() + 1.5
    while killed < kills:
        batch = records(37, len(told))
        await stream.publish(SUBJECT, encode(batch), stream=STREAM)
        told += batch
        if time.monotonic() > next_kill:
            keeper.kill()
            killed += 1
            keeper.start()
            next_kill = time.monotonic() + 1.3 + 0.17 * killed
        await asyncio.sleep(0.004)
    await client.close()
    return told


def wait_for(folder: Folder, size: int, seconds: float = 30.0) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        seen = published(folder)
        if seen and seen.head.size >= size:
            return
        time.sleep(0.05)
    raise AssertionError(f"the log did not reach {size}")


@pytest.fixture
def fragile(tmp_path: Path) -> Iterator[Nats]:
    server = Nats(tmp_path / "fragile", free_port())
    server.start()
    yield server
    server.stop()


def test_the_stream_may_die_under_the_log_and_come_back(tmp_path: Path, fragile: Nats) -> None:
    feed = Feed(fragile.url)
    feed.begin()
    feed.put(records(5))
    keeper = Keeper(tmp_path, feed.url, tmp_path / "output")
    keeper.start()
    wait_for(Folder(tmp_path / "evidence"), 5)
    for round_ in range(2):
        assert fragile._child
        fragile._child.kill()
        fragile._child.wait()
        fragile.start()
        feed.put(records(5, 5 + 5 * round_))
        wait_for(Folder(tmp_path / "evidence"), 10 + 5 * round_)
    keeper.stop()
    assert numbers(Folder(tmp_path / "evidence")) == ids(records(15))


def test_a_stream_that_was_made_anew_is_read_from_its_start_and_nothing_twice(
    conf: Config, feed: Feed
) -> None:
    feed.put(records(4), records(4, 4))
    keep_until(8, feed.url)
    feed.begin()
    feed.put(records(6, 4), records(2, 10))  # four of them are in the log already
    keep_until(12, feed.url)
    assert numbers(conf.folder) == ids(records(12))


def test_dying_while_a_new_stream_is_read_again_repeats_nothing(conf: Config, feed: Feed) -> None:
    feed.put(records(4), records(4, 4))
    keep_until(8, feed.url)
    feed.begin()
    feed.put(records(4), records(4, 4), records(2, 8))
    keys = keys_in(conf.keys.parent)
    log = Log(conf.folder, keys)
    position = asyncio.run(first_step_into(feed.url, log))
    assert position.held_until == 3
    log.close()
    keep_until(10, feed.url)
    assert numbers(conf.folder) == ids(records(10))


async def first_step_into(url: str, log: Log) -> Position:
    """Commit where the new stream is entered, as a keeper does that dies right after it."""
    from sample import MAKER

    client = await nats_client.connect(url)
    reader = StreamReader(client, MAKER)
    await reader.open(log.position, log.tree)
    position = reader._position
    log.append([], position)
    await client.close()
    return position


def test_a_stream_that_lost_its_end_is_noticed_by_its_last_message(
    conf: Config, feed: Feed
) -> None:
    """After a loss of power a single server may give numbers a second time."""
    feed.put(records(2), records(2, 2))
    keep_until(4, feed.url)
    log = Log(conf.folder, keys_in(conf.keys.parent))
    wrong = Position(log.position.stream, 2, "0" * 64)
    log.append([], wrong)
    log.close()
    feed.put(records(2, 4))
    keep_until(6, feed.url)
    assert numbers(conf.folder) == ids(records(6))


@pytest.mark.req("PRV-11")
def test_a_message_that_was_deleted_from_the_stream_leaves_a_mark_in_the_log(
    conf: Config, feed: Feed
) -> None:
    feed.put(records(1), records(1, 1), records(1, 2), records(1, 3))
    feed.remove(2)
    feed.remove(3)
    keep_until(3, feed.url)
    first, last = ids([record(0), record(3)])
    assert numbers(conf.folder) == [first, "gap", last]
    told = json.loads(logged(conf.folder)[1])
    assert (told["first"], told["last"]) == (2, 3)


def test_what_nobody_can_read_does_not_stop_those_behind_it(conf: Config, feed: Feed) -> None:
    feed.put(b"not json", records(1))
    keep_until(2, feed.url)
    assert numbers(conf.folder) == ["unreadable", record(0).request_id]


def test_the_stream_is_freed_of_what_both_readers_have_and_of_nothing_else(
    conf: Config, feed: Feed
) -> None:
    feed.put(*[records(1, n) for n in range(6)])
    keep_until(6, feed.url)
    assert feed.info().state.messages == 6  # there is no collector yet: nothing may go
    feed.collector_has_read(4)
    trim(conf, feed)
    assert feed.info().state.first_seq == 4
    feed.collector_has_read(2)
    trim(conf, feed)
    assert (feed.info().state.first_seq, feed.info().state.last_seq) == (6, 6)
    feed.put(records(1, 6))
    keep_until(7, feed.url)
    assert numbers(conf.folder) == ids(records(7))


def trim(conf: Config, feed: Feed) -> None:
    async def run() -> None:
        from sample import MAKER

        log = Log(conf.folder, keys_in(conf.keys.parent))
        client = await nats_client.connect(feed.url)
        await StreamReader(client, MAKER).trim(log.position)
        await client.close()
        log.close()

    asyncio.run(run())


def test_a_stream_of_before_the_log_is_replaced_when_its_one_reader_has_emptied_it(
    conf: Config, feed: Feed, caplog: pytest.LogCaptureFixture
) -> None:
    feed.begin(RetentionPolicy.WORK_QUEUE)
    feed.put(records(2))
    keep_until(1, feed.url, seconds=1.0)
    assert "work queue" in caplog.text
    assert feed.info().state.messages == 1
    feed.collector_has_read(1)
    feed.do(ensure_stream)
    assert feed.info().config.retention == RetentionPolicy.LIMITS
    feed.put(records(2, 2))
    keep_until(2, feed.url)
    assert numbers(conf.folder) == ids(records(2, 2))
    feed.begin()


def test_a_damaged_log_is_told_and_the_worker_lives_on(
    conf: Config, feed: Feed, caplog: pytest.LogCaptureFixture
) -> None:
    feed.put(records(3))
    keep_until(3, feed.url)
    (conf.folder.path / "state").unlink()
    keep_until(4, feed.url, seconds=1.0)
    assert "state of the log is gone" in caplog.text
