"""Signing out ends it everywhere, and every client is told until it knows (SSO-14)."""

import base64
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
from conftest import Clock
from django.test import Client
from people import (
    HOST,
    authorize,
    back_at_client,
    citizen,
    claims_of,
    code_for,
    redeem,
    register_client,
    registered,
    sign_in,
    userinfo,
)

from panjereh.sso.models import Grant, LogoutNotice, Person, Session
from panjereh.sso.policy import policy
from panjereh.sso.sessions import addresses
from panjereh.sso.sessions.actions import end_session
from panjereh.sso.sessions.addresses import AddressRefused, address_of
from panjereh.sso.sessions.telling import tell_due

pytestmark = pytest.mark.django_db

SIGNED_OUT = "https://window.example/signin/signed-out"


def log_out(client: Client, **params: str) -> Any:
    return client.get("/oauth2/logout", params, **HOST)


def id_token(client: Client) -> str:
    token: str = redeem(client, code_for(client)).json()["id_token"]
    return token


@pytest.mark.req("SSO-14")
def test_a_client_that_knows_the_session_ends_it_at_once(inside: Client) -> None:
    tokens = redeem(inside, code_for(inside)).json()
    response = log_out(
        inside,
        id_token_hint=tokens["id_token"],
        post_logout_redirect_uri=SIGNED_OUT,
        state="fa",
    )
    assert response.status_code == 303
    assert response["Location"] == SIGNED_OUT + "?state=fa"
    assert inside.cookies["sso"].value == ""
    assert userinfo(inside, tokens["access_token"]).status_code == 401
    assert Session.objects.get().ended_at is not None
    assert "/fa/login/" in authorize(inside)["Location"]


def test_the_old_key_is_dead_at_the_server(inside: Client) -> None:
    stolen = inside.cookies["sso"].value
    log_out(inside, id_token_hint=id_token(inside))
    thief = Client()
    thief.cookies["sso"] = stolen
    assert "/fa/login/" in authorize(thief)["Location"]


@pytest.mark.parametrize("hint", ["", "a.b.c", "x" * 100])
def test_without_proof_the_person_is_asked_first(inside: Client, hint: str) -> None:
    """A link on another site must not sign anybody out."""
    response = log_out(inside, id_token_hint=hint, post_logout_redirect_uri=SIGNED_OUT)
    assert response["Location"] == "/fa/sign-out/"
    assert Session.objects.get().ended_at is None
    page = inside.get("/fa/sign-out/", **HOST).content.decode()
    assert 'method="post"' in page
    assert inside.post("/fa/sign-out/", **HOST)["Location"] == "/fa/signed-out/"
    assert Session.objects.get().ended_at is not None
    assert inside.get("/fa/signed-out/", **HOST).status_code == 200


def test_the_token_of_another_session_does_not_end_this_one(inside: Client) -> None:
    other = Client()
    sign_in(other, registered(citizen(2)))
    response = log_out(inside, id_token_hint=id_token(other))
    assert response["Location"] == "/fa/sign-out/"
    assert not Session.objects.exclude(ended_at=None).exists()


def test_a_session_that_ran_out_by_itself_is_still_ended_for_its_clients(
    inside: Client, clock: Clock
) -> None:
    hint = id_token(inside)
    clock.forward(hours=1)
    response = log_out(inside, id_token_hint=hint, post_logout_redirect_uri=SIGNED_OUT)
    assert response["Location"].startswith(SIGNED_OUT)
    assert Session.objects.get().ended_at is not None


@pytest.mark.parametrize(
    "target",
    ["https://evil.test/", SIGNED_OUT + "/", SIGNED_OUT + "?x=1", "//evil.test", "javascript:1"],
)
def test_nobody_is_led_to_an_address_that_is_not_registered(inside: Client, target: str) -> None:
    response = log_out(inside, id_token_hint=id_token(inside), post_logout_redirect_uri=target)
    assert response["Location"] == "/fa/signed-out/"


def test_a_logout_by_form_is_turned_into_a_link(inside: Client) -> None:
    response = inside.post("/oauth2/logout", {"id_token_hint": "x"}, **HOST)
    assert response.status_code == 303
    assert response["Location"].startswith("/oauth2/logout?")


# Telling the clients


@dataclass
class ToldClient:
    """A client's logout door: a real server that can be told to fail."""

    port: int = 0
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[ToldClient]:
    client = ToldClient()
    # A loaded machine may need long for the first answer; slowness has its own test.
    monkeypatch.setattr("panjereh.sso.sessions.telling.TIMEOUT", timedelta(seconds=30))

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            client.tokens += parse_qs(body).get("logout_token", [])
            client.paths.append(self.path)
            self.send_response(client.status)
            for name, value in client.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    client.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield client
    server.shutdown()
    server.server_close()


@pytest.fixture
def shop(told: ToldClient, transactional_db: None) -> str:
    address = f"http://shop.localhost:{told.port}/signin/back-channel-logout"
    register_client("shop", agency="shop-agency", backchannel_logout_uri=address)
    register_client("quiet")
    return "shop"


def ended(browser: Client, *client_ids: str) -> Session:
    """A session that was used at these clients, and ended."""
    person = registered(citizen())
    sign_in(browser, person)
    for client_id in client_ids:
        redeem(browser, code_for(browser, client_id=client_id), client_id=client_id)
    session = Session.objects.get()
    end_session(session.id, actor=person.id)
    return session


