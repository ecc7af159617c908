"""A site's door for security events: a real server that can be told to fail."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.test import Client
from people import citizen, code_for, redeem, register_client, registered, sign_in

from panjereh.sso.events import actions, telling
from panjereh.sso.models import Person


@dataclass
class ToldSite:
    port: int = 0
    status: int = 202
    headers: dict[str, str] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://shop.localhost:{self.port}/signin/security-events"


@contextmanager
def told_site() -> Iterator[ToldSite]:
    site = ToldSite()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            site.tokens.append(body)
            site.paths.append(self.path)
            site.kinds.append(self.headers["content-type"])
            self.send_response(site.status)
            for name, value in site.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    site.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield site
    server.shutdown()
    server.server_close()


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[ToldSite]:
    # A loaded machine may need long for the first answer; slowness has its own test.
    monkeypatch.setattr(telling, "TIMEOUT", timedelta(seconds=30))
    with told_site() as site:
        yield site


@pytest.fixture
def shop(site: ToldSite, transactional_db: None) -> str:
    register_client("shop", agency="shop-agency")
    actions.take_events("shop", actor="test", address=site.address)
    return "shop"


@pytest.fixture
def customer(shop: str, browser: Client) -> Person:
    """Somebody who signs in at the shop."""
    person = registered(citizen())
    sign_in(browser, person)
    redeem(browser, code_for(browser, client_id=shop), client_id=shop)
    return person
