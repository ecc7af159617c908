"""`panjereh sandbox --people N`: give the sandbox another number of people."""

import contextlib
import time
from collections.abc import Iterator

from panjereh.runtime.embedded import Postgres
from panjereh.runtime.environment import Environment
from panjereh.runtime.home import Home, HomeRefused
from panjereh.runtime.preparation import floor_steps
from panjereh.runtime.sandbox_keys import make_sandbox_keys
from panjereh.runtime.steps import run_steps


def populate(env: Environment, *, people: int) -> float:
    """Seed every floor for that many people. Returns the seconds it took."""
    if env.production:
        raise HomeRefused("Production has no sandbox people.")
    home = Home(env.home)
    home.prepare()
    with _database(env, home):
        make_sandbox_keys(env.home)
        began = time.monotonic()
        run_steps(env, floor_steps(env, people=people), watch=lambda: None)
    (env.home / "people").write_text(str(people))
    return time.monotonic() - began


@contextlib.contextmanager
def _database(env: Environment, home: Home) -> Iterator[None]:
    """The running platform's, or our own for the time being."""
    if home.is_locked():
        yield
        return
    with home.locked():
        home.end_leftovers()
        postgres = Postgres(env.home)
        postgres.start()
        try:
            yield
        finally:
            postgres.stop()
