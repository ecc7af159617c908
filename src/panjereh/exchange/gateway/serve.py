"""Start a gateway: `run(env)` blocks until the process is told to stop."""

import asyncio
import gc
import logging
import os
import signal
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import uvloop

from panjereh.exchange.approvals.keys import secretariat_public_keys
from panjereh.exchange.feeds.tokens import SECRET_NAME as LISTS_SECRET
from panjereh.exchange.gateway.attest import Notary
from panjereh.exchange.gateway.boxes import Boxes
from panjereh.exchange.gateway.breaker import Breakers
from panjereh.exchange.gateway.caller import FUTURE_SECONDS, Doorkeeper, Memory, Receiver, Replays
from panjereh.exchange.gateway.calls import MAX_IN_FLIGHT
from panjereh.exchange.gateway.channels import NoCertificate, ServerIdentity
from panjereh.exchange.gateway.door import DOORS
from panjereh.exchange.gateway.health import Health
from panjereh.exchange.gateway.listeners import Address, Listeners
from panjereh.exchange.gateway.mailbox import Mailbox
from panjereh.exchange.gateway.memory import SharedReplays
from panjereh.exchange.gateway.metadata import Metadata
from panjereh.exchange.gateway.pressure import Pressure
from panjereh.exchange.gateway.provider import Providers
from panjereh.exchange.gateway.quota import Quotas
from panjereh.exchange.gateway.quota_share import QuotaShare
from panjereh.exchange.gateway.reception import Gateway
from panjereh.exchange.gateway.recorder import Recorder
from panjereh.exchange.gateway.seals import Seals
from panjereh.exchange.gateway.snapshot import STALE_SECONDS, PolicyKeeper
from panjereh.exchange.gateway.subjects import Pseudonyms
from panjereh.exchange.gateway.watched import serve_metrics, watched
from panjereh.exchange.gateway.wire import House
from panjereh.exchange.gateway.workers import run_workers

log = logging.getLogger("panjereh.exchange.gateway")

# Calls leave hardly any garbage that only a search would find, and a search holds up all of them.
GARBAGE = (50_000, 20, 100)


class Environment(Protocol):
    """What the gateway needs to know of its surroundings (runtime.environment has it)."""

    @property
    def keys(self) -> Path: ...
    @property
    def nats_servers(self) -> list[str]: ...
    @property
    def nats_replicas(self) -> int: ...
    @property
    def evidence_origin(self) -> str: ...
    @property
    def messages_url(self) -> str: ...
    @property
    def gateways(self) -> int: ...
    @property
    def gateway_authorities(self) -> frozenset[str]: ...
    def get(self, name: str, default: str = "") -> str: ...
    def door_port(self, door: str) -> int: ...
    def database_url(self, floor: str) -> str: ...
    def secret(self, name: str) -> str: ...


def run(env: Environment) -> None:
    line = "{asctime} {levelname} {name} {message}"
    logging.basicConfig(level=logging.INFO, format=line, style="{")
    name = env.get("GATEWAY", f"{socket.gethostname()}-{os.getpid()}")
    if (workers := int(env.get("GATEWAY_WORKERS", "1"))) == 1:
        uvloop.run(serve(env, Birth(name, _opens_at(), Replays())))
        return
    # Their memory outlives a worker, so one that is started anew may open where the first did.
    opens_at, replays = _opens_at(), SharedReplays()
    run_workers(
        workers,
        lambda worker: uvloop.run(
            serve(env, Birth(f"{name}-{worker}", opens_at, replays, shared=True))
        ),
    )


def _opens_at() -> int:
    """Everything that a gateway before this one may have accepted was signed before this second,
    on whatever clock: so nothing signed before it is accepted, and nobody is served until then."""
    return int(time.time() + FUTURE_SECONDS) + 1


@dataclass(frozen=True)
class Birth:
    """What a gateway is given when it starts. `shared`: it is one of several workers."""

    name: str
    opens_at: int
    replays: Memory
    shared: bool = False


