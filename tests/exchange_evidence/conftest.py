"""Evidence under test: real files, a NATS of its own, PostgreSQL for the books."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panjereh.runtime.settings.operator")

from collections.abc import Iterator
from pathlib import Path

import django
import pytest
from pytest_django import Settings
from support.browser import browser, site
from support.built import ensure_translations

from panjereh.runtime.embedded import Nats
from panjereh.runtime.ports import free_port
from panjereh.sandbox import document_keys

django.setup()  # the helpers below import models

from bookkeeping import Books  # noqa: E402
from feed import Feed  # noqa: E402
from sample import ORIGIN  # noqa: E402

from panjereh.exchange.evidence import stream  # noqa: E402
from panjereh.exchange.evidence.config import Config, config  # noqa: E402

__all__ = ["browser", "site"]
ensure_translations("ui", "sdk", "exchange", "exchange/evidence")


@pytest.fixture(scope="session")
def nats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nats]:
    server = Nats(tmp_path_factory.mktemp("nats"), free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture
def nats_url(nats: Nats) -> str:
    return nats.url


@pytest.fixture
def feed(nats: Nats) -> Feed:
    """A new stream, as gateways fill it."""
    made = Feed(nats.url)
    made.begin()
    return made


@pytest.fixture(scope="session")
def document_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The national time stamper of the sandbox and who vouches for it."""
    return document_keys.make_keys(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def conf(
    tmp_path: Path, document_folder: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Config:
    """The settings of an installation of its own, whose seconds are short."""
    monkeypatch.setattr(stream, "CHECKPOINT_SECONDS", 0.1)
    keys = tmp_path / "keys"
    keys.mkdir()
    (keys / "documents").symlink_to(document_folder)
    settings.KEYS = keys
    settings.EVIDENCE = {"folder": tmp_path / "evidence", "origin": ORIGIN}
    return config()


@pytest.fixture
def books(transactional_db: None) -> Books:
    """The collector's records, put there by the collector's own hand."""
    return Books()
