"""«Test my client»: each check is seen to pass and to fail against a real site."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from desk import DESK, Desk, other_developer, post
from django.test import Client
from django.utils import translation
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from live import LiveSso, start_sso
from people import HOST, authorize, redeem

from panjereh.sso.models import RelyingParty
from panjereh.sso.portal import observing
from panjereh.sso.portal.checks import try_out
from panjereh.sso.portal.models import SeenRequest
from panjereh.sso.provider import keys
from panjereh.sso.relying_parties.queries import forget

pytestmark = pytest.mark.django_db

CALLBACK = "https://bakery.example/callback"
TRY = f"{DESK}site/bakery/test/try/"
FRESH = {"state": "s" * 22, "nonce": "n" * 22}


class _Site(BaseHTTPRequestHandler):
    """A client's logout address. `manner` says how well it checks."""

    manner = "careful"
    called = 0

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        type(self).called += 1
        answer = {"careful": self._checked(body), "credulous": 200, "away": 500, "moved": 302}
        self.send_response(answer[self.manner])
        self.send_header("Location", "http://169.254.169.254/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _checked(self, body: str) -> int:
        published = KeySet.import_key_set(keys.public_keys())  # type: ignore[arg-type]
        try:
            jwt.decode(parse_qs(body)["logout_token"][0], published, algorithms=["ES256"])
        except (JoseError, ValueError):
            return 400
        return 200

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def site() -> Iterator[str]:
    _Site.manner, _Site.called = "careful", 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://bakery.localhost:{server.server_port}/logout"
    server.shutdown()
    server.server_close()


@pytest.fixture
def desk(db: None) -> Desk:
    observing._memories.clear()
    return Desk()


@pytest.fixture
def sso(settings: Any, transactional_db: None) -> Iterator[LiveSso]:
    server = start_sso()
    settings.ISSUER = server.url
    yield server
    server.stop()


def tried() -> dict[str, tuple[str, str]]:
    """English text -> state and advice."""
    found = try_out(client())
    with translation.override("en"):
        return {str(one.what): (one.state, str(one.advice)) for one in found}


def client() -> RelyingParty:
    return RelyingParty.objects.get(client_id="bakery-test")


@pytest.mark.req("SSO-17")
def test_a_right_client_passes_every_check(sso: LiveSso, desk: Desk, site: str) -> None:
    desk.enter(backchannel_logout_uri=site)
    authorize(Client(), client_id="bakery-test", redirect_uri=CALLBACK, **FRESH)
    found = try_out(client())
    assert {one.state for one in found} == {"right"}, found
    assert len(found) == 6
    assert _Site.called == 2


@pytest.mark.parametrize(
    ("manner", "real", "forged"),
    [("credulous", "right", "wrong"), ("away", "wrong", "right"), ("moved", "wrong", "right")],
)
def test_a_logout_address_that_does_not_check_or_answer_is_found(
    sso: LiveSso, desk: Desk, site: str, manner: str, real: str, forged: str
) -> None:
    _Site.manner = manner
    desk.enter(backchannel_logout_uri=site)
    found = tried()
    assert found["Your logout address takes a real logout token"][0] == real
    assert found["Your logout address refuses a logout token that was tampered with"][0] == forged


@pytest.mark.parametrize(
    "address", ["https://127.0.0.1/", "https://169.254.169.254/", "https://10.0.0.1/x"]
)
def test_no_address_inside_is_called(desk: Desk, address: str) -> None:
    desk.enter(backchannel_logout_uri=address)
    state, advice = tried()["Your logout address takes a real logout token"]
    assert state == "wrong"
    assert "no public address" in advice


def test_a_sign_on_that_does_not_answer_is_said(desk: Desk, settings: Any) -> None:
    settings.ISSUER = "http://sso.localhost:1"
    desk.enter(backchannel_logout_uri="https://10.0.0.1/")
    found = try_out(client())
    assert [one.state for one in found[:2]] == ["wrong", "wrong"]


def test_the_page_runs_the_list_only_when_asked_to(sso: LiveSso, desk: Desk, site: str) -> None:
    desk.enter(backchannel_logout_uri=site)
    desk.browser.get(TRY, **HOST)
    assert _Site.called == 0
    page = post(desk.browser, TRY)
    assert _Site.called == 2
    assert "نیازمند اصلاح" not in page.content.decode()


def test_a_client_is_tried_so_often_and_no_more(desk: Desk, settings: Any) -> None:
    settings.SSO_POLICY = {"tries_of_client_per_hour": 1}
    desk.enter(backchannel_logout_uri="https://10.0.0.1/")
    assert post(desk.browser, TRY).status_code == 200
    assert post(desk.browser, TRY).status_code == 429


# Habits (row 34)


def habits() -> set[str]:
    return {fault for seen in SeenRequest.objects.all() for fault in seen.faults}


@pytest.mark.parametrize(
    ("asked", "fault"),
    [
        ({"state": None}, "state-missing"),
        ({"state": "state1"}, "state-short"),
        ({"nonce": None}, "nonce-missing"),
        ({"nonce": "short"}, "nonce-short"),
        ({"code_challenge": None, "code_challenge_method": None}, "pkce-missing"),
        ({"code_challenge_method": None}, "pkce-plain"),
        ({"code_challenge_method": "plain"}, "pkce-plain"),
        ({"client_secret": "x" * 40}, "secret-in-address"),
    ],
)
def test_a_bad_habit_is_reported(desk: Desk, asked: dict[str, str | None], fault: str) -> None:
    desk.enter()
    authorize(Client(), client_id="bakery-test", redirect_uri=CALLBACK, **FRESH | asked)
    assert habits() == {fault}
    assert fault.partition("-")[0] in str(tried()).lower().replace("code_challenge", "pkce")


def test_a_constant_state_is_reported_and_a_page_loaded_again_is_not(desk: Desk) -> None:
    desk.enter()
    asked = {"client_id": "bakery-test", "redirect_uri": CALLBACK, **FRESH}
    authorize(Client(), **asked)
    authorize(Client(), **asked)
    assert habits() == set()
    authorize(Client(), **asked | {"nonce": "m" * 22})
    assert habits() == {"state-constant"}


def test_an_error_of_the_last_request_is_shown(desk: Desk) -> None:
    desk.enter()
    authorize(Client(), client_id="bakery-test", redirect_uri=CALLBACK, prompt="none login")
    page = desk.browser.get(TRY, **HOST).content.decode()
    assert "invalid_request" in page
    assert "prompt must be" in page


def test_an_unregistered_return_address_is_shown(desk: Desk) -> None:
    desk.enter()
    authorize(Client(), client_id="bakery-test", redirect_uri=f"{CALLBACK}/", **FRESH)
    assert SeenRequest.objects.get().error == "invalid_request"


def test_a_secret_used_in_a_browser_is_reported(desk: Desk) -> None:
    _, secret = desk.enter()
    Client().post(
        "/oauth2/token",
        {"grant_type": "authorization_code", "client_id": "bakery-test", "client_secret": secret},
        headers={"Origin": "https://bakery.example"},
        **HOST,
    )
    assert habits() == {"secret-in-browser"}


def test_a_wrong_secret_is_seen_by_the_client_it_names(desk: Desk) -> None:
    desk.enter()
    redeem(Client(), "code", client_id="bakery-test", client_secret="wrong")
    seen = SeenRequest.objects.get()
    assert (seen.door, seen.error) == ("token", "invalid_client")


def test_of_a_live_client_only_mistakes_are_kept(desk: Desk) -> None:
    desk.live()
    asked = {"client_id": "bakery", "redirect_uri": CALLBACK, **FRESH}
    authorize(Client(), **asked)
    assert not SeenRequest.objects.exists()
    live = RelyingParty.objects.get(client_id="bakery")
    assert try_out(live)[-1].state == "right"
    authorize(Client(), **asked | {"state": None})
    assert habits() == {"state-missing"}
    assert try_out(live)[-1].state == "wrong"


def test_nothing_of_a_person_or_a_secret_is_kept(desk: Desk) -> None:
    desk.enter()
    mark = "canary-" * 5
    challenge = create_s256_code_challenge(mark * 2)
    asked = {"state": mark, "nonce": mark, "login_hint": mark, "client_secret": mark}
    authorize(
        Client(), client_id="bakery-test", redirect_uri=CALLBACK, code_challenge=challenge, **asked
    )
    kept = json.dumps(list(SeenRequest.objects.values()), default=str)
    assert "secret-in-address" in kept
    assert "canary" not in kept


def test_a_flood_stays_a_trickle(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observing, "KEPT", 5)
    desk.enter()
    for _ in range(observing.NOTES_PER_MINUTE + 5):
        redeem(Client(), "code", client_id="bakery-test", client_secret="wrong")
    assert SeenRequest.objects.count() == 5
    assert len(observing._memories["bakery-test"].notes) == observing.NOTES_PER_MINUTE


def test_requests_of_unknown_clients_are_not_kept(desk: Desk) -> None:
    forget()
    authorize(Client(), client_id="nobody", state=None)
    redeem(Client(), "code", client_id="nobody")
    assert not SeenRequest.objects.exists()


def test_what_a_client_does_wrong_is_nobody_elses_business(desk: Desk) -> None:
    desk.enter()
    authorize(Client(), client_id="bakery-test", redirect_uri=CALLBACK, state=None)
    assert other_developer(desk).get(TRY, **HOST).status_code == 404
