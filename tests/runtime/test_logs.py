"""Logs stay small, keep their order, and can be followed."""

import threading
from pathlib import Path

from conftest import Panjereh

from panjereh.runtime import logs
from panjereh.runtime.home import Home


def test_a_grown_log_moves_aside_under_its_writer(tmp_path: Path) -> None:
    log = tmp_path / "window.log"
    with log.open("ab", buffering=0) as writer:
        for generation in range(5):
            writer.write(f"generation {generation}\n".encode() * 10)
            logs.rotate(log, largest=100, kept=2)
        writer.write(b"after\n")

    assert log.read_text() == "after\n"
    assert "generation 4" in logs.numbered(log, 1).read_text()
    assert "generation 3" in logs.numbered(log, 2).read_text()
    assert not logs.numbered(log, 3).exists()


def test_a_small_log_stays(tmp_path: Path) -> None:
    log = tmp_path / "window.log"
    log.write_text("little")
    logs.rotate(log, largest=100)
    logs.rotate(tmp_path / "none.log")
    assert log.read_text() == "little"


def test_a_follower_tells_whole_new_lines_only(tmp_path: Path) -> None:
    log = tmp_path / "window.log"
    log.write_text("old\n")
    follower = logs.Follower(log)
    with log.open("a", buffering=1) as writer:
        writer.write("one\ntw")
        assert list(follower.fresh_lines()) == ["one"]
        writer.write("o\n")
        assert list(follower.fresh_lines()) == ["two"]
    log.write_text("anew\n")
    assert list(follower.fresh_lines()) == ["anew"]


def test_logs_shows_the_last_lines_with_their_service(panjereh: Panjereh, home: Path) -> None:
    ours = Home(home)
    ours.prepare()
    (ours.logs / "sso.log").write_text("one\ntwo\nthree\n")
    (ours.logs / "window.log").write_text("four\n")

    assert panjereh("logs", "sso", "-n", "2").stdout == "two\nthree\n"
    everything = panjereh("logs").stdout.splitlines()
    assert everything[0].split() == ["sso", "one"] and everything[-1].split() == ["window", "four"]


def test_rotation_while_a_thread_writes_loses_no_file(tmp_path: Path) -> None:
    log = tmp_path / "busy.log"
    stop = threading.Event()

    def write() -> None:
        with log.open("ab", buffering=0) as writer:
            while not stop.is_set():
                writer.write(b"a line of the service\n")

    thread = threading.Thread(target=write)
    thread.start()
    for _ in range(50):
        logs.rotate(log, largest=1000, kept=2)
    stop.set()
    thread.join()
    assert set(log.read_text().splitlines()) <= {"a line of the service"}
