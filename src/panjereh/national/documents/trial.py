"""Try a new template on its example, in a process of its own with little time and memory.

`python -m panjereh.national.documents.trial` reads {"source", "draft"} and answers {"flaw"}.
A template that loops without end, or eats memory, ends itself here and not a server process.
"""

import json
import resource
import subprocess
import sys
from typing import Any

from panjereh.national.documents.typesetting import CannotSet, Draft, as_json, set_with_warnings

CPU_SECONDS, WALL_SECONDS, MEMORY_BYTES = 3, 20, 2 * 1024**3


def trial_flaw(source: str, draft: Draft) -> str:
    """Why the template does not compile with its example; empty when it does."""
    order = as_json({"source": source, "draft": draft.attachment().decode()})
    try:
        child = subprocess.run(
            [sys.executable, "-m", __spec__.name],
            input=order.encode(),
            capture_output=True,
            timeout=WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "the template takes too long"
    if child.returncode != 0:
        return "the template takes too long or too much memory"
    return str(json.loads(child.stdout)["flaw"])


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def _try(order: dict[str, Any]) -> str:
    draft = Draft.read(order["draft"].encode())
    try:
        _, warnings = set_with_warnings(order["source"], draft)
    except CannotSet as error:
        return error.message
    return "; ".join(warnings)


if __name__ == "__main__":
    _limit()
    sys.stdout.write(json.dumps({"flaw": _try(json.load(sys.stdin.buffer))}))
