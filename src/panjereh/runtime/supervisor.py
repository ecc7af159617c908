"""Keeps a table of services alive: ordered start, restart with backoff and a limit, reverse stop.

It knows nothing of Panjereh; the table is data (`services.py`).
"""

import contextlib
import os
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from panjereh.runtime import logs
from panjereh.runtime.home import Home, ServiceState
from panjereh.runtime.processes import start_child, start_time
from panjereh.runtime.service import Service, ServiceRefused

RESTART_SECONDS = (0.2, 1.0, 2.0, 5.0, 10.0)
FAILURE_WINDOW_SECONDS = 120.0
TRIES_AT_START = 2  # what never came up will hardly do so the sixth time
TICK_SECONDS = 0.1
IDLE_TICK_SECONDS = 1.0
ROTATE_EVERY_SECONDS = 10.0
LINES_SHOWN = 12


class ServiceFailed(Exception):
    """A service does not stay up; the text names it and shows its last log lines."""


class StopRequested(Exception):
    """Somebody pressed Ctrl-C or sent SIGTERM."""


@dataclass
class Child:
    service: Service
    log: Path
    state: str = "stopped"  # stopped, starting, ready, waiting (for its restart), failed
    process: "subprocess.Popen[bytes] | None" = None
    pid_started: int = 0
    started_at: float = 0.0
    began: float = 0.0
    start_seconds: float = 0.0
    restart_at: float = 0.0
    restarts: int = 0
    message: str = ""
    failures: list[float] = field(default_factory=list)

    def start(self) -> None:
        self.service.prepare()
        with self.log.open("ab") as output:
            self.process = start_child(
                self.service.command(),
                output=output,
                account=self.service.account,
                environment=self.service.environment,
                death_signal=self.service.stop_signal,
            )
        self.pid_started = start_time(self.process.pid)
        self.started_at, self.began = time.time(), time.monotonic()
        self.state = "starting"

    @property
    def pid(self) -> int:
        return self.process.pid if self.process else 0

    def described(self) -> ServiceState:
        return ServiceState(
            name=self.service.name,
            state=self.state,
            address=self.service.address,
            health_port=self.service.health_port,
            pid=self.pid,
            pid_started=self.pid_started,
            stop_signal=int(self.service.stop_signal),
            started_at=self.started_at,
            start_seconds=round(self.start_seconds, 2),
            restarts=self.restarts,
            message=self.message,
        )


