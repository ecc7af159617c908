"""PostgreSQL and NATS out of wheels, for the sandbox and the tests. Production never runs them."""

import errno
import hashlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import psycopg

from panjereh.runtime.binaries import EmbeddedFailed, reachable_binaries, roots_place
from panjereh.runtime.environment import FLOORS, NATS_NODES
from panjereh.runtime.processes import (
    Account,
    command_line,
    may_enter,
    start_child,
    unprivileged_account,
)

__all__ = ["Cluster", "EmbeddedFailed", "Nats", "Postgres", "nats_nodes"]

LONGEST_SOCKET_PATH = 107 - len("/.s.PGSQL.5432")

# Sized for a laptop that also runs everything else.
SERVER_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "64MB",
    "max_connections": "200",
    "work_mem": "4MB",
    "maintenance_work_mem": "64MB",
    "io_method": "sync",
    "jit": "off",
    "max_wal_size": "512MB",
    "timezone": "Asia/Tehran",
    "logging_collector": "off",
    "max_logical_replication_workers": "0",
}
DISPOSABLE_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "300",
}


class Postgres:
    """A PostgreSQL of our own: Unix socket only, checksums on, C.UTF-8.

    Root may not run PostgreSQL, so under root it runs as `nobody`; `<home>/postgres/data` and
    `run` are then links to folders that `nobody` reaches. `run` is a link as well when the
    home's name is too long for a socket.
    """

    stop_signal = signal.SIGINT  # the fast shutdown: ends sessions, writes a checkpoint

    def __init__(self, home: Path, durable: bool = True) -> None:
        self.folder = home.absolute() / "postgres"
        self.durable = durable
        self.account: Account | None = unprivileged_account()
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def data_folder(self) -> Path:
        return (self.folder / "data").resolve()

    @property
    def socket_folder(self) -> Path:
        return (self.folder / "run").resolve()

    @cached_property
    def binaries(self) -> Path:
        return reachable_binaries(self.account)

    @property
    def command(self) -> list[str]:
        settings = {**SERVER_SETTINGS, **({} if self.durable else DISPOSABLE_SETTINGS)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        server = str(self.binaries / "postgres")
        return [server, "-D", str(self.data_folder), "-k", str(self.socket_folder), *options]

    @property
    def environment(self) -> Mapping[str, str]:
        return {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}

    def prepare(self) -> None:
        """Make the folders and the cluster on first use; clear what a kill -9 left behind."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._place("data", self.folder / "data")
        self._place("run", self._socket_place())
        if not (self.data_folder / "PG_VERSION").exists():
            self._create_cluster()
        self._clear_stale_pid()

    def _socket_place(self) -> Path:
        place = self.folder / "run"
        if len(os.fsencode(place)) <= LONGEST_SOCKET_PATH:
            return place
        return Path("/tmp") / f"pjr-{os.geteuid()}-{_digest(self.folder)}"  # noqa: S108

    def _place(self, name: str, place: Path) -> None:
        """Have folder `name`: at `place`, or where the account can reach it."""
        here = self.folder / name
        if self.account and not may_enter(self.folder, self.account):
            place = self._outside_place() / name
        if not here.is_symlink() and not here.exists() and place != here:
            here.symlink_to(place)
        folder = here.resolve()
        folder.mkdir(exist_ok=True, mode=0o700)
        if self.account:
            os.chown(folder, self.account.uid, self.account.gid)
        folder.chmod(0o700)

    def _outside_place(self) -> Path:
        """A folder of a new name for each new home: old data never meets new keys."""
        if (self.folder / "data").is_symlink():
            return self.data_folder.parent
        place = Path(tempfile.mkdtemp(prefix="home-", dir=roots_place()))
        place.chmod(0o755)
        return place

    def _create_cluster(self) -> None:
        for leftover in self.data_folder.iterdir():  # of an initdb that was interrupted
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
        done = subprocess.run(
            [
                str(self.binaries / "initdb"),
                f"--pgdata={self.data_folder}",
                "--username=postgres",
                "--auth=trust",  # the socket's folder is 0700: who enters it is us
                "--encoding=UTF8",
                "--locale=C.UTF-8",  # under plain C the trigrams of Persian words are empty
                "--data-checksums",
                *([] if self.durable else ["--no-sync"]),
            ],
            user=self.account.uid if self.account else None,
            group=self.account.gid if self.account else None,
            extra_groups=[] if self.account else None,
            cwd="/",
            env=dict(self.environment),
            capture_output=True,
            text=True,
            check=False,
        )
        if os.strerror(errno.ENOSPC) in done.stderr:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.data_folder))
        if done.returncode:
            raise EmbeddedFailed(f"initdb failed: {_last_line(done.stderr or done.stdout)}")

    def _clear_stale_pid(self) -> None:
        """A pid file may name a dead process, a stranger, or a postmaster without its parent."""
        pid_file = self.data_folder / "postmaster.pid"
        with suppress(FileNotFoundError, ValueError, IndexError):
            pid = int(pid_file.read_text().split()[0])
            if str(self.data_folder) in command_line(pid):
                os.kill(pid, self.stop_signal)
                _wait(lambda: not command_line(pid), seconds=30)
            pid_file.unlink(missing_ok=True)

    def is_ready(self) -> bool:
        return bool(self.version())

    def version(self) -> str:
        """The server's version; empty when it does not answer."""
        try:
            with self._connect("postgres") as wire:
                return str(wire.info.parameter_status("server_version"))
        except psycopg.OperationalError:
            return ""

    def create_databases(self) -> None:
        with self._connect("postgres") as wire:
            there = {row[0] for row in wire.execute("SELECT datname FROM pg_database")}
            for floor in FLOORS:
                if f"panjereh_{floor}" not in there:
                    wire.execute(
                        psycopg.sql.SQL("CREATE DATABASE {}").format(
                            psycopg.sql.Identifier(f"panjereh_{floor}")
                        )
                    )

    def _connect(self, database: str) -> "psycopg.Connection[tuple[str, ...]]":
        return psycopg.connect(
            dbname=database,
            user="postgres",
            host=str(self.socket_folder),
            connect_timeout=2,
            autocommit=True,
        )

    def start(self) -> None:
        """Start it and return when it answers and has a database for every floor."""
        self.prepare()
        log = self.folder / "server.log"
        with log.open("ab") as output:
            self._child = start_child(
                self.command,
                output=output,
                account=self.account,
                environment=self.environment,
                death_signal=self.stop_signal,
            )
        child = self._child
        _wait(lambda: child.poll() is not None or self.is_ready(), seconds=60)
        if child.poll() is not None:
            raise EmbeddedFailed(f"PostgreSQL ended: {_last_line(log.read_text(errors='replace'))}")
        self.create_databases()

    def stop(self) -> None:
        if self._child and self._child.poll() is None:
            self._child.send_signal(self.stop_signal)
            self._child.wait(60)
        self._child = None
        if not self.durable:
            self.remove()

    def remove(self) -> None:
        """Delete data and socket, also where they lie outside the home folder."""
        for folder in {self.data_folder, self.socket_folder}:
            shutil.rmtree(folder, ignore_errors=True)
        outside = self.data_folder.parent
        shutil.rmtree(self.folder, ignore_errors=True)
        if outside != self.folder:
            shutil.rmtree(outside, ignore_errors=True)


@dataclass(frozen=True)
class Cluster:
    """Which of several servers it is, and where they find one another."""

    node: int
    route_ports: tuple[int, ...]


class Nats:
    """A NATS server with JetStream on loopback; an acknowledged message is on the disk, in a
    cluster on the disks of most servers."""

    stop_signal = signal.SIGTERM
    account: Account | None = None

    def __init__(
        self,
        home: Path,
        port: int,
        monitor_port: int | None = None,
        durable: bool = True,
        cluster: Cluster | None = None,
    ) -> None:
        self.service = f"nats-{cluster.node}" if cluster else "nats"
        self.folder = home.absolute() / self.service
        self.port = port
        self.monitor_port = monitor_port
        self.durable = durable
        self.cluster = cluster
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def name(self) -> str:
        return f"panjereh-{_digest(self.folder)}"

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    @property
    def command(self) -> list[str]:
        return [str(Path(sys.executable).with_name("nats-server")), "-c", str(self.configuration)]

    @property
    def environment(self) -> Mapping[str, str]:
        return {"PATH": os.defpath, "GOMEMLIMIT": "96MiB"}

    @property
    def configuration(self) -> Path:
        return self.folder / "nats.conf"

    def prepare(self) -> None:
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        self.folder.mkdir(exist_ok=True, mode=0o700)  # events hold personal data
        monitor = f"http: 127.0.0.1:{self.monitor_port}\n" if self.monitor_port else ""
        interval = "always" if self.durable else "2m"
        self.configuration.write_text(
            f"server_name: {self.name}\nlisten: 127.0.0.1:{self.port}\n{monitor}"
            f"jetstream {{\n  store_dir: {json.dumps(str(self.folder / 'store'))}\n"
            f"  max_memory_store: 64MB\n  max_file_store: 8GB\n  sync_interval: {interval}\n}}\n"
            f"{self._cluster_block()}"
        )

    def _cluster_block(self) -> str:
        if self.cluster is None:
            return ""
        ports = self.cluster.route_ports
        routes = ", ".join(f"nats-route://127.0.0.1:{port}" for port in ports)
        return (
            f"cluster {{\n  name: panjereh-{_digest(self.folder.parent)}\n"
            f"  listen: 127.0.0.1:{ports[self.cluster.node - 1]}\n  routes: [{routes}]\n}}\n"
        )

    def is_ready(self) -> bool:
        """It greets once JetStream has read its store; in a cluster it has a leader, too."""
        return bool(self.version()) and (self.cluster is None or self._knows_a_leader())

    def _knows_a_leader(self) -> bool:
        wire = http.client.HTTPConnection("127.0.0.1", self.monitor_port, timeout=1)
        try:
            wire.request("GET", "/healthz")
            return wire.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            wire.close()

    def version(self) -> str:
        """The version in our server's greeting; empty when it, or a stranger, does not answer."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as wire:
                greeting = json.loads(wire.recv(4096).removeprefix(b"INFO "))
        except (OSError, ValueError):
            return ""
        return str(greeting["version"]) if greeting.get("server_name") == self.name else ""

    def start(self) -> None:
        self.prepare()
        log = self.folder / "server.log"
        with log.open("ab") as output:
            self._child = start_child(self.command, output=output, environment=self.environment)
        child = self._child
        _wait(lambda: child.poll() is not None or self.is_ready(), seconds=30)
        if child.poll() is not None:
            raise EmbeddedFailed(f"NATS ended: {_last_line(log.read_text(errors='replace'))}")

    def stop(self) -> None:
        if self._child and self._child.poll() is None:
            self._child.send_signal(self.stop_signal)
            self._child.wait(30)
        self._child = None


def nats_nodes(home: Path, base_port: int, count: int) -> list[Nats]:
    """The one server of a home, or the three of a cluster."""
    offsets = NATS_NODES[:count]
    if count == 1:
        client, monitor, _ = offsets[0]
        return [Nats(home, base_port + client, base_port + monitor)]
    routes = tuple(base_port + route for *_, route in offsets)
    return [
        Nats(home, base_port + client, base_port + monitor, cluster=Cluster(node, routes))
        for node, (client, monitor, _) in enumerate(offsets, 1)
    ]


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "it said nothing"


def _wait(done: Callable[[], bool], *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise EmbeddedFailed(f"an embedded service did not answer within {seconds:.0f} s")
        time.sleep(0.05)
