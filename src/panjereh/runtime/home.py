"""The home folder of an installation: who may use it now, and what the last user left."""

import contextlib
import errno
import fcntl
import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

from panjereh.runtime.processes import is_same_process, start_time

MARKER = "THIS-FOLDER-BELONGS-TO-PANJEREH"
LEAST_FREE_BYTES = 500 * 1024 * 1024


class HomeRefused(Exception):
    """The home folder cannot be used; the text is one line that says what to do."""


@dataclass
class ServiceState:
    """What `status` tells of one service; written by the supervisor."""

    name: str
    state: str
    address: str = ""
    health_port: int = 0
    pid: int = 0
    pid_started: int = 0  # kernel ticks; tells a process from a later one with its number
    stop_signal: int = int(signal.SIGTERM)
    started_at: float = 0.0
    start_seconds: float = 0.0
    restarts: int = 0
    message: str = ""


@dataclass
class PlatformState:
    pid: int = 0
    pid_started: int = 0
    base_port: int = 0
    started_at: float = 0.0
    services: list[ServiceState] = field(default_factory=list)


class Home:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.logs = folder / "logs"
        self.run = folder / "run"
        self._lock: IO[str] | None = None

    def prepare(self) -> None:
        """Make the folders; refuse in one line when they cannot be written."""
        with self.explained():
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            # Under root PostgreSQL's account has to pass through, without looking around.
            self.folder.mkdir(exist_ok=True, mode=0o711 if os.geteuid() == 0 else 0o700)
            for folder in (self.logs, self.run):
                folder.mkdir(exist_ok=True, mode=0o700)
            self.folder.joinpath(MARKER).touch()
            probe = self.run / "probe"
            probe.write_text("x" * 4096)
            probe.unlink()
        free = shutil.disk_usage(self.folder).free
        if free < LEAST_FREE_BYTES:
            raise HomeRefused(
                f"Only {free // 2**20} MB are free where {self.folder} lies; "
                f"Panjereh needs {LEAST_FREE_BYTES // 2**20} MB. Make room, or set PANJEREH_HOME."
            )

    @contextlib.contextmanager
    def explained(self) -> Iterator[None]:
        """Turn what the system says about the folder into a line that says what to do."""
        try:
            yield
        except OSError as error:
            raise HomeRefused(self._explain(error)) from error

    def _explain(self, error: OSError) -> str:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            return f"The disk that holds {self.folder} is full. Make room and start again."
        if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST}:
            return (
                f"{error.filename or self.folder} cannot be written by this user. "
                "Mend its permissions, or set PANJEREH_HOME to another folder."
            )
        raise error

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder while the block runs. The kernel lets go when we die, however we die."""
        with self.explained():
            file = (self.folder / "lock").open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise HomeRefused(
                f"Panjereh is already running in {self.folder}{self._holder()}. "
                "See `panjereh status`; stop it with `panjereh down`."
            ) from None
        try:
            yield
        finally:
            file.close()

    def _holder(self) -> str:
        pid = self.read_state().pid
        return f" (process {pid})" if pid else ""

    def is_locked(self) -> bool:
        """Whether a supervisor lives; a state file alone proves nothing after a kill -9."""
        try:
            with (self.folder / "lock").open("r+") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    @property
    def state_file(self) -> Path:
        return self.run / "state.json"

    def write_state(self, state: PlatformState) -> None:
        draft = self.state_file.with_suffix(".new")
        draft.write_text(json.dumps(asdict(state), indent=1))
        draft.replace(self.state_file)

    def read_state(self) -> PlatformState:
        try:
            found = json.loads(self.state_file.read_text())
            services = [ServiceState(**service) for service in found.pop("services")]
            return PlatformState(**found, services=services)
        except (OSError, ValueError, TypeError, KeyError):
            return PlatformState()

    def end_leftovers(self, *, patience: float = 20.0) -> int:
        """End children that outlived a killed supervisor; a stranger with their pid is left alone.

        Returns how many were found. Call it with the lock held.
        """
        left = [s for s in self.read_state().services if is_same_process(s.pid, s.pid_started)]
        for service in reversed(left):
            _signal(service, service.stop_signal)
        if not _gone(left, seconds=patience):
            for service in left:
                _signal(service, signal.SIGKILL)
            _gone(left, seconds=5)
        self.state_file.unlink(missing_ok=True)
        return len(left)

    def own_state(self) -> PlatformState:
        return PlatformState(
            pid=os.getpid(), pid_started=start_time(os.getpid()), started_at=time.time()
        )


def _signal(service: ServiceState, number: int) -> None:
    if is_same_process(service.pid, service.pid_started):
        with contextlib.suppress(ProcessLookupError):
            os.kill(service.pid, number)


def _gone(services: list[ServiceState], *, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while any(is_same_process(s.pid, s.pid_started) for s in services):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