class Supervisor:
    def __init__(self, services: Sequence[Service], home: Home, say: Callable[[str], None]) -> None:
        self.children = {s.name: Child(s, home.logs / f"{s.name}.log") for s in services}
        self.home = home
        self.say = say
        self.state = home.own_state()
        self.stopping = False
        self._rotated = time.monotonic()
        self._written: list[ServiceState] = []
        self._quiet_disk = False
        self._wake: socket.socket | None = None

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Within the block a signal asks for the stop, and the death of a child wakes us."""
        self._wake, waker = socket.socketpair()
        with self._wake, waker:
            self._wake.setblocking(False)
            waker.setblocking(False)
            signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
            numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
            before = {number: signal.signal(number, self._on_stop) for number in numbers}
            before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
            try:
                yield
            finally:
                signal.set_wakeup_fd(-1)
                self._wake = None
                for number, handler in before.items():
                    signal.signal(number, handler)

    def _on_stop(self, *_: object) -> None:
        self.stopping = True

    def start(self, *tiers: int, seconds: float = 90.0) -> Iterator[str]:
        """Start the services of these tiers together; yield the name of each as it gets ready."""
        chosen = [c for c in self.children.values() if c.service.tier in tiers]
        for child in chosen:
            logs.rotate(child.log)
            child.start()
        deadline = time.monotonic() + seconds
        told: set[str] = set()
        while waiting := [c for c in chosen if c.state != "ready"]:
            self.tick()
            self.check_stop()
            if failed := next((c for c in waiting if len(c.failures) >= TRIES_AT_START), None):
                raise ServiceFailed(_told(failed, failed.message))
            if time.monotonic() > deadline:
                raise ServiceFailed(_told(waiting[0], f"did not answer within {seconds:.0f} s"))
            yield from _fresh(chosen, told)
            self.wait(TICK_SECONDS)
        yield from _fresh(chosen, told)

    def check_stop(self) -> None:
        if self.stopping:
            raise StopRequested

    def run(self) -> None:
        """Watch until somebody asks to stop."""
        while not self.stopping:
            self.tick()
            busy = any(c.state in {"starting", "waiting"} for c in self.children.values())
            self.wait(TICK_SECONDS if busy else IDLE_TICK_SECONDS)

    def wait(self, seconds: float) -> None:
        """Sleep, but wake at once for a signal."""
        if self._wake is None:
            time.sleep(seconds)
            return
        with selectors.DefaultSelector() as selector:
            selector.register(self._wake, selectors.EVENT_READ)
            if selector.select(seconds):
                with contextlib.suppress(BlockingIOError):
                    self._wake.recv(4096)

    def tick(self) -> None:
        now = time.monotonic()
        for child in self.children.values():
            self._look_at(child, now)
        if now - self._rotated > ROTATE_EVERY_SECONDS:
            self._rotated = now
            with self._full_disk_survived():
                for child in self.children.values():
                    logs.rotate(child.log)
        self._write_state()

    def _look_at(self, child: Child, now: float) -> None:
        if child.state in {"starting", "ready"} and child.process is not None:
            if child.process.poll() is not None:
                self._ended(child, now)
            elif child.state == "starting" and child.service.ready(child.pid):
                child.state, child.message = "ready", ""
                child.start_seconds = time.monotonic() - child.began
        elif child.state == "waiting" and now >= child.restart_at:
            child.restarts += 1
            self._start_again(child)

    def _start_again(self, child: Child) -> None:
        try:
            child.start()
        except (OSError, ServiceRefused) as error:  # a full disk, say: the same patience
            child.message = str(error)
            self._ended(child, time.monotonic())

    def _ended(self, child: Child, now: float) -> None:
        """Restart, ever more slowly; give up when it keeps failing."""
        child.failures = [t for t in child.failures if now - t < FAILURE_WINDOW_SECONDS] + [now]
        reason = _how_it_ended(child)
        _kill_group(child.pid)  # what it may have started itself
        child.process, child.pid_started = None, 0
        if len(child.failures) > len(RESTART_SECONDS):
            child.state = "failed"
            times = (
                f"{reason} {len(child.failures)} times and was given up; after mending the cause:"
            )
            child.message = _told(child, f"{times} `panjereh down`, `panjereh up`")
            self.say(child.message)
            return
        delay = RESTART_SECONDS[len(child.failures) - 1]
        child.state, child.restart_at = "waiting", now + delay
        child.message = reason
        self.say(f"{child.service.name} {reason}; it starts again in {delay:g} s")

    def _write_state(self) -> None:
        described = [child.described() for child in self.children.values()]
        if described != self._written:
            self.state.services = self._written = described
            with self._full_disk_survived():
                self.home.write_state(self.state)

    @contextlib.contextmanager
    def _full_disk_survived(self) -> Iterator[None]:
        """While we run, a full disk is told once and outlived: services matter more than logs."""
        try:
            yield
        except OSError as error:
            if not self._quiet_disk:
                self.say(f"cannot write below {self.home.folder}: {error.strerror}")
            self._quiet_disk = True

    def stop(self) -> None:
        """Stop everything, the last started tier first. Never raises, never leaves a process."""
        tiers = sorted({c.service.tier for c in self.children.values()}, reverse=True)
        for tier in tiers:
            _stop_together([c for c in self.children.values() if c.service.tier == tier])
        self.home.state_file.unlink(missing_ok=True)


def _fresh(children: Iterable[Child], told: set[str]) -> Iterator[str]:
    """Names of the ready ones that were not told before."""
    for child in children:
        if child.state == "ready" and child.service.name not in told:
            told.add(child.service.name)
            yield child.service.name


def _stop_together(children: Iterable[Child]) -> None:
    running = [c for c in children if c.process is not None and c.process.poll() is None]
    for child in running:
        _signal(child, child.service.stop_signal)
    deadline = time.monotonic() + max((c.service.stop_seconds for c in running), default=0)
    for child in running:
        assert child.process is not None  # noqa: S101  # chosen above
        try:
            child.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            _kill_group(child.pid)
            child.process.wait(10)
        child.state, child.process = "stopped", None


def _signal(child: Child, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(child.pid, number)


def _kill_group(leader: int) -> None:
    if leader:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(leader, signal.SIGKILL)


def _how_it_ended(child: Child) -> str:
    if child.process is None:
        return f"could not start ({child.message})"
    code = child.process.returncode
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended with code {code}"


def _told(child: Child, what: str) -> str:
    lines = logs.last_lines(child.log, LINES_SHOWN)
    shown = "".join(f"\n    {line}" for line in lines) or "\n    (the log is empty)"
    return f"{child.service.name} {what}. The end of {child.log}:{shown}"
