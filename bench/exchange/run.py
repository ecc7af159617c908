"""Measure the gateway beside nginx on the same cores in one run: see README.md."""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import uvloop
from load import Messages, Saturation, quantile, saturate, steady
from stage import GRANTED, Stage

RATE_GUESS = 12_000  # messages signed per second of saturation; the gateway must not run out


def main() -> None:
    options = parse()
    with tempfile.TemporaryDirectory(prefix="panjereh-bench-") as name:
        Path(name).chmod(0o755)
        with Stage(Path(name)) as stage:
            provider_url = f"http://127.0.0.1:{stage.provider_port}/provider"
            who = child("furnish.py", provider_url, str(GRANTED))
            stage.start_gateway()
            results = measure(stage, Messages(**who), options)
    show(results)
    if options.json:
        Path(options.json).write_text(json.dumps(results, indent=1) + "\n")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=5, help="of each saturation run")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--rates", type=int, nargs="*", default=[50, 300, 1000])
    parser.add_argument("--json", help="write the figures here as well")
    return parser.parse_args()


def measure(stage: Stage, messages: Messages, options: argparse.Namespace) -> dict[str, Any]:
    load_before = os.getloadavg()[0]
    results: dict[str, Any] = {
        "machine": machine(),
        "load_before": load_before,
        "saturation": {},
        "latency": {},
    }
    provider = {"provider": stage.provider_pid}
    runs = {
        "provider, straight": (stage.provider_port, provider),
        "nginx as bare proxy": (stage.proxy_port, provider | {"proxy": stage.proxy_pid}),
        "gateway, all of it": (
            stage.gateway_port,
            provider | {"gateway": stage.gateway_pid, "nats": stage.nats_pid},
        ),
    }
    for name, (port, pids) in runs.items():
        saturate(port, sign(stage, messages, 1), pids, 1, options.connections)  # warm
        batch = sign(stage, messages, options.seconds)
        found = saturate(port, batch, pids, options.seconds, options.connections)
        results["saturation"][name] = as_figures(found)
    for rate in options.rates:
        results["latency"][rate] = {
            name: latency(port, messages, rate)
            for name, port in (("straight", stage.provider_port), ("gateway", stage.gateway_port))
        }
    results["collector"] = child("collect.py")
    return results


def sign(stage: Stage, messages: Messages, seconds: int) -> Path:
    """Signed at once before the run, for a message is good for a minute only."""
    file = stage.home / "messages"
    with file.open("wb") as out:
        for _ in range(RATE_GUESS * seconds):
            out.write(messages.next() + b"\0")
    return file


def as_figures(found: Saturation) -> dict[str, float]:
    return {"calls_per_second": found.calls_per_second, **found.microseconds}


def latency(port: int, messages: Messages, rate: int) -> dict[str, float]:
    uvloop.run(steady(port, messages, rate, 1))
    took = uvloop.run(steady(port, messages, rate, 6))
    return {"p50": quantile(took, 0.5), "p99": quantile(took, 0.99), "max": took[-1]}


def child(program: str, *arguments: str) -> dict[str, Any]:
    """Run one of the programs beside this one; what it prints is JSON."""
    command = [sys.executable, str(Path(__file__).with_name(program)), *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def machine() -> str:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return f"{os.cpu_count()} cores, {model}, Python {platform.python_version()}"


def show(results: dict[str, Any]) -> None:
    print(f"\n{results['machine']}; load before the run {results['load_before']:.1f}\n")
    saturation = results["saturation"]
    bare = saturation["nginx as bare proxy"]["calls_per_second"]
    print("| path, saturated | calls/s | of nginx | CPU µs per call |")
    print("|---|---:|---:|---|")
    for name, found in saturation.items():
        spent = ", ".join(f"{k} {v:.0f}" for k, v in found.items() if k != "calls_per_second")
        rate = found["calls_per_second"]
        print(f"| {name} | {rate:,.0f} | {rate / bare:.0%} | {spent} |")
    print(
        "\n| calls/s, steady | straight p50 / p99 ms | gateway p50 / p99 ms | added p50 / p99 ms |"
    )
    print("|---:|---|---|---|")
    for rate, found in results["latency"].items():
        a, b = found["straight"], found["gateway"]
        print(
            f"| {rate} | {a['p50']:.2f} / {a['p99']:.2f} | {b['p50']:.2f} / {b['p99']:.2f} "
            f"| {b['p50'] - a['p50']:.2f} / {b['p99'] - a['p99']:.2f} |"
        )
    kept = results["collector"]
    print(
        f"\ncollector: {kept['records_per_second']:,.0f} records/s, "
        f"{kept['microseconds']:.0f} µs of its own CPU each ({kept['records']:,} records)\n"
    )


if __name__ == "__main__":
    main()
