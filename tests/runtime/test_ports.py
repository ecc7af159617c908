"""Servers of tests and demos start on ports that no neighbour takes in between."""

import socket
import subprocess
import sys

import pytest

from panjereh.runtime import ports

ASKED = "from panjereh.runtime.ports import free_ports; print(free_ports(30)); input()"


def test_a_port_is_given_once_even_to_processes_that_do_not_listen_yet(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ports, "LOWEST", 11_000)
    monkeypatch.setattr(ports, "HIGHEST", 11_020)
    given = set()
    with pytest.raises(ports.NoFreePorts, match="between 11000 and 11020"):
        while True:
            given.add(ports.free_port())
    assert len(given) == 20


def test_neighbours_of_another_process_are_its_own_until_it_ends() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ASKED], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout and other.stdin
        first = int(other.stdout.readline())
        assert not ports._claim(range(first + 29, first + 30))
        other.stdin.close()
        other.wait()
    assert ports._claim(range(first + 29, first + 30))


def test_a_port_that_a_stranger_listens_at_is_not_given() -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        port = stranger.getsockname()[1]
        assert not ports._claim(range(port - 1, port + 1))
