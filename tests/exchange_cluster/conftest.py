"""A cluster under test: every part is a process of its own that can be killed."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panjereh.runtime.settings.operator")

from collections.abc import Iterator
from pathlib import Path

import django
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from pytest_django import DjangoDbBlocker

django.setup()  # the helpers below import models

from cluster import Cluster  # noqa: E402
from exchange.provider import Provider  # noqa: E402
from exchange.world import World  # noqa: E402

HOME = Path(os.environ["PANJEREH_HOME"]) / "cluster"


@pytest.fixture(scope="session")
def provider() -> Iterator[Provider]:
    with Provider() as running:
        yield running


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """The database is the cluster's own, because it is killed."""


@pytest.fixture(scope="session")
def cluster(django_db_blocker: DjangoDbBlocker, provider: Provider) -> Iterator[Cluster]:
    HOME.mkdir(exist_ok=True)
    made = Cluster.of(HOME)
    settings.KEYS, settings.EVIDENCE = (
        HOME / "keys",
        settings.EVIDENCE | {"folder": HOME / "evidence"},
    )
    with django_db_blocker.unblock():
        try:
            made.start_ground()
            use_database_of(made)
            call_command("migrate", interactive=False, verbosity=0)
            made.world = World.build(made.home, provider.url)
            made.start_exchange()
            yield made
        finally:
            made.stop()


def use_database_of(cluster: Cluster) -> None:
    connections.close_all()
    place = {"HOST": str(cluster.postgres.socket_folder), "NAME": "panjereh_exchange"}
    for known in (connections.settings["default"], connections["default"].settings_dict):
        known.update(place, USER="postgres", PASSWORD="", PORT="")


@pytest.fixture
def world(cluster: Cluster) -> World:
    assert cluster.world
    return cluster.world
