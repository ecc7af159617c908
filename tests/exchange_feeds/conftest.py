"""Feeds under test: a civil registry, the exchange with a real gateway, and a subscriber."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # the settings are a module of this suite
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "one_floor")

from panjereh.runtime.environment import PORTS
from panjereh.runtime.ports import free_ports

# The sandbox's directory names addresses; here they are those of this run alone.
os.environ["PANJEREH_PORT"] = str(free_ports(PORTS))

from collections.abc import Iterator
from datetime import datetime, timedelta

import django
import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker
from support.browser import browser
from support.built import ensure_translations
from support.shared_database import django_db_setup

from panjereh.common import clock as the_clock

django.setup()  # the helpers below import models

from country import Country, empty  # noqa: E402
from noting import MAKE  # noqa: E402

from panjereh.runtime.embedded import Nats  # noqa: E402

__all__ = ["browser", "django_db_setup"]
ensure_translations("ui", "sdk", "exchange")


@pytest.fixture(scope="session")
def nats_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if given := os.environ.get("PANJEREH_NATS_URL"):
        yield given
        return
    server = Nats(tmp_path_factory.mktemp("nats"), int(os.environ["PANJEREH_PORT"]) + 9)
    server.start()
    yield server.url
    server.stop()


@pytest.fixture(scope="session", autouse=True)
def room_for_notes(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(MAKE)


@pytest.fixture(scope="session")
def whole_country(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, nats_url: str
) -> Iterator[Country]:
    with django_db_blocker.unblock(), Country(nats_url) as made:
        yield made


@pytest.fixture
def country(whole_country: Country) -> Iterator[Country]:
    """As it stands after the first day: feeds open, subscribers known, nobody changed yet."""
    empty()
    whole_country.open_feeds()
    yield whole_country
    whole_country.speak_as("sso")


class Clock:
    """The time, to be turned."""

    def __init__(self) -> None:
        self.shift, self.real = timedelta(), the_clock.now

    def now(self) -> datetime:
        return self.real() + self.shift

    def at(self, moment: datetime) -> None:
        self.shift = moment - self.real()

    def forward(self, **by: float) -> None:
        self.shift += timedelta(**by)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    turned = Clock()
    monkeypatch.setattr(the_clock, "now", turned.now)
    return turned
