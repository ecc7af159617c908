"""The directory under test: PostgreSQL, two members with a representative each, the site."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panjereh.runtime.settings.operator")

from collections.abc import Iterator

import django
import pytest
from django.test import Client
from django.utils import translation
from support.browser import browser, site
from support.built import ensure_translations

django.setup()  # the helpers below import models

from furnished import Furnished  # noqa: E402
from parties import OPERATOR, OTHER, OURS, Parties, sign_in  # noqa: E402

__all__ = ["browser", "site"]
ensure_translations("ui", "sdk", "exchange")


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """What deeds say is read in English here; pages choose by their address."""
    with translation.override("en"):
        yield


@pytest.fixture
def parties(db: None) -> Parties:
    return Parties.enter()


@pytest.fixture
def furnished(db: None) -> Furnished:
    return Furnished.build()


@pytest.fixture
def operator(db: None, client: Client) -> Client:
    return sign_in(client, OPERATOR)


@pytest.fixture
def ours(db: None) -> Client:
    """Signed in as the representative of our member."""
    return sign_in(Client(), OURS)


@pytest.fixture
def other(db: None) -> Client:
    """Signed in as the representative of another member."""
    return sign_in(Client(), OTHER)
