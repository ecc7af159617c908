"""What a call costs with 1,000, 10,000 and 100,000 grants, and what loading them takes.

    .venv/bin/python bench/exchange/grow.py

The grants are rows as the deed writes them, signed by the three parties, put in at one go.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

from load import Messages, saturate
from run import RATE_GUESS, child, machine
from stage import GRANTED, Stage

SIZES = (1_000, 10_000, 100_000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--seconds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="panjereh-bench-") as name:
        Path(name).chmod(0o755)
        with Stage(Path(name)) as stage:
            provider_url = f"http://127.0.0.1:{stage.provider_port}/provider"
            who = child("furnish.py", provider_url, str(GRANTED))
            stage.open_channel()
            rows = [measure(stage, who, size, options.seconds) for size in options.sizes]
    show(rows)


def measure(stage: Stage, who: dict[str, Any], size: int, seconds: int) -> dict[str, float]:
    child("multiply.py", str(size))
    began = time.perf_counter()
    with stage.gateway(1):
        ready = time.perf_counter() - began
        pids = {"gateway": stage.gateway_pids}
        file, messages = stage.home / "messages", Messages(**who, signed=False)
        saturate(stage.channel_port, messages.write(file, RATE_GUESS), pids, 1, 64)
        found = [
            saturate(
                stage.channel_port, messages.write(file, RATE_GUESS * seconds), pids, seconds, 64
            ).microseconds["gateway"]
            for _ in range(3)
        ]
        memory = resident(stage.gateway_pids[0])
        change = float(child("change.py", str(stage.gateway_port))["seconds"])
    return {"grants": size, "ready": ready, "mib": memory, "us": min(found), "change": change}


def resident(pid: int) -> float:
    (line,) = [
        line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if "VmRSS" in line
    ]
    return int(line.split()[1]) / 1024


def show(rows: list[dict[str, float]]) -> None:
    print(f"\n{machine()}\n")
    print(
        "| grants | CPU µs per call, mutual TLS | memory MiB | ready after s | a change after s |"
    )
    print("|---:|---:|---:|---:|---:|")
    for row in rows:
        figures = (f"{row['us']:.0f}", f"{row['mib']:.0f}", f"{row['ready']:.1f}")
        print(f"| {row['grants']:,.0f} | " + " | ".join(figures) + f" | {row['change']:.2f} |")
    print(json.dumps(rows))


if __name__ == "__main__":
    main()
