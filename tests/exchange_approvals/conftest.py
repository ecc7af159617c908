"""Approvals under test: a gateway process reads what the deeds committed."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panjereh.runtime.settings.operator")

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import django
import pytest
from pytest_django import DjangoDbBlocker, Settings
from support.browser import browser
from support.built import ensure_translations
from support.shared_database import django_db_setup

from panjereh.common import clock as the_clock
from panjereh.runtime.embedded import Nats
from panjereh.runtime.ports import free_port

django.setup()  # the helpers below import models

from country import ANSWER, Country  # noqa: E402
from exchange.provider import Provider, says_json  # noqa: E402
from exchange.world import GatewayProcess, World, suite_database_url  # noqa: E402

__all__ = ["browser", "django_db_setup"]
ensure_translations("ui", "sdk", "exchange", "exchange/approvals")
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
    with django_db_blocker.unblock():
        yield World.build(HOME, provider.url)


@pytest.fixture(scope="session")
def gateway(world: World, nats: Nats) -> Iterator[GatewayProcess]:
    with GatewayProcess(HOME, suite_database_url(), nats.url) as running:
        yield running


@pytest.fixture(scope="session")
def country(world: World, django_db_blocker: DjangoDbBlocker) -> Iterator[Country]:
    with django_db_blocker.unblock():
        yield Country.found(world)


@pytest.fixture
def gate(
    gateway: GatewayProcess, provider: Provider, settings: Settings
) -> Iterator[GatewayProcess]:
    """The gateway as the site calls it; the provider says what its description promises."""
    settings.EXCHANGE_URL = f"http://127.0.0.1:{gateway.port}"
    provider.reply = says_json(ANSWER)
    yield gateway
    provider.behave()


class Clock:
    """The time, to be turned forward."""

    def __init__(self) -> None:
        self.shift = timedelta()
        self.real = the_clock.now

    def now(self) -> datetime:
        return self.real() + self.shift

    def forward(self, **by: float) -> None:
        self.shift += timedelta(**by)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    turned = Clock()
    monkeypatch.setattr(the_clock, "now", turned.now)
    return turned
