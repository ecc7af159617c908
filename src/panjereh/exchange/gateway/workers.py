"""Several processes that are one gateway: same ports, one memory of messages.

The kernel spreads connections among them (SO_REUSEPORT). Quotas they share as gateways do
(`quota_share`). The parent serves nobody; it starts a worker anew that died, and ends with them.
"""

import ctypes
import logging
import os
import signal
import time
from collections.abc import Callable
from typing import Final

log = logging.getLogger("panjereh.exchange.workers")

QUICK_SECONDS: Final = 5.0
QUICK_DEATHS: Final = 5  # in a row, then the supervisor has to be told
PR_SET_PDEATHSIG: Final = 1

Serve = Callable[[int], None]


def run_workers(count: int, serve: Serve) -> None:
    """`serve` gets the number of the worker. Ends when it is told to, or when they cannot live."""
    _Workers(count, serve).run()


class _Workers:
    def __init__(self, count: int, serve: Serve) -> None:
        self._count, self._serve = count, serve
        self._numbers: dict[int, int] = {}  # by process id
        self._started: dict[int, float] = {}
        self._quick = 0
        self._stopping = False

    def run(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        for worker in range(self._count):
            self._start(worker)
        while self._numbers:
            pid, status = os.wait()
            self._mourn(pid, os.waitstatus_to_exitcode(status))
        if not self._stopping:
            raise SystemExit("the gateway's workers do not live")

    def _start(self, worker: int) -> None:
        parent, pid = os.getpid(), os.fork()
        if pid == 0:
            _be_a_worker(parent, worker, self._serve)
        self._numbers[pid], self._started[pid] = worker, time.monotonic()

    def _mourn(self, pid: int, status: int) -> None:
        worker = self._numbers.pop(pid)
        lived = time.monotonic() - self._started.pop(pid)
        if self._stopping:
            return
        log.error("exchange.worker.died worker=%s status=%s", worker, status)
        self._quick = self._quick + 1 if lived < QUICK_SECONDS else 0
        if self._quick >= QUICK_DEATHS:
            self._end(signal.SIGTERM)
            return
        self._start(worker)

    def _stop(self, number: int, _frame: object) -> None:
        self._stopping = True
        self._end(number)

    def _end(self, number: int) -> None:
        for pid in self._numbers:
            os.kill(pid, number)


def _be_a_worker(parent: int, worker: int, serve: Serve) -> None:
    """Never returns: what follows in the parent is none of a worker's business."""
    code = 1
    try:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() == parent:  # else it died before it could be asked to take us along
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)
            serve(worker)
            code = 0
    except BaseException:
        log.exception("exchange.worker.failed worker=%s", worker)
    finally:
        logging.shutdown()
        os._exit(code)
