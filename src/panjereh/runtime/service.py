"""What a supervised service is, and how to see that it answers."""

import http.client
import signal
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from panjereh.runtime.processes import Account

LOOPBACK = "127.0.0.1"

Ready = Callable[[int], bool]
"""Whether the process with this id answers; asked again and again, so it must be quick."""


class ServiceRefused(Exception):
    """A service cannot be prepared; the text is one line for the person at the terminal."""


def _nothing() -> None:
    pass


@dataclass(frozen=True)
class Service:
    """One child of the supervisor, as data."""

    name: str
    command: Callable[[], Sequence[str]]  # asked after `prepare`
    ready: Ready
    tier: int  # lower tiers start first and stop last
    address: str = ""
    health_port: int = 0
    environment: Mapping[str, str] = field(default_factory=dict)
    account: Account | None = None
    prepare: Callable[[], None] = _nothing
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 20.0


def answers_health(port: int, *, seconds: float = 2.0) -> Ready:
    return lambda _pid: health_answer(port, seconds=seconds)[0] == 200


def health_answer(port: int, *, seconds: float = 2.0) -> tuple[int, bytes]:
    """Status and body of GET /health on loopback; status 0 when nobody answers."""
    wire = http.client.HTTPConnection(LOOPBACK, port, timeout=seconds)
    try:
        wire.request("GET", "/health")
        answer = wire.getresponse()
        return answer.status, answer.read(65536)
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        wire.close()


def accepts(port: int) -> Ready:
    def connect(_pid: int) -> bool:
        try:
            with socket.create_connection((LOOPBACK, port), timeout=1):
                return True
        except OSError:
            return False

    return connect


def has_reported(ready_file: Path) -> Ready:
    """A worker has no port: it writes its pid into a file once all its tasks run."""

    def reported(pid: int) -> bool:
        try:
            return ready_file.read_text() == str(pid)
        except OSError:
            return False

    return reported


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
