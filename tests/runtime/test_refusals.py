"""What keeps the platform from starting is told in one line that says what to do."""

import os
import runpy
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Panjereh

from panjereh.runtime.home import Home
from panjereh.runtime.up import UpRefused, check_python

INSTALL = Path(__file__).parents[2] / "tools" / "install.py"


def told(done: "subprocess.CompletedProcess[str]") -> str:
    """The one line of a refusal."""
    assert done.returncode == 1, done.stdout + done.stderr
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    assert len(lines) == 1, lines
    return lines[0]


@pytest.mark.parametrize("detach", [[], ["--detach"]])
def test_a_taken_port(panjereh: Panjereh, base_port: int, home: Path, detach: list[str]) -> None:
    with socket.create_server(("127.0.0.1", base_port + 1)):
        line = told(panjereh("up", *detach))
    assert f"Port {base_port + 1}, for sso, is taken" in line
    assert f"--port {base_port + 1000}" in line
    assert not (home / "postgres").exists(), "nothing was started"


def test_a_folder_that_cannot_be_written(panjereh: Panjereh) -> None:
    line = told(panjereh("up", PANJEREH_HOME="/sys/panjereh"))
    assert "/sys/panjereh cannot be written by this user" in line
    assert "PANJEREH_HOME" in line


def test_a_home_that_is_a_file(panjereh: Panjereh, home: Path) -> None:
    home.write_text("")
    assert f"{home} cannot be written" in told(panjereh("up"))


def test_a_full_disk(panjereh: Panjereh, home: Path) -> None:
    """Writing to /dev/full really answers ENOSPC."""
    (home / "run").mkdir(parents=True)
    (home / "run" / "probe").symlink_to("/dev/full")
    assert f"The disk that holds {home} is full. Make room" in told(panjereh("up"))


def test_a_nearly_full_disk(panjereh: Panjereh, home: Path) -> None:
    home.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(home)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("this machine does not let us mount a small disk")
    try:
        assert "Only 20 MB are free" in (line := told(panjereh("up")))
        assert "needs 500 MB" in line
    finally:
        subprocess.run(["umount", str(home)], check=True)


def test_an_old_python_at_the_start() -> None:
    with pytest.raises(UpRefused, match=r"Python 3\.9 is too old: Panjereh needs 3\.11"):
        check_python((3, 9))


def test_an_old_python_at_the_installation(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))
    monkeypatch.setattr(sys, "argv", ["install.py"])
    with pytest.raises(SystemExit, match=r"Python 3\.9 .* is too old; 3\.11 or later is needed"):
        runpy.run_path(str(INSTALL), run_name="__main__")


def test_a_running_platform(panjereh: Panjereh, home: Path) -> None:
    ours = Home(home)
    ours.prepare()
    with ours.locked():
        ours.write_state(ours.own_state())
        line = told(panjereh("up"))
    assert f"already running in {home} (process {os.getpid()})" in line
    assert "panjereh down" in line


def test_reset_refuses_while_the_platform_runs(panjereh: Panjereh, home: Path) -> None:
    ours = Home(home)
    ours.prepare()
    with ours.locked():
        assert "already running" in told(panjereh("reset", "--yes"))
    assert ours.logs.exists()


def test_reset_refuses_a_folder_that_is_not_ours(panjereh: Panjereh, home: Path) -> None:
    home.mkdir()
    (home / "thesis.tex").write_text("years of work")
    assert "is no home folder of Panjereh" in told(panjereh("reset", "--yes"))
    assert (home / "thesis.tex").exists()


def test_reset_asks_first(panjereh: Panjereh, home: Path) -> None:
    Home(home).prepare()
    done = panjereh("reset", answer="n\n")
    assert done.returncode == 1 and f"Delete everything in {home}?" in done.stdout
    assert home.exists()

    assert panjereh("reset", answer="y\n").returncode == 0
    assert not home.exists()


def test_nothing_runs(panjereh: Panjereh, home: Path) -> None:
    done = panjereh("status")
    assert done.returncode == 3 and f"Nothing runs in {home}" in done.stdout
    assert '"running": false' in panjereh("status", "--json").stdout
    assert "Nothing runs" in panjereh("down").stdout


def test_logs_of_an_unknown_service(panjereh: Panjereh) -> None:
    assert "There is no log of windw; there are: none yet" in told(panjereh("logs", "windw"))


def test_an_unknown_floor_or_site(panjereh: Panjereh) -> None:
    for command in ("serve", "work", "migrate"):
        assert "unknown" in told(panjereh(command, "cellar"))
