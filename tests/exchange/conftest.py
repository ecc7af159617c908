"""The exchange under test: a gateway process, a NATS of its own, a provider that can misbehave."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panjereh.runtime.settings.operator")

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import django
import pytest
from pytest_django import DjangoDbBlocker
from support.browser import browser
from support.built import ensure_translations
from support.shared_database import django_db_setup

from panjereh.runtime.embedded import Nats
from panjereh.runtime.ports import free_port

django.setup()  # the helpers below import models

from collecting import Collected  # noqa: E402
from provider import Provider  # noqa: E402
from world import GatewayProcess, World, suite_database_url  # noqa: E402

__all__ = ["browser", "django_db_setup"]
ensure_translations("ui", "sdk", "exchange")
HOME = Path(os.environ["PANJEREH_HOME"])


@pytest.fixture(scope="session")
def nats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nats]:
    server = Nats(tmp_path_factory.mktemp("nats"), free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def provider() -> Iterator[Provider]:
    with Provider() as running:
        yield running


@pytest.fixture(scope="session")
def world(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, provider: Provider
) -> Iterator[World]:
    """Members, systems, services and grants, committed: the gateway reads them from outside."""
    with django_db_blocker.unblock():
        yield World.build(HOME, provider.url)


@pytest.fixture(scope="session")
def gateway(world: World, nats: Nats) -> Iterator[GatewayProcess]:
    with GatewayProcess(HOME, suite_database_url(), nats.url) as running:
        yield running


@pytest.fixture
def collected(nats: Nats, world: World) -> Collected:
    """Reads the records of the calls made so far, as the collector put them into the database."""
    return Collected(nats.url)


@pytest.fixture(autouse=True)
def behaves_again(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "provider" in request.fixturenames:
        request.getfixturevalue("provider").behave()


@pytest.fixture
def in_threads() -> Callable[..., list[Any]]:
    """Run all at once; their results in the order they were given."""

    def run(*deeds: Callable[[], Any]) -> list[Any]:
        with ThreadPoolExecutor(len(deeds)) as pool:
            return [future.result() for future in [pool.submit(deed) for deed in deeds]]

    return run
