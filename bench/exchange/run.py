"""Measure the gateway beside nginx on the same cores in one run: see README.md."""

import argparse
import json
import os
import platform
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import uvloop
from load import Messages, Saturation, quantile, saturate, steady
from stage import GRANTED, Stage

RATE_GUESS = 14_000  # messages made per second of saturation; the gateway must not run out
STEADY_SECONDS = 6


def main() -> None:
    options = parse()
    with tempfile.TemporaryDirectory(prefix="panjereh-bench-") as name:
        Path(name).chmod(0o755)
        with Stage(Path(name)) as stage:
            provider_url = f"http://127.0.0.1:{stage.provider_port}/provider"
            who = child("furnish.py", provider_url, str(GRANTED))
            stage.open_channel()
            results = Bench(stage, who, options).run()
    show(results)
    if options.json:
        Path(options.json).write_text(json.dumps(results, indent=1) + "\n")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=3, help="of each saturation run")
    parser.add_argument("--rounds", type=int, default=3, help="the one of least CPU is told")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--rates", type=int, nargs="*", default=[300, 1500])
    parser.add_argument("--workers", type=int, nargs="*", default=[1, os.cpu_count() or 1])
    parser.add_argument("--json", help="write the figures here as well")
    return parser.parse_args()


class Bench:
    def __init__(self, stage: Stage, who: dict[str, Any], options: argparse.Namespace) -> None:
        self.stage, self.options = stage, options
        self.signed, self.unsigned = Messages(**who), Messages(**who, signed=False)

    def run(self) -> dict[str, Any]:
        results: dict[str, Any] = {"machine": machine(), "load_before": os.getloadavg()[0]}
        results["saturation"] = dict(self.saturations())
        workers = max(self.options.workers)
        with self.stage.gateway(workers):
            results["latency"] = {rate: self.latencies(rate) for rate in self.options.rates}
        results["steady_workers"] = workers
        results["collector"] = child("collect.py")
        return results

    def saturations(self) -> Iterator[tuple[str, dict[str, float]]]:
        stage, provider = self.stage, {"provider": [self.stage.provider_pid]}
        proxy = provider | {"proxy": [stage.proxy_pid]}
        yield "provider, straight", self.saturate(stage.provider_port, self.signed, provider)
        yield "nginx as bare proxy", self.saturate(stage.proxy_port, self.signed, proxy)
        for workers in self.options.workers:
            with stage.gateway(workers):
                spent = provider | {"gateway": stage.gateway_pids, "nats": [stage.nats_pid]}
                found = self.saturate(stage.gateway_port, self.signed, spent)
                yield f"gateway, signature, workers: {workers}", found
                spent |= {"nginx before it": [stage.channel_pid]}
                found = self.saturate(stage.channel_port, self.unsigned, spent)
                yield f"gateway, mutual TLS, workers: {workers}", found

    def saturate(
        self, port: int, messages: Messages, pids: dict[str, Sequence[int]]
    ) -> dict[str, float]:
        seconds, connections = self.options.seconds, self.options.connections
        file = self.stage.home / "messages"
        saturate(port, messages.write(file, RATE_GUESS), pids, 1, connections)  # warm
        found = []
        for _ in range(self.options.rounds):
            batch = messages.write(file, RATE_GUESS * seconds)
            found.append(saturate(port, batch, pids, seconds, connections))
        return as_figures(min(found, key=lambda one: sum(one.microseconds.values())))

    def latencies(self, rate: int) -> dict[str, dict[str, float]]:
        stage, channel = self.stage, channel_of(self.stage.home / "keys")
        return {
            "straight": self.latency(stage.provider_port, self.unsigned, rate, None),
            "signature": self.latency(stage.gateway_port, self.signed, rate, None),
            "mutual TLS": self.latency(stage.channel_door, self.unsigned, rate, channel),
        }

    def latency(
        self, port: int, messages: Messages, rate: int, channel: ssl.SSLContext | None
    ) -> dict[str, float]:
        for seconds in (1, STEADY_SECONDS):  # the first warms
            batch = [messages.next() for _ in range(rate * seconds)]
            took = uvloop.run(steady(port, batch, rate, channel))
        return {"p50": quantile(took, 0.5), "p99": quantile(took, 0.99), "max": took[-1]}


def channel_of(keys: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=keys / "tls" / "roots.crt")
    context.load_cert_chain(keys / "systems" / "consumer.crt", keys / "systems" / "consumer.key")
    return context


def as_figures(found: Saturation) -> dict[str, float]:
    return {"calls_per_second": found.calls_per_second, **found.microseconds}


def child(program: str, *arguments: str) -> dict[str, Any]:
    """Run one of the programs beside this one; what it prints last is JSON."""
    command = [sys.executable, str(Path(__file__).with_name(program)), *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
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
    print(f"\nsteady, workers: {results['steady_workers']}")
    print("| calls/s | path | p50 ms | p99 ms | max ms | added p50 | added p99 |")
    print("|---:|---|---:|---:|---:|---:|---:|")
    for rate, found in results["latency"].items():
        straight = found["straight"]
        for name, took in found.items():
            added = [took[q] - straight[q] for q in ("p50", "p99")]
            figures = [*took.values(), *added]
            print(f"| {rate} | {name} | " + " | ".join(f"{f:.2f}" for f in figures) + " |")
    kept = results["collector"]
    print(
        f"\ncollector: {kept['records_per_second']:,.0f} records/s, "
        f"{kept['microseconds']:.0f} µs of its own CPU each ({kept['records']:,} records)\n"
    )


if __name__ == "__main__":
    main()
