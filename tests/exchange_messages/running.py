"""The processes of the tests: store, courier, receiver."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from exchange.world import GatewayProcess, World

from panjereh.exchange import actions
from panjereh.exchange.messages.api import SYSTEM as STORE
from panjereh.exchange.models import Service, System
from panjereh.runtime.ports import free_port

HERE = Path(__file__).parent
SERVICE = "news"


def wait_for_port(port: int, log: Path) -> None:
    deadline = time.monotonic() + 20
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert time.monotonic() < deadline, log.read_text()[-2000:]
        time.sleep(0.05)


class Program:
    """A Python program of this folder, run as a process."""

    def __init__(self, name: str, log: Path, environment: Mapping[str, str]) -> None:
        self._name, self.log, self._environment = name, log, environment
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, str(HERE / self._name)],
                env={**os.environ, **self._environment},
                stdout=output,
                stderr=output,
            )

    def kill(self) -> None:
        """As the power going out: no chance to tidy up."""
        assert self._process
        self._process.kill()
        self._process.wait()
        self._process = None

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(20)
            self._process = None


class Store(Program):
    def __init__(self, home: Path, database_url: str) -> None:
        (home / "keys" / "providers" / f"{STORE}.hmac").write_text("ab" * 32)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/{STORE}"
        super().__init__(
            "store.py",
            home / "store.log",
            {
                "PANJEREH_HOME": str(home),
                "PANJEREH_EXCHANGE_DATABASE_URL": database_url,
                "STORE_PORT": str(self.port),
            },
        )

    def __enter__(self) -> "Store":
        self.start()
        wait_for_port(self.port, self.log)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class Courier(Program):
    def __init__(self, home: Path, database_url: str, nats_url: str) -> None:
        environment = {
            "PANJEREH_HOME": str(home),
            "PANJEREH_EXCHANGE_DATABASE_URL": database_url,
            "PANJEREH_NATS_URL": nats_url,
        }
        super().__init__("courier.py", home / "courier.log", environment)

    def __enter__(self) -> "Courier":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


@dataclass
class Receiver:
    """`mode` says how it behaves; `lines` what came and what it answered, in their order."""

    world: World
    gateway: GatewayProcess
    folder: Path
    database_url: str
    port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        self.system: System = self.world.new_system(
            base_url=f"http://127.0.0.1:{self.port}/receiver"
        ).system
        code = self.system.code
        keys = self.world.home / "keys"
        (keys / "providers" / f"{code}.hmac").write_text("cd" * 32)
        seed = self.world.keys[self.system.x_road_id].encode().hex()
        (keys / "systems" / f"{code}.ed25519").write_text(seed)
        self.service: Service = actions.register_service(
            actor=self.world.operator,
            system=self.system,
            code=SERVICE,
            title={"fa": "خبر", "en": "News"},
        )
        self.behave("ok")
        self._program = Program(
            "receiver.py",
            self.folder / "receiver.log",
            {
                "RECEIVER": code,
                "RECEIVER_ID": self.system.x_road_id,
                "RECEIVER_PORT": str(self.port),
                "RECEIVER_FOLDER": str(self.folder),
                "RECEIVER_KEYS": str(keys),
                "RECEIVER_DATABASE": self.database_url,
                "RECEIVER_EXCHANGE": f"http://127.0.0.1:{self.gateway.port}",
            },
        )

    def __enter__(self) -> "Receiver":
        self.gateway.catch_up()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._program.stop()

    def start(self) -> None:
        self._program.start()
        wait_for_port(self.port, self._program.log)

    def stop(self) -> None:
        self._program.stop()

    def behave(self, mode: str) -> None:
        """Whole or not at all, for it is read at any moment."""
        draft = self.folder / "mode.next"
        draft.write_text(mode)
        draft.replace(self.folder / "mode")

    @property
    def lines(self) -> list[list[str]]:
        file = self.folder / "lines"
        return [line.split() for line in file.read_text().splitlines()] if file.exists() else []

    def of(self, kind: str) -> list[list[str]]:
        return [line[1:] for line in self.lines if line[0] == kind]
