"""The embedded services keep what they acknowledged, also when they are killed."""

import asyncio
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import nats
import psycopg
import pytest

from panjereh.runtime.embedded import LONGEST_SOCKET_PATH, EmbeddedFailed, Nats, Postgres
from panjereh.runtime.environment import FLOORS, PORTS, Environment
from panjereh.runtime.ports import free_ports
from panjereh.runtime.processes import is_same_process, start_time


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("embedded") / "home"


@pytest.fixture(scope="module")
def postgres(home: Path) -> Iterator[Postgres]:
    server = Postgres(home)
    server.start()
    yield server
    server.stop()
    server.remove()


def connection(server: Postgres, floor: str = "window") -> "psycopg.Connection[tuple[str, ...]]":
    return psycopg.connect(
        f"postgresql:///panjereh_{floor}?host={server.socket_folder}&user=postgres"
    )


def told(wire: "psycopg.Connection[tuple[str, ...]]", question: str) -> str:
    row = wire.execute(question).fetchone()
    assert row
    return str(row[0])


def test_every_floor_has_a_database_of_its_own(postgres: Postgres) -> None:
    for floor in FLOORS:
        with connection(postgres, floor) as wire:
            assert told(wire, "SELECT current_database()") == f"panjereh_{floor}"


def test_it_is_what_the_house_wants(postgres: Postgres) -> None:
    with connection(postgres) as wire:
        assert told(wire, "SHOW data_checksums") == "on"
        assert told(wire, "SHOW fsync") == "on"
        assert told(wire, "SHOW listen_addresses") == ""
        assert told(wire, "SELECT min(datctype) FROM pg_database") == "C.UTF-8"
        wire.execute("CREATE EXTENSION pg_trgm")
        assert told(wire, "SELECT cardinality(show_trgm('شناسنامه'))") != "0"


def test_nobody_else_may_enter_its_folders(postgres: Postgres) -> None:
    for folder in (postgres.data_folder, postgres.socket_folder):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_the_environment_finds_the_socket(postgres: Postgres, home: Path) -> None:
    url = Environment({"PANJEREH_HOME": str(home)}).database_url("window")
    with psycopg.connect(url) as wire:
        assert wire.execute("SELECT 1").fetchone() == (1,)


def test_killed_it_comes_back_with_every_acknowledged_row(postgres: Postgres) -> None:
    with connection(postgres) as wire:
        wire.execute("CREATE TABLE accepted (id int)")
        wire.commit()
        wire.execute("INSERT INTO accepted SELECT generate_series(1, 1000)")
        wire.commit()
    assert postgres._child
    os.kill(postgres._child.pid, signal.SIGKILL)
    postgres._child.wait()
    assert (postgres.data_folder / "postmaster.pid").exists()

    postgres.start()

    with connection(postgres) as wire:
        assert told(wire, "SELECT count(*) FROM accepted") == "1000"


def test_a_pid_file_that_names_a_stranger_is_not_obeyed(postgres: Postgres) -> None:
    postgres.stop()
    stranger = subprocess.Popen(["sleep", "1000"])
    (postgres.data_folder / "postmaster.pid").write_text(
        f"{stranger.pid}\n{postgres.data_folder}\n"
    )

    postgres.start()

    assert stranger.poll() is None, "it was left alone"
    stranger.kill()
    stranger.wait()


def test_a_server_that_lost_its_parent_is_ended_before_another_starts(
    postgres: Postgres, home: Path
) -> None:
    assert postgres._child
    before = postgres._child.pid
    started = start_time(before)

    second = Postgres(home)
    second.start()

    assert not is_same_process(before, started)
    postgres._child.wait()
    postgres._child, second._child = second._child, None


def test_an_interrupted_creation_is_begun_again(tmp_path: Path) -> None:
    server = Postgres(tmp_path / "home", durable=False)
    server.prepare()
    (server.data_folder / "PG_VERSION").unlink()  # as if initdb had been cut short

    server.start()

    assert server.version().startswith("18")
    server.stop()


def test_a_home_with_a_long_name_has_its_socket_elsewhere(tmp_path: Path) -> None:
    deep = tmp_path / ("a-folder-with-a-rather-long-name/" * 4)
    server = Postgres(deep, durable=False)
    server.start()
    try:
        assert len(str(server.socket_folder)) <= LONGEST_SOCKET_PATH
        assert server.version()
    finally:
        server.stop()
    assert not server.socket_folder.exists()


def test_a_disposable_one_leaves_nothing(tmp_path: Path) -> None:
    server = Postgres(tmp_path / "home", durable=False)
    server.start()
    data = server.data_folder
    server.stop()
    assert not data.exists()


@pytest.fixture
def binaries_folder() -> Iterator[Path]:
    """Reachable by the account that runs PostgreSQL under root."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_a_full_disk_during_creation_is_called_so(
    tmp_path: Path, binaries_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Postgres(tmp_path / "home")
    fake = binaries_folder
    (fake / "initdb").write_text(
        "#!/bin/sh\necho 'initdb: error: could not write: No space left on device' >&2\nexit 1\n"
    )
    (fake / "initdb").chmod(0o755)
    monkeypatch.setattr(Postgres, "binaries", fake)

    with pytest.raises(OSError, match="No space left on device"):
        server.prepare()
    server.remove()


def test_killed_nats_comes_back_with_every_acknowledged_message(tmp_path: Path) -> None:
    server = Nats(tmp_path, free_ports(PORTS))
    server.start()
    asyncio.run(publish(server.url, 200))
    assert server._child
    server._child.kill()
    server._child.wait()

    server.start()

    assert asyncio.run(kept(server.url)) == 200
    server.stop()


async def publish(url: str, count: int) -> None:
    client = await nats.connect(url)
    stream = client.jetstream()
    await stream.add_stream(name="EVENTS", subjects=["events.>"])
    for number in range(count):
        await stream.publish("events.test", str(number).encode())
    await client.close()


async def kept(url: str) -> int:
    client = await nats.connect(url)
    info = await client.jetstream().stream_info("EVENTS")
    await client.close()
    return info.state.messages


def test_what_does_not_come_up_says_why(tmp_path: Path) -> None:
    port = free_ports(PORTS)
    first = Nats(tmp_path / "one", port)
    first.start()
    second = Nats(tmp_path / "two", port)
    with pytest.raises(EmbeddedFailed, match="NATS ended: "):
        second.start()
    first.stop()
