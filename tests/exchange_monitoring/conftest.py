"""Monitoring under test: PostgreSQL for books and counts; the collector commits beside Django."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panjereh.runtime.settings.operator")

from pathlib import Path

import django
import pytest
from support.browser import browser, site
from support.built import ensure_translations
from support.shared_database import django_db_setup

from panjereh import exchange

django.setup()  # the helpers below import models

from parties import Parties, parties  # noqa: E402
from traffic import Books  # noqa: E402

__all__ = ["browser", "django_db_setup", "site"]
ROOMS = sorted(path.parent.name for path in Path(exchange.__file__).parent.glob("*/locale"))
ensure_translations("ui", "sdk", "exchange", *(f"exchange/{room}" for room in ROOMS))


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
