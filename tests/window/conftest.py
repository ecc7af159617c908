import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panjereh.runtime.settings.window")
os.environ["PANJEREH_PORT"] = "8100"  # the tests spell addresses out; nothing listens there

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import translation
from exchange import Exchange
from nation import MOTHER, sign_in
from support.browser import browser, site
from support.built import ensure_translations

ensure_translations("ui", "sdk", "window")

__all__ = ["browser", "site"]


@pytest.fixture(scope="session")
def one_exchange() -> Iterator[Exchange]:
    exchange = Exchange(Path(django_settings.KEYS).parent)
    yield exchange
    exchange.close()


@pytest.fixture
def exchange(one_exchange: Exchange, settings: object) -> Exchange:
    settings.EXCHANGE_URL = one_exchange.url  # type: ignore[attr-defined]
    one_exchange.forget()
    return one_exchange


@pytest.fixture
def mother(client: Client, db: None) -> Client:
    """A browser in which the mother is signed in."""
    return sign_in(client, MOTHER)


@pytest.fixture
def persian() -> Iterator[None]:
    with translation.override("fa"):
        yield