async def serve(env: Environment, birth: Birth) -> None:
    """Serve until SIGTERM or SIGINT; calls that are under way are answered first."""
    gc.set_threshold(*GARBAGE)
    stale = float(env.get("POLICY_STALE_SECONDS", str(STALE_SECONDS)))
    keeper = PolicyKeeper(env.database_url("exchange"), env.secret(LISTS_SECRET), stale)
    quotas = Quotas()
    share = QuotaShare(env.nats_servers, quotas, env.nats_replicas)
    recorder = Recorder(env.nats_servers, env.nats_replicas)
    seals = _seals(env)
    providers = Providers(env.keys)
    pressure = Pressure()
    gateway = build_gateway(env, birth, keeper, recorder, providers, seals, quotas, pressure)
    listeners = Listeners(House(gateway.respond), _addresses(env), _identity(env))
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signal_number, listeners.stop)
    # Should keeper or recorder ever fail, the group ends the server too: no gateway without them.
    async with asyncio.TaskGroup() as group:
        sealing = seals.run(lambda: keeper.policy)
        beside = (keeper.run(), recorder.run(), sealing, share.run(), pressure.run())
        background = [group.create_task(task) for task in beside]
        await listeners.serve(shared=birth.shared)
        for task in background:
            task.cancel()
    await providers.close()


def _addresses(env: Environment) -> dict[str, Address]:
    """The two buses may stand in two networks: PANJEREH_BIND_GSB and PANJEREH_BIND_PGSB."""
    everywhere = env.get("BIND", "127.0.0.1")
    hosts = {bus: env.get(f"BIND_{bus.upper()}", everywhere) for bus in ("gsb", "pgsb")}
    return {name: Address(hosts[door.bus], env.door_port(name)) for name, door in DOORS.items()}


def _identity(env: Environment) -> ServerIdentity | None:
    try:
        return ServerIdentity(env.keys)
    except NoCertificate as missing:
        log.warning("exchange.channel.no-certificate folder=%s", missing)
        return None


def _seals(env: Environment) -> Seals:
    """In production a grant for test data opens nothing."""
    stages = {"production"} if env.get("PROFILE") == "production" else {"production", "sandbox"}
    keys = secretariat_public_keys(env.keys)
    return Seals(env.database_url("exchange"), keys, frozenset(stages))


def build_gateway(
    env: Environment,
    birth: Birth,
    keeper: PolicyKeeper,
    recorder: Recorder,
    providers: Providers,
    seals: Seals,
    quotas: Quotas,
    pressure: Pressure,
) -> Gateway:
    receiver = Receiver(env.gateway_authorities, alone=env.gateways == 1)
    doorkeeper = Doorkeeper(birth.opens_at, birth.replays, receiver)
    breakers = Breakers()
    mailbox = Mailbox(env.messages_url, providers)
    calls = watched(env)(
        name=birth.name[:60],
        keeper=keeper,
        doorkeeper=doorkeeper,
        quotas=quotas,
        breakers=breakers,
        notary=Notary(env.keys),
        mailbox=mailbox,
        providers=providers,
        recorder=recorder,
        seals=seals,
        pseudonyms=Pseudonyms(env.secret("exchange-subject").encode()),
        log_origin=env.evidence_origin,
        pressure=pressure,
        max_in_flight=int(env.get("GATEWAY_MAX_CALLS", str(MAX_IN_FLIGHT))),
    )
    serve_metrics(env, calls, _metrics_port(env, birth))
    health = Health(birth.opens_at, keeper, recorder, breakers)
    boxes = Boxes(keeper, doorkeeper, quotas, mailbox)
    return Gateway(calls, Metadata(keeper, doorkeeper, providers), health, boxes)


def _metrics_port(env: Environment, birth: Birth) -> int:
    """One for each worker, counted from PANJEREH_METRICS: 9464, 9465, …"""
    worker = int(birth.name.rpartition("-")[2]) if birth.shared else 0
    return int(env.get("METRICS", "0")) + worker
