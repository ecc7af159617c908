"""`python -m panjereh.runtime.serve <site>`: one web process of one site."""

import os
import sys

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.mt import MTServer

from panjereh.runtime.environment import SITES, environment
from panjereh.runtime.metrics import SITE, serve_metrics
from panjereh.runtime.production import refuse_unfit_production

# Threads wait for the database and the exchange most of the time; more of them than this would
# only queue at the interpreter lock.
THREADS = 8


class SingleProcessServer(MTServer):
    """Granian with its worker as a thread of this very process.

    Granian's usual parent process would cost memory and stand between the supervisor and its
    child. WSGI threads take the interpreter lock by themselves, so the check below, written for
    free-threaded asynchronous workers, has nothing to guard here.
    """

    def _check_gil(self) -> None:
        pass


def main(arguments: list[str]) -> None:
    site = arguments[0] if arguments else ""
    if site not in SITES:
        raise SystemExit(f"unknown site {site!r}; sites are {', '.join(SITES)}")
    refuse_unfit_production(environment())
    serve_gateway() if site == "exchange" else serve_pages(site)


def serve_gateway() -> None:
    from panjereh.exchange.gateway.serve import run  # noqa: PLC0415  # the gateway has no Django

    run(environment())


def serve_pages(site: str) -> None:
    threads = int(os.environ.setdefault("PANJEREH_THREADS", str(THREADS)))
    # Read by environment.database: connections of this process come out of a bounded pool.
    os.environ.setdefault("PANJEREH_POOL", str(threads))
    os.environ["DJANGO_SETTINGS_MODULE"] = f"panjereh.runtime.settings.{site}"
    environment.cache_clear()
    env = environment()
    serve_metrics(env, site, SITE)
    SingleProcessServer(
        "panjereh.runtime.wsgi:application",
        address=env.get("BIND", "127.0.0.1"),
        port=env.port(site),
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=threads,
        runtime_threads=1,
        runtime_blocking_threads=2,
        backlog=1024,
        websockets=False,
        log_level=LogLevels.error,
    ).serve()


if __name__ == "__main__":
    main(sys.argv[1:])
