"""The directory under test: PostgreSQL, two members with a representative each, the site."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panjereh.runtime.settings.operator")

import django
import pytest
from django.test import Client
from support.browser import browser, site
from support.built import ensure_translations

django.setup()  # the helpers below import models

from parties import OPERATOR, OTHER, OURS, Parties, sign_in  # noqa: E402

__all__ = ["browser", "site"]
ensure_translations("ui", "sdk", "exchange")


@pytest.fixture
def parties(db: None) -> Parties:
    return Parties.enter()


@pytest.fixture
def operator(parties: Parties, client: Client) -> Client:
    return sign_in(client, OPERATOR)


@pytest.fixture
def ours(parties: Parties) -> Client:
    """Signed in as the representative of our member."""
    return sign_in(Client(), OURS)


@pytest.fixture
def other(parties: Parties) -> Client:
    """Signed in as the representative of another member."""
    return sign_in(Client(), OTHER)
