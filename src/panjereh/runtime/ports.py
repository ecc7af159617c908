"""Ports for servers about to start: on this machine ours alone until this process ends."""

import random
import socket
from contextlib import ExitStack

# Below those that the kernel lends to outgoing calls: a caller of a server that was killed must not
# be given its port, or the server could not come back.
LOWEST, HIGHEST = 12_000, 32_000
TRIES = 1_000


class NoFreePorts(RuntimeError):
    pass


def free_port() -> int:
    return free_ports(1)


def free_ports(count: int) -> int:
    """The first of so many neighbouring ports. Raises `NoFreePorts`."""
    for _ in range(TRIES):
        first = random.randrange(LOWEST, HIGHEST - count + 1)  # noqa: S311 -- no secret
        if _claim(range(first, first + count)):
            return first
    raise NoFreePorts(f"no {count} neighbouring ports are free between {LOWEST} and {HIGHEST}")


def _claim(ports: range) -> bool:
    """Between asking and listening a port belongs to nobody, so the name of an abstract socket
    stands for it: the kernel gives each name once and takes it back when the process ends."""
    with ExitStack() as claims:
        names = [claims.enter_context(socket.socket(socket.AF_UNIX)) for _ in ports]
        try:
            for name, port in zip(names, ports, strict=True):
                name.bind(f"\0panjereh-port-{port}")
                socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            return False
        for name in names:
            name.detach()  # nobody closes it any more
    return True
