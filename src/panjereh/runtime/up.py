"""`panjereh up`: from an empty folder to a running nation, in order, with one supervisor."""

import sys
from collections.abc import Callable

from panjereh.runtime import summary
from panjereh.runtime.environment import Environment
from panjereh.runtime.home import Home, HomeRefused
from panjereh.runtime.preparation import Preparation, Publication
from panjereh.runtime.production import refuse_unfit_production
from panjereh.runtime.progress import Progress
from panjereh.runtime.service import ServiceRefused, port_is_free
from panjereh.runtime.services import (
    EDGE,
    FLOORS_TIER,
    GROUND,
    platform_services,
    ports_of,
    postgres_of,
)
from panjereh.runtime.steps import StepFailed
from panjereh.runtime.supervisor import ServiceFailed, StopRequested, Supervisor

LEAST_PYTHON = (3, 11)


class UpRefused(Exception):
    """The platform cannot start here; the text is one line that says what to do."""


def up(env: Environment, *, progress: Progress, when_ready: Callable[[], None]) -> int:
    """Start everything and watch it until SIGTERM or Ctrl-C. Returns the exit code."""
    home = Home(env.home)
    try:
        check_python(sys.version_info[:2])
        refuse_unfit_production(env)
        home.prepare()
        with home.locked(), home.explained():
            return _up_locked(env, home, progress, when_ready)
    except (HomeRefused, UpRefused, ServiceRefused, StepFailed, ServiceFailed) as refusal:
        progress.say(f"panjereh: {refusal}")
        return 1


def check_python(version: tuple[int, ...]) -> None:
    if version < LEAST_PYTHON:
        found, needed = (".".join(map(str, v)) for v in (version, LEAST_PYTHON))
        raise UpRefused(f"Python {found} is too old: Panjereh needs {needed} or later.")


def _up_locked(
    env: Environment, home: Home, progress: Progress, when_ready: Callable[[], None]
) -> int:
    if left := home.end_leftovers():
        progress.say(f"  ended {left} processes that a killed supervisor left behind")
    check_nodes(env)
    check_ports(env)
    env.nodes_file.write_text(str(env.nodes))
    env.port_file.write_text(str(env.base_port))
    supervisor = Supervisor(platform_services(env), home, progress.say)
    supervisor.state.base_port = env.base_port
    with supervisor.listening():
        try:
            start(env, home, supervisor, progress)
            when_ready()
            supervisor.run()
        except StopRequested:
            progress.say("  stopped before everything was up")
            return 130
        finally:
            with progress.step("Stopping everything"):
                supervisor.stop()
    return 0


def check_nodes(env: Environment) -> None:
    """A home keeps the shape it began with: what waits in the store of one server would be left
    behind by three, and the other way round."""
    if env.nodes not in {1, 3}:
        raise UpRefused("The stream has one server or three: panjereh up --nodes 3")
    begun = {1: env.home / "nats", 3: env.home / "nats-1"}
    other = next((n for n, folder in begun.items() if folder.exists() and n != env.nodes), None)
    if other and not env.production:
        raise UpRefused(
            f"{env.home} was begun with --nodes {other}. Start it so, or choose another folder"
            " with PANJEREH_HOME, or begin anew with `panjereh reset`."
        )


def check_ports(env: Environment) -> None:
    for port, user in ports_of(env).items():
        if not port_is_free(port):
            raise UpRefused(
                f"Port {port}, for {user}, is taken by another program. Stop it, or choose "
                f"other ports: panjereh up --port {env.base_port + 1000}"
                f" (or: make up PORT={env.base_port + 1000})"
            )


def start(env: Environment, home: Home, supervisor: Supervisor, progress: Progress) -> None:
    if not env.production:
        with progress.step("PostgreSQL and NATS"):
            for _ in supervisor.start(GROUND):
                pass
            postgres_of(env).create_databases()
    Preparation(env, supervisor, progress).run()
    # Nobody needs another to come up, so all start at once; they stop from the edge inwards.
    with progress.step("Five floors, sites and workers") as show:
        for name in supervisor.start(FLOORS_TIER, EDGE):
            show(name)
    Publication(env, supervisor, progress).run()
    progress.say(summary.text(env))
