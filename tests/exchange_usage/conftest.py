"""Looks under test: PostgreSQL with its partitions; the collector's own hand keeps the records."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panjereh.runtime.settings.operator")

import secrets
from collections.abc import Iterator
from pathlib import Path

import django
import pytest
from django.conf import settings as django_settings
from django.test import Client
from support.browser import browser, site
from support.built import ensure_translations
from support.shared_database import django_db_setup

django.setup()  # the helpers below import models

from calling import Gateway  # noqa: E402
from collector import Collector  # noqa: E402
from nation import AUDITOR, Nation, nation_of, signed_in  # noqa: E402

__all__ = ["browser", "django_db_setup", "site"]
ensure_translations("ui", "sdk", "exchange", "exchange/usage")


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
