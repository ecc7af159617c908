"""Messages under test: gateway, store, courier and receiver, each a process of its own."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panjereh.runtime.settings.operator")

from collections.abc import Iterator
from pathlib import Path

import django
import pytest
from pytest_django import DjangoDbBlocker, Settings
from support.built import ensure_translations
from support.shared_database import django_db_setup

from panjereh.runtime.embedded import Nats
from panjereh.runtime.ports import free_port

django.setup()  # the helpers below import models

from exchange.world import GatewayProcess, World, suite_database_url  # noqa: E402
from parties import Parties  # noqa: E402
from running import Courier, Receiver, Store  # noqa: E402

__all__ = ["django_db_setup"]

ensure_translations("ui", "sdk", "exchange")
HOME = Path(os.environ["PANJEREH_HOME"])


@pytest.fixture(scope="session")
def nats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nats]:
    server = Nats(tmp_path_factory.mktemp("nats"), free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with django_db_blocker.unblock():
        yield World.build(HOME, "http://127.0.0.1:9")


@pytest.fixture(scope="session")
def store(world: World) -> Iterator[Store]:
    with Store(world.home, suite_database_url()) as running:
        yield running


@pytest.fixture(scope="session")
def gateway(world: World, nats: Nats, store: Store) -> Iterator[GatewayProcess]:
    where = {"PANJEREH_MESSAGES_URL": store.url}
    with GatewayProcess(world.home, suite_database_url(), nats.url, where) as running:
        yield running


@pytest.fixture
def receiver(world: World, gateway: GatewayProcess, tmp_path: Path) -> Iterator[Receiver]:
    """A provider made with the SDK, which takes messages of the service `news`."""
    with Receiver(world, gateway, tmp_path, suite_database_url()) as running:
        yield running


@pytest.fixture
def courier(world: World, nats: Nats) -> Iterator[Courier]:
    """Not started yet."""
    with Courier(world.home, suite_database_url(), nats.url) as running:
        yield running


@pytest.fixture
def parties(
    world: World, gateway: GatewayProcess, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Parties:
    """This process can be any system, in the eyes of the SDK."""
    settings.EXCHANGE_URL = f"http://127.0.0.1:{gateway.port}"
    settings.KEYS = world.home / "keys"
    return Parties(world, gateway, settings, monkeypatch)
