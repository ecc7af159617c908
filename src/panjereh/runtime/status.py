"""What `panjereh status` tells of every service."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass

from panjereh.runtime.embedded import Nats, Postgres, nats_nodes
from panjereh.runtime.home import Home, PlatformState, ServiceState
from panjereh.runtime.processes import is_same_process, memory_bytes
from panjereh.runtime.service import health_answer

MIB = 1024 * 1024
HEADING = (
    f"{'service':<18} {'state':<9} {'health':<16} {'version':<9} {'pid':>7} {'MiB':>5}"
    f" {'start':>7} {'up':>8}  address"
)


@dataclass
class Told:
    """One line of the answer."""

    name: str
    state: str
    health: str
    address: str
    version: str
    pid: int
    memory_mib: int
    start_seconds: float
    uptime_seconds: int
    restarts: int
    message: str


def platform_status(home: Home) -> list[Told]:
    """Empty when nothing runs; a state file without its supervisor is not believed."""
    state = home.read_state()
    if not is_same_process(state.pid, state.pid_started) or not home.is_locked():
        return []
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda service: _tell(home, state, service), state.services))


def platform_memory_mib(home: Home) -> int:
    """Of the supervisor and everything below it."""
    state = home.read_state()
    return memory_bytes(state.pid) // MIB if state.pid else 0


def _tell(home: Home, state: PlatformState, service: ServiceState) -> Told:
    alive = is_same_process(service.pid, service.pid_started)
    health, version = _probe(home, state, service) if alive else ("down", "")
    return Told(
        name=service.name,
        state=service.state,
        health=health,
        address=service.address,
        version=version,
        pid=service.pid if alive else 0,
        memory_mib=memory_bytes(service.pid) // MIB if alive else 0,
        start_seconds=service.start_seconds,
        uptime_seconds=int(time.time() - service.started_at) if alive else 0,
        restarts=service.restarts,
        message=service.message,
    )


def _probe(home: Home, state: PlatformState, service: ServiceState) -> tuple[str, str]:
    """Health in words, and the version when the service tells it."""
    if service.health_port:
        return _site_health(service.health_port)
    if service.name == "postgres":
        return _embedded_health(Postgres(home.folder))
    if service.name.startswith("nats"):
        nodes = nats_nodes(home.folder, state.base_port, 1 if service.name == "nats" else 3)
        return _embedded_health(next(node for node in nodes if node.service == service.name))
    return ("ok" if service.state == "ready" else "starting"), ""


def _embedded_health(service: Postgres | Nats) -> tuple[str, str]:
    version = service.version()
    return ("ok" if version else "does not answer"), version


def _site_health(port: int) -> tuple[str, str]:
    status, body = health_answer(port, seconds=4)  # it waits 2 s for its database before it tells
    try:
        told = json.loads(body)
    except ValueError:
        told = {}
    version = str(told.get("version", ""))
    if status == 200:
        return "ok", version
    return (str(told.get("reason") or "down") if status else "does not answer"), version


def as_json(told: list[Told], *, total_mib: int) -> str:
    return json.dumps(
        {
            "running": bool(told),
            "memory_mib": total_mib,
            "services": [asdict(one) for one in told],
        },
        indent=1,
    )


def as_table(told: list[Told], *, total_mib: int) -> str:
    lines = [HEADING]
    for one in told:
        lines.append(
            f"{one.name:<18} {one.state:<9} {one.health[:16]:<16} {one.version[:9]:<9}"
            f" {one.pid or '-':>7} {one.memory_mib:>5} {one.start_seconds:>6.1f}s"
            f" {_span(one.uptime_seconds):>8}  {one.address}"
        )
        if one.message:
            lines.append(f"    {one.message.splitlines()[0]}")
    lines.append(f"memory of all, shared pages counted once: {total_mib} MiB")
    return "\n".join(lines)


def _span(seconds: int) -> str:
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02}m" if hours else f"{minutes}m{seconds:02}s"
