import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panjereh.runtime.settings.agency")

os.environ.setdefault("PANJEREH_ANSWER_PATIENCE", "0")  # here nobody works while a page waits

import apps_ready  # noqa: F401

# isort: split

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from people import CLERK, HOST, MOTHER, settle_family, sign_in
from playing_exchange import PlayingExchange
from support.built import ensure_translations

from panjereh.agency.actions import appoint_staff, open_window
from panjereh.agency.engine import spiff
from panjereh.agency.models import Agency, ServiceVersion, StaffMember
from panjereh.agency.packages import load
from panjereh.sdk import exchange as sdk_exchange

ensure_translations("ui", "sdk", "agency")
SERVICES = Path(__file__).parents[2] / "services"
NEWBORN = SERVICES / "civil-registration" / "newborn-certificate"


@pytest.fixture(scope="session")
def one_exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlayingExchange]:
    playing = PlayingExchange(tmp_path_factory.mktemp("home"))
    sdk_exchange._directory.cache_clear()
    sdk_exchange._identity.cache_clear()
    yield playing
    playing.close()


@pytest.fixture
def exchange(one_exchange: PlayingExchange, settings: Any) -> PlayingExchange:
    settings.EXCHANGE_URL = one_exchange.url
    settings.KEYS = one_exchange.home / "keys"
    settings.EXCHANGE_DIRECTORY = one_exchange.home / "directory.json"
    one_exchange.forget()
    settle_family(one_exchange)
    return one_exchange


@pytest.fixture
def agency(db: None) -> Agency:
    return open_window(
        slug="civil-registration",
        name={"fa": "سازمان ثبت احوال کشور", "en": "Civil Registration"},
        member_code="14003778990",
        colour="#1d4f6b",
        actor="test",
    )


@pytest.fixture
def clerk(agency: Agency) -> StaffMember:
    return appoint_staff(
        agency=agency, national_id=CLERK.national_id, post="کارشناس امور هویتی", actor="test"
    )


@pytest.fixture
def newborn(agency: Agency, exchange: PlayingExchange) -> ServiceVersion:
    """The service, on the air. What publishing itself does is tested in test_publish.py."""
    package = load.from_folder(NEWBORN)
    return ServiceVersion.objects.create(
        agency=agency,
        service_id=package.service_id,
        version=package.version,
        sha256=package.sha256,
        files=dict(package.files),
        engine_version=spiff.VERSION,
        published_by="test",
    )


@pytest.fixture
def browser_of() -> Callable[..., Client]:
    """A browser at the window of the agency in which somebody is signed in."""

    def made(person: object) -> Client:
        return sign_in(Client(headers={"host": HOST}), person)  # type: ignore[arg-type]

    return made


@pytest.fixture
def mother(newborn: ServiceVersion, browser_of: Callable[..., Client]) -> Client:
    return browser_of(MOTHER)
