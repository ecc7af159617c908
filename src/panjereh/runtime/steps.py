"""One-off work in child processes: `panjereh prepare <floor>` and the like, two at a time."""

import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from panjereh.runtime import logs
from panjereh.runtime.environment import Environment
from panjereh.runtime.processes import start_child
from panjereh.runtime.services import child_environment

AT_ONCE = 2
LINES_SHOWN = 15


class StepFailed(Exception):
    """A step ended with an error; the text shows its last log lines."""


@dataclass(frozen=True)
class Step:
    name: str
    command: Sequence[str]
    log: Path
    environment: dict[str, str] = field(default_factory=dict)


def run_steps(
    env: Environment,
    steps: Sequence[Step],
    *,
    watch: Callable[[], None],
    done: Callable[[Step], None] = lambda _step: None,
) -> None:
    """Run them two at a time, in order. `watch` is called meanwhile and may raise to stop."""
    waiting = list(steps)
    running: list[tuple[Step, subprocess.Popen[bytes]]] = []
    try:
        while waiting or running:
            while waiting and len(running) < AT_ONCE:
                running.append(_begin(env, waiting.pop(0)))
            for step, process in [pair for pair in running if pair[1].poll() is not None]:
                running.remove((step, process))
                _accept(step, process)
                done(step)
            watch()
            time.sleep(0.02)
    finally:
        for _, process in running:
            process.terminate()
            process.wait(20)


def _begin(env: Environment, step: Step) -> tuple[Step, "subprocess.Popen[bytes]"]:
    step.log.parent.mkdir(parents=True, exist_ok=True)
    with step.log.open("wb") as output:
        environment = child_environment(env, **step.environment)
        return step, start_child(step.command, output=output, environment=environment)


def _accept(step: Step, process: "subprocess.Popen[bytes]") -> None:
    if process.returncode == 0:
        return
    lines = "".join(f"\n    {line}" for line in logs.last_lines(step.log, LINES_SHOWN))
    raise StepFailed(f"{step.name} failed. The end of {step.log}:{lines}")
