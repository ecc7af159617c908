"""Looks under test: PostgreSQL with its partitions; the collector's own hand keeps the records."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panjereh.runtime.settings.operator")

import secrets
from collections.abc import Iterator
from pathlib import Path

import django
import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.test.utils import setup_databases, teardown_databases
from pytest_django import DjangoDbBlocker
from support.browser import browser, site
from support.built import ensure_translations

django.setup()  # the helpers below import models

from calling import Gateway  # noqa: E402
from collector import Collector  # noqa: E402
from nation import AUDITOR, Nation, nation_of, signed_in  # noqa: E402

__all__ = ["browser", "site"]
ensure_translations("ui", "sdk", "exchange", "exchange/usage")


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Always a test database: the collector writes into it from outside."""
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, aliases=["default"])
        yield
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        teardown_databases(made, verbosity=0)


@pytest.fixture
def collector(django_db_setup: None) -> Iterator[Collector]:
    """What it keeps is gone after the test, months and all: after, for Django's transaction of the
    test holds locks on them."""
    made = Collector()
    yield made
    made.forget()


@pytest.fixture
def nation(collector: Collector, db: None) -> Nation:
    return nation_of()


@pytest.fixture(scope="session", autouse=True)
def provider_key() -> None:
    """The secret that the gateway shares with the records of the exchange."""
    folder = Path(django_settings.KEYS) / "providers"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "exchange-records.hmac").write_text(secrets.token_hex(32))


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


@pytest.fixture
def auditor(nation: Nation, client: Client) -> Client:
    return signed_in(client, AUDITOR)
