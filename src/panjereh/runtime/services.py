"""The processes of Panjereh, as a table for the supervisor."""

import os
import sys
from functools import partial

from panjereh.runtime.embedded import Nats, Postgres, nats_nodes
from panjereh.runtime.environment import DOORS, SECOND_GATEWAY, SITES, SMSC_OFFSET, Environment
from panjereh.runtime.service import Service, accepts, answers_health, has_reported

GROUND, FLOORS_TIER, EDGE = 0, 1, 2

# Nobody above these is needed for them to answer; windows wait on them, so they stop last.
INNER_SITES = ("exchange", "registries", "national")
EDGE_SITES = ("sso", "agency", "window", "operator", "phone")
WORKERS = ("registries", "national", "phone", "sso", "agency", "window", "operator")


def postgres_of(env: Environment) -> Postgres:
    return Postgres(env.home)


def nats_of(env: Environment) -> list[Nats]:
    return nats_nodes(env.home, env.base_port, env.nodes)


def embedded_services(env: Environment) -> list[Service]:
    if env.production:
        return []
    postgres = postgres_of(env)
    return [
        Service(
            name="postgres",
            command=lambda: postgres.command,
            ready=lambda _pid: postgres.is_ready(),
            tier=GROUND,
            address=str(env.home / "postgres" / "run"),
            environment=postgres.environment,
            account=postgres.account,
            prepare=postgres.prepare,
            stop_signal=postgres.stop_signal,
        ),
        *(_nats(server) for server in nats_of(env)),
    ]


def _nats(server: Nats) -> Service:
    return Service(
        name=server.service,
        command=lambda: server.command,
        ready=lambda _pid: server.is_ready(),
        tier=GROUND,
        address=server.url,
        environment=server.environment,
        prepare=server.prepare,
    )


def floor_services(env: Environment) -> list[Service]:
    hidden = {"phone"} if env.production else set()
    inner = [_site(env, name, FLOORS_TIER) for name in INNER_SITES]
    if env.nodes > 1 and not env.production:
        inner.append(_second_gateway(env))
    edge = [_site(env, name, EDGE) for name in EDGE_SITES if name not in hidden]
    workers = [_worker(env, name) for name in WORKERS if name not in hidden]
    return [*inner, *edge, *workers]


def platform_services(env: Environment) -> list[Service]:
    return [*embedded_services(env), *floor_services(env)]


def ports_of(env: Environment) -> dict[int, str]:
    """Every port the platform opens on this machine, with its user."""
    ports = {env.port(site): site for site in SITES if not (env.production and site == "phone")}
    ports |= {env.door_port(door): f"the exchange ({door})" for door in DOORS if door != "gsb"}
    if not env.production:
        ports |= {
            env.base_port + SMSC_OFFSET: "the SMSC of the virtual phone",
            **_ports_of_nats(env),
        }
    if env.nodes > 1:
        second = {p + SECOND_GATEWAY for p in (env.door_port(door) for door in DOORS)}
        ports |= dict.fromkeys(second, "the second gateway of the exchange")
    return ports


def _ports_of_nats(env: Environment) -> dict[int, str]:
    nodes = nats_of(env)
    ports = {node.port: node.service for node in nodes}
    ports |= {node.monitor_port or 0: f"the monitor of {node.service}" for node in nodes}
    routes = (port for node in nodes if node.cluster for port in node.cluster.route_ports)
    return ports | dict.fromkeys(routes, "the cluster of nats")


def child_environment(env: Environment, **more: str) -> dict[str, str]:
    """What a child inherits: our variables, with home and port spelled out."""
    return {
        **os.environ,
        **env.values,
        "PANJEREH_HOME": str(env.home),
        "PANJEREH_PORT": str(env.base_port),
        "PANJEREH_NODES": str(env.nodes),
        "PYTHONUNBUFFERED": "1",
        "MALLOC_ARENA_MAX": "2",  # glibc would keep eight arenas per core for threads that idle
        **more,
    }


def python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def _site(env: Environment, site: str, tier: int) -> Service:
    return Service(
        name=site,
        command=partial(python, "panjereh.runtime.serve", site),
        ready=answers_health(env.port(site)),
        tier=tier,
        address=env.public_urls[site],
        health_port=env.port(site),
        environment=child_environment(env),
    )


def _second_gateway(env: Environment) -> Service:
    port = env.port("exchange") + SECOND_GATEWAY
    return Service(
        name="exchange-2",
        command=partial(python, "panjereh.runtime.serve", "exchange"),
        ready=answers_health(port),
        tier=FLOORS_TIER,
        address=f"http://exchange.localhost:{port}",
        health_port=port,
        environment=child_environment(env, PANJEREH_GATEWAY_NODE="2"),
    )


def _worker(env: Environment, site: str) -> Service:
    name = f"{site}-worker"
    ready_file = env.home / "run" / f"{name}.ready"
    return Service(
        name=name,
        command=partial(python, "panjereh.runtime.work", site),
        ready=accepts(env.smsc[1]) if site == "phone" else has_reported(ready_file),
        tier=FLOORS_TIER,
        environment=child_environment(env, PANJEREH_READY_FILE=str(ready_file)),
        prepare=partial(ready_file.unlink, missing_ok=True),
    )