@pytest.mark.req("SSO-14")
def test_each_client_that_took_part_and_wants_to_know_is_told(
    shop: str, told: ToldClient, browser: Client
) -> None:
    register_client("stranger", backchannel_logout_uri=f"http://x.localhost:{told.port}/")
    session = ended(browser, shop, "quiet")
    assert tell_due() == 1
    claims = claims_of(browser, told.tokens[0])
    assert claims["iss"] == "http://sso.localhost:8101"
    assert claims["aud"] == shop
    assert claims["sid"] == str(session.id)
    assert claims["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
    assert claims["exp"] - claims["iat"] == 120
    assert claims["jti"]
    assert "nonce" not in claims
    head = json.loads(base64.urlsafe_b64decode(told.tokens[0].partition(".")[0] + "==="))
    assert head["typ"] == "logout+jwt"
    assert LogoutNotice.objects.get().delivered_at is not None
    assert tell_due() == 0


def test_the_subject_of_the_logout_token_is_the_one_the_client_knows(
    shop: str, told: ToldClient, browser: Client
) -> None:
    person = registered(citizen())
    sign_in(browser, person)
    known = redeem(browser, code_for(browser, client_id=shop), client_id=shop).json()["id_token"]
    end_session(Session.objects.get().id, actor=person.id)
    tell_due()
    assert claims_of(browser, told.tokens[0])["sub"] == claims_of(browser, known)["sub"]


@pytest.mark.parametrize("status", [500, 503, 400, 302])
def test_a_client_that_fails_is_told_again_ever_more_slowly(
    shop: str, told: ToldClient, browser: Client, clock: Clock, status: int
) -> None:
    ended(browser, shop)
    told.status, told.headers = status, {"Location": "http://169.254.169.254/latest/meta-data"}
    for tries, pause in enumerate(policy().logout_pauses[:4], start=1):
        assert tell_due() == 1
        assert tell_due() == 0, "not at once"
        notice = LogoutNotice.objects.get()
        assert (notice.tries, notice.last_outcome) == (tries, f"status-{status}")
        clock.forward(seconds=pause)
    told.status = 204
    assert tell_due() == 1
    assert LogoutNotice.objects.get().delivered_at is not None
    assert set(told.paths) == {"/signin/back-channel-logout"}, "a redirect is not followed"


def test_a_client_that_never_answers_is_given_up_when_its_sessions_are_over_anyway(
    shop: str, told: ToldClient, browser: Client, clock: Clock
) -> None:
    ended(browser, shop)
    told.status = 500
    clock.forward(hours=12)
    tell_due()
    assert LogoutNotice.objects.get().given_up_at is not None
    clock.forward(days=1)
    assert tell_due() == 0


def test_a_slow_client_does_not_hold_up_the_others(
    shop: str, told: ToldClient, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("panjereh.sso.sessions.telling.TIMEOUT", timedelta(seconds=3))
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"http://silent.localhost:{silent.getsockname()[1]}/"
        register_client("silent", backchannel_logout_uri=address)
        ended(browser, shop, "silent")
        assert tell_due() == 2
    outcomes = dict(LogoutNotice.objects.values_list("client_id", "last_outcome"))
    assert outcomes == {"shop": "", "silent": "unreachable"}
    assert len(told.tokens) == 1


def test_a_worker_that_dies_while_telling_tells_again(
    shop: str, told: ToldClient, browser: Client, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended(browser, shop)

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
        broken.setattr("panjereh.sso.sessions.telling._mark", dies)
        tell_due()
    assert tell_due() == 0, "leased"
    clock.forward(seconds=31)
    assert tell_due() == 1
    assert len(told.tokens) == 2, "at least once"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.1.1",
        "172.16.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "100.64.0.1",
        "224.0.0.1",
        "::1",
        "fe80::1",
        "fc00::1",
        "::ffff:127.0.0.1",
    ],
)
def test_addresses_inside_are_not_called(
    monkeypatch: pytest.MonkeyPatch, settings: Any, address: str
) -> None:
    def resolved(*_: object, **__: object) -> list[Any]:
        public = (0, 0, 0, "", ("93.184.216.34", 443))
        return [public, (0, 0, 0, "", (address, 443))]

    monkeypatch.setattr(addresses.socket, "getaddrinfo", resolved)
    with pytest.raises(AddressRefused):
        address_of("shop.example", 443)
    settings.SSO_LOGOUT_NETWORKS = ["0.0.0.0/0", "::/0"]
    assert address_of("shop.example", 443) == "93.184.216.34", "unless the operator said so"


def test_loopback_names_are_for_the_sandbox_only(settings: Any) -> None:
    assert address_of("shop.localhost", 80) == "127.0.0.1"
    settings.PROFILE = "production"
    with pytest.raises(AddressRefused):
        address_of("localhost", 80)


def test_a_refused_address_is_noted_and_not_called(
    shop: str, told: ToldClient, browser: Client, settings: Any
) -> None:
    ended(browser, shop)
    settings.PROFILE = "production"
    tell_due()
    assert LogoutNotice.objects.get().last_outcome == "address-refused"
    assert told.tokens == []


def test_nobody_ends_the_session_of_somebody_else(inside: Client, person: Person) -> None:
    other = registered(citizen(2))
    session = Session.objects.get()
    assert not end_session(session.id, actor=other.id)
    assert end_session(session.id, actor=person.id)
    assert not end_session(session.id, actor=person.id), "once"


def test_a_code_that_was_under_way_is_dead_after_the_logout(inside: Client, person: Person) -> None:
    code = code_for(inside)
    end_session(Session.objects.get().id, actor=person.id)
    assert redeem(inside, code).status_code == 400
    assert Grant.objects.get().revoked_at is not None
    assert "/fa/login/" in authorize(inside)["Location"]
    assert back_at_client(authorize(inside, prompt="none")).told["error"] == "login_required"
