"""Monitoring under test: PostgreSQL for books and counts; the collector commits beside Django."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panjereh.runtime.settings.operator")

from collections.abc import Iterator
from pathlib import Path

import django
import pytest
from django.db import connection
from django.test.utils import setup_databases, teardown_databases
from pytest_django import DjangoDbBlocker
from support.browser import browser, site
from support.built import ensure_translations

from panjereh import exchange

django.setup()  # the helpers below import models

from parties import Parties, parties  # noqa: E402
from traffic import Books  # noqa: E402

__all__ = ["browser", "site"]
ROOMS = sorted(path.parent.name for path in Path(exchange.__file__).parent.glob("*/locale"))
ensure_translations("ui", "sdk", "exchange", *(f"exchange/{room}" for room in ROOMS))


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
def books(db: None) -> Books:
    """Empty at first. What a test leaves goes before the next: now its own transaction still holds
    rows, and to delete them would wait for ever."""
    made = Books()
    made.forget()
    return made


@pytest.fixture
def nation(books: Books) -> Parties:
    return parties()
