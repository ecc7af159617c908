"""Three servers of the stream, two gateways, the worker and PostgreSQL, each to be killed apart."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nats
from django.db import connections
from exchange.world import GatewayProcess, World, suite_database_url

from panjereh.exchange.records import DURABLE, STREAM
from panjereh.runtime.embedded import Nats, Postgres, nats_nodes
from panjereh.runtime.environment import DOORS
from panjereh.runtime.ports import free_ports

STALE_SECONDS = 4
# What the operator's worker runs, without the rooms that have nothing to do with records.
WORKER = """
from django.conf import settings
from panjereh.runtime import work
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "panjereh.runtime.settings.operator"
settings.WORKER_TASKS = [
    "panjereh.exchange.jobs.collect_records", "panjereh.exchange.evidence.jobs.keep_log"
]
work.main(["operator"])
"""


def wait_for(what: str, done: Callable[[], Any], seconds: float = 30) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := done()):
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.05)
    return found


@dataclass
class Worker:
    """Collector and log, as one process."""

    home: Path
    environment: dict[str, str]
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        with (self.home / "worker.log").open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", WORKER], env=self.environment, stdout=output, stderr=output
            )

    def kill(self) -> None:
        assert self.process
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        assert self.process
        self.process.terminate()
        self.process.wait(20)


@dataclass
class Cluster:
    home: Path
    postgres: Postgres
    nats: list[Nats]
    gateways: list[GatewayProcess] = field(default_factory=list)
    worker: Worker | None = None
    world: World | None = None

    @classmethod
    def of(cls, home: Path) -> "Cluster":
        return cls(home, Postgres(home), nats_nodes(home, free_ports(32), 3))

    @property
    def settings(self) -> dict[str, str]:
        return {
            "PANJEREH_HOME": str(self.home),
            "PANJEREH_NATS_URL": ",".join(server.url for server in self.nats),
            "PANJEREH_NATS_REPLICAS": "3",
            "PANJEREH_GATEWAYS": "2",
            "PANJEREH_EXCHANGE_DATABASE_URL": suite_database_url(),
            "PANJEREH_POLICY_STALE_SECONDS": str(STALE_SECONDS),
        }

    def start_ground(self) -> None:
        for server in self.nats:
            server.prepare()
        for server in self.nats:
            self.revive(server)
        self.postgres.start()
        wait_for("the cluster has a leader", lambda: all(s.is_ready() for s in self.nats))

    def start_exchange(self) -> None:
        """When the database has its tables."""
        urls = self.settings["PANJEREH_NATS_URL"]
        for _ in range(2):
            gateway = GatewayProcess(self.home, suite_database_url(), urls, self.settings)
            gateway.port = free_ports(14) + DOORS["gsb"]
            gateway.start(healthy=False)
            self.gateways.append(gateway)
        self.worker = Worker(self.home, {**os.environ, **self.settings})
        self.worker.start()
        for gateway in self.gateways:
            gateway.wait_until(200, seconds=40)

    def kill_server(self, server: Nats) -> None:
        assert server._child
        server._child.kill()
        server._child.wait()

    def revive(self, server: Nats) -> None:
        """As a supervisor does: it need not find the others at once."""
        with (server.folder / "server.log").open("ab") as output:
            server._child = subprocess.Popen(
                server.command, env=dict(server.environment), stdout=output, stderr=output
            )

    def kill_postgres(self) -> None:
        """The postmaster and all that it has started, at once."""
        child = self.postgres._child
        assert child
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        connections.close_all()

    def unread(self) -> int:
        """Messages of the stream that the collector has not acknowledged yet."""

        async def ask() -> int:
            client = await nats.connect([server.url for server in self.nats])
            try:
                info = await client.jetstream().consumer_info(STREAM, DURABLE)
                return (info.num_pending or 0) + (info.num_ack_pending or 0)
            finally:
                await client.close()

        return asyncio.run(ask())

    def stop(self) -> None:
        if self.worker:
            self.worker.stop()
        for gateway in self.gateways:
            gateway.__exit__()
        connections.close_all()
        self.postgres.stop()
        for server in self.nats:
            server.stop()
