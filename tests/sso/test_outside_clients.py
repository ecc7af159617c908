"""Clients that others wrote sign in here: npm openid-client (certified) and mozilla-django-oidc."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from exchange_side import Citizen, ExchangeSide
from keyed import new_key
from live import LiveSso, start_sso
from outsiders import Browser
from people import SECRET, citizen, register_client, registered

from panjereh.runtime.ports import free_port
from panjereh.sso.digests import new_secret
from panjereh.sso.models import Session

OUTSIDE = Path(__file__).parent / "outside"
NODE = Path(sys.executable).with_name("node")
SCOPE = "openid profile offline_access"
LEVEL_1, LEVEL_2 = "urn:panjereh:level:1", "urn:panjereh:level:2"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sso(settings: Any, exchange: ExchangeSide) -> Iterator[LiveSso]:
    server = start_sso()
    settings.ISSUER = server.url
    yield server
    server.stop()


class _Arrival(BaseHTTPRequestHandler):
    """The client's site, as far as the person's browser meets it."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "25")
        self.end_headers()
        self.wfile.write(b"<p>You are at the client.")

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Arrival)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://client.localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def mother(exchange: ExchangeSide, transactional_db: None) -> Citizen:
    mother = exchange.add(citizen())
    registered(mother)
    return mother


def journey(browser: Browser, given: dict[str, Any]) -> dict[str, Any]:
    """Run openid-client, play its browser, and return what it has seen."""
    client = subprocess.Popen(
        [str(NODE), str(OUTSIDE / "journey.mjs"), json.dumps(given)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert client.stdin
    assert client.stdout
    assert client.stderr
    with client:
        for line in client.stdout:
            said = json.loads(line)
            if "seen" in said:
                return dict(said["seen"])
            client.stdin.write(browser.through(said["open"]).url + "\n")
            client.stdin.flush()
        raise AssertionError(client.stderr.read())


@pytest.mark.req("SSO-17")
@pytest.mark.parametrize(
    ("by", "alg", "userinfo_alg", "client_id"),
    [
        ("ClientSecretBasic", "ES256", "", "a-b.c"),
        ("ClientSecretBasic", "RS256", "RS256", "plain"),
        ("ClientSecretPost", "ES256", "ES256", "plain"),
    ],
)
def test_a_certified_client_signs_in_refreshes_steps_up_and_out(
    sso: LiveSso, site: str, mother: Citizen, exchange: ExchangeSide, by: str, alg: str,
    userinfo_alg: str, client_id: str,
) -> None:  # fmt: skip
    facts = _register(site, client_id, id_token_alg=alg, userinfo_alg=userinfo_alg)
    again = {"acr_values": LEVEL_2, "max_age": "60"}
    given = facts | {"issuer": sso.url, "by": by, "secret": SECRET, "alg": alg, "again": again}
    seen = journey(Browser(mother, exchange), given | {"userinfo_alg": userinfo_alg or None})
    assert seen["userinfo"]["family_name"] == mother.family_name
    assert seen["refreshed"]["sid"] == seen["claims"]["sid"]
    assert (seen["claims"]["acr"], seen["again"]["acr"]) == (LEVEL_1, LEVEL_2)
    assert seen["again"]["sid"] == seen["claims"]["sid"]  # stepped up, not signed in anew
    assert seen["again"]["auth_time"] >= seen["claims"]["auth_time"]
    assert seen["revoked"] == "invalid_grant"
    assert Session.objects.get().ended_at is not None


@pytest.mark.req("SSO-17")
def test_a_certified_client_of_the_high_profile(
    sso: LiveSso, site: str, mother: Citizen, exchange: ExchangeSide
) -> None:
    key = new_key()
    facts = _register(
        site, "bank", secret="", profile="high", jwks={"keys": [key.as_dict(private=False)]}
    )
    given = facts | {"issuer": sso.url, "alg": "ES256", "key": key.as_dict(private=True)}
    again = {"acr_values": LEVEL_2, "prompt": "login"}
    seen = journey(Browser(mother, exchange), given | {"par": True, "dpop": True, "again": again})
    assert seen["again"]["acr"] == LEVEL_2
    assert seen["type"] == "dpop"
    assert seen["userinfo"]["sub"] == seen["claims"]["sub"]
    assert seen["revoked"] == "invalid_grant"


def _register(site: str, client_id: str, **facts: Any) -> dict[str, Any]:
    addresses = {"redirect_uris": [f"{site}/callback"], "post_logout_redirect_uris": [f"{site}/"]}
    register_client(client_id, **addresses | {"may_refresh": True} | facts)
    return {
        "client_id": client_id,
        "scope": SCOPE,
        "redirect_uri": f"{site}/callback",
        "post_logout_redirect_uri": f"{site}/",
    }


@pytest.fixture
def mozilla(sso: LiveSso, tmp_path: Path) -> Iterator[str]:
    port = free_port()
    url = f"http://mozilla.localhost:{port}"
    # The library does not form-encode its secret (RFC 6749 2.3.1); ours never need it.
    secret = new_secret()
    register_client("mozilla", secret=secret, redirect_uris=[f"{url}/oidc/callback/"])
    surroundings = os.environ | {
        "OUTSIDE_ISSUER": sso.url,
        "OUTSIDE_INNER_ISSUER": sso.inner,
        "OUTSIDE_CLIENT": "mozilla",
        "OUTSIDE_CLIENT_SECRET": secret,
        "OUTSIDE_SECRET_KEY": "of-the-outside-site",
        "OUTSIDE_DB": str(tmp_path / "site.sqlite3"),
    }
    command = [sys.executable, str(OUTSIDE / "mozilla_site.py"), str(port)]
    with (tmp_path / "log").open("w") as log:
        site = subprocess.Popen(
            command, env=surroundings, stdout=subprocess.PIPE, stderr=log, text=True
        )
    assert site.stdout
    assert site.stdout.readline() == "open\n", (tmp_path / "log").read_text()
    yield url
    site.terminate()
    site.communicate(timeout=10)


@pytest.mark.req("SSO-17")
def test_a_django_site_with_the_usual_library_signs_people_in(
    mozilla: str, mother: Citizen, exchange: ExchangeSide
) -> None:
    browser = Browser(mother, exchange)
    page = browser.through(f"{mozilla}/oidc/authenticate/")
    assert page.url == f"{mozilla}/me/"
    assert json.loads(page.body) == {"name": mother.family_name}
