"""The sign-on under test: sandbox keys, its own signing keys, and an exchange to call."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panjereh.runtime.settings.sso")
os.environ["PANJEREH_PORT"] = "8100"  # the tests spell addresses out; nothing listens there

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import django_ready  # models are imported below

# isort: split
import hypothesis
import pytest
from django.test import Client
from exchange_side import ExchangeSide, serve
from nacl.signing import VerifyKey
from people import Walk, begin, citizen, register_client, registered, sign_in
from support.shared_database import django_db_setup

from panjereh.common import clock as the_clock
from panjereh.sandbox.keys import make_keys, public_key
from panjereh.sandbox.seed.sso import make_signing_keys
from panjereh.sso.models import Person
from panjereh.sso.one_time import sending
from panjereh.sso.relying_parties.queries import forget

__all__ = ["django_db_setup"]

HOME = django_ready.HOME
hypothesis.settings.register_profile("two-busy-cores", deadline=None)
hypothesis.settings.load_profile("two-busy-cores")
make_keys(HOME)
make_signing_keys()


class Clock:
    """The time, to be turned forward."""

    def __init__(self) -> None:
        self.shift = timedelta()
        self.real = the_clock.now

    def now(self) -> datetime:
        return self.real() + self.shift

    def forward(self, **by: float) -> None:
        self.shift += timedelta(**by)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    turned = Clock()
    monkeypatch.setattr(the_clock, "now", turned.now)
    return turned


@pytest.fixture(scope="session")
def exchange_server() -> Iterator[ExchangeSide]:
    side = ExchangeSide(VerifyKey(bytes.fromhex(public_key(HOME, "sso"))))
    server = serve(side)
    yield side
    server.shutdown()
    server.server_close()


@pytest.fixture
def exchange(exchange_server: ExchangeSide) -> ExchangeSide:
    exchange_server.reset()
    return exchange_server


@pytest.fixture(autouse=True)
def _surroundings(settings: Any, exchange: ExchangeSide) -> None:
    """The limits of production, not those of the sandbox."""
    settings.EXCHANGE_URL = f"http://127.0.0.1:{exchange.port}"
    settings.SSO_POLICY = {}
    forget()


@pytest.fixture(autouse=True)
def _codes_leave_at_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test has not committed no other thread sees, so the work aside is done in its own;
    with `transactional_db` it goes aside as it really does."""
    marker = request.node.get_closest_marker("django_db")
    real = "transactional_db" in request.fixturenames or (marker and marker.kwargs)
    if not real:
        monkeypatch.setattr(sending, "aside", lambda work: work())


@pytest.fixture
def browser() -> Client:
    return Client(enforce_csrf_checks=False)


@pytest.fixture
def window(db: None) -> str:
    """A registered client."""
    register_client()
    return "window"


@pytest.fixture
def person(db: None, exchange: ExchangeSide) -> Person:
    return registered(exchange.add(citizen()))


@pytest.fixture
def inside(window: str, browser: Client, person: Person) -> Client:
    """A browser with a running session."""
    sign_in(browser, person)
    return browser


@pytest.fixture
def login(db: None, browser: Client, exchange: ExchangeSide) -> Walk:
    return begin(browser, exchange, "login")


@pytest.fixture
def registration(db: None, browser: Client, exchange: ExchangeSide) -> Walk:
    return begin(browser, exchange, "register")
