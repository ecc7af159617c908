"""Starting and recognising child processes: nothing here knows what a child does."""

import ctypes
import os
import pwd
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


@dataclass(frozen=True)
class Account:
    """The system account a child runs as."""

    uid: int
    gid: int
    name: str


@cache
def unprivileged_account() -> Account | None:
    """Who runs what refuses to run as root; None when we are an ordinary user already."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam("nobody")
    return Account(uid=entry.pw_uid, gid=entry.pw_gid, name=entry.pw_name)


def start_child(
    command: Sequence[str],
    *,
    output: IO[bytes] | int,
    account: Account | None = None,
    environment: Mapping[str, str] | None = None,
    death_signal: signal.Signals = signal.SIGTERM,
) -> "subprocess.Popen[bytes]":
    """Start a child in a process group of its own that gets `death_signal` when we die.

    Call it from the main thread: the kernel watches the thread that forked, not the process.
    """
    return subprocess.Popen(
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=None if environment is None else dict(environment),
        cwd="/",
        process_group=0,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        preexec_fn=_die_with(os.getpid(), death_signal),  # noqa: PLW1509  # no threads at this point
    )


def _die_with(parent: int, death_signal: signal.Signals) -> Callable[[], None]:
    def ask_kernel() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:  # the parent died between fork and prctl
            os._exit(1)

    return ask_kernel


def command_line(pid: int) -> str:
    """The words `pid` was started with; empty when no such process lives."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return ""
    return words.replace(b"\0", b" ").decode(errors="replace").strip()


def may_enter(path: Path, account: Account) -> bool:
    """Whether `account` can reach `path`: a parent folder may be closed to it."""
    return (
        subprocess.run(
            ["test", "-x", str(path)],
            user=account.uid,
            group=account.gid,
            extra_groups=[],
            cwd="/",
            check=False,
        ).returncode
        == 0
    )


def start_time(pid: int) -> int:
    """When `pid` started, in kernel ticks since boot; 0 when it does not live (or is a zombie)."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return 0 if words[0] in {"Z", "X"} else int(words[19])


def is_same_process(pid: int, started: int) -> bool:
    return started != 0 and start_time(pid) == started


def memory_bytes(pid: int) -> int:
    """Memory of `pid` and its children, shared pages divided among their users (PSS)."""
    return sum(_pss(one) for one in (pid, *descendants(pid)))


def descendants(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    children = [int(word) for word in text.split()]
    return [one for child in children for one in (child, *descendants(child))]


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)
