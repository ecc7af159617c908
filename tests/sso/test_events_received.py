"""A site with the SDK takes security events: only true ones, each once, and does what they say."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings as conf
from django.test import Client
from exchange_side import ExchangeSide
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey
from live import LiveSso, Shop, look, register_shop, start_shop, start_sso
from people import citizen, registered, sign_in

from panjereh.sandbox.walker import Walker
from panjereh.sso.events.actions import take_events, tell_agencies
from panjereh.sso.events.models import Event
from panjereh.sso.events.telling import tell_due
from panjereh.sso.models import Person, Session
from panjereh.sso.provider import keys
from panjereh.sso.provider.subjects import subject
from panjereh.sso.sessions.actions import end_session

pytestmark = pytest.mark.django_db(transaction=True)

REVOKED = "https://schemas.openid.net/secevent/caep/event-type/session-revoked"


@pytest.fixture(scope="module")
def _live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LiveSso, Shop]]:
    sso = start_sso()
    shop = start_shop("grocer", sso.url, sso.inner, tmp_path_factory.mktemp("shop"))
    yield sso, shop
    shop.stop()
    sso.stop()


@pytest.fixture
def shop(_live: tuple[LiveSso, Shop], settings: Any, transactional_db: None) -> Shop:
    sso, shop = _live
    settings.ISSUER = sso.url
    register_shop(shop, backchannel_logout_uri="")
    take_events("grocer", actor="test", address=f"{shop.url}/signin/security-events")
    return shop


@pytest.fixture
def mother(exchange: ExchangeSide, transactional_db: None) -> Person:
    return registered(exchange.add(citizen()))


@pytest.fixture
def inside(shop: Shop, mother: Person) -> Walker:
    """A browser of hers that is signed in at the shop."""
    walker, browser = Walker(), Client()
    sign_in(browser, mother)
    walker.cookies[urlsplit(conf.ISSUER).netloc] = {"sso": browser.cookies["sso"].value}
    walker.open(f"{shop.url}/fa/mine/")
    assert is_inside(walker, shop)
    return walker


def is_inside(walker: Walker, shop: Shop) -> bool:
    return look(walker, f"{shop.url}/fa/mine/").status == 200


def claims(shop: Shop, person: Person, **changed: Any) -> dict[str, Any]:
    user = {"format": "iss_sub", "iss": conf.ISSUER, "sub": subject(person.id, "grocer")}
    usual = {
        "iss": conf.ISSUER,
        "aud": "grocer",
        "iat": int(time.time()),
        "jti": f"event-{time.monotonic_ns()}",
        "sub_id": user,
        "events": {REVOKED: {}},
    }
    return {k: v for k, v in (usual | changed).items() if v is not None}


def signed(told: dict[str, Any], typ: str | None = "secevent+jwt", **head: Any) -> str:
    key = keys.signing_key("ES256")
    header = {"alg": "ES256", "kid": key.kid, "typ": typ} | head
    return jwt.encode({k: v for k, v in header.items() if v}, told, key, ["ES256"])


def push(shop: Shop, token: str, kind: str = "application/secevent+jwt") -> tuple[int, bytes]:
    request = Request(
        f"http://127.0.0.1:{shop.port}/signin/security-events",
        token.encode(),
        {"Content-Type": kind, "Host": f"grocer.localhost:{shop.port}"},
    )
    try:
        with urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except HTTPError as error:
        return error.code, error.read()


@pytest.mark.parametrize("kind", ["account-disabled", "identity-changed", "identifier-recycled"])
def test_what_happened_at_the_sign_on_ends_the_session_at_the_site(
    inside: Walker, shop: Shop, mother: Person, kind: str
) -> None:
    tell_agencies(mother.id, kind)
    assert tell_due() == 1
    assert Event.objects.get().delivered_at is not None
    assert not is_inside(inside, shop)


def test_an_ended_session_ends_and_another_of_the_same_person_goes_on(
    inside: Walker, shop: Shop, mother: Person
) -> None:
    (session,) = Session.objects.all()
    other = {"format": "complex", "session": {"format": "opaque", "id": "another-session"}}
    told = claims(shop, mother)
    told["sub_id"] = other | {"user": told["sub_id"]}
    assert push(shop, signed(told))[0] == 202
    assert is_inside(inside, shop)
    end_session(session.id, actor=mother.id)
    assert tell_due() == 1
    assert not is_inside(inside, shop)


def test_what_needs_no_new_sign_in_ends_nothing(inside: Walker, shop: Shop, mother: Person) -> None:
    for kind in ("assurance-level-change", "credential-change", "account-enabled"):
        tell_agencies(mother.id, kind)
    while tell_due():
        pass
    assert is_inside(inside, shop)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"iss": "https://evil.test"}, b"invalid_issuer"),
        ({"aud": "bakery"}, b"invalid_audience"),
        ({"aud": ["grocer", "bakery"]}, b"invalid_audience"),
        ({"aud": None}, b"invalid_audience"),
        ({"iat": 1_700_000_000}, b"invalid_request"),
        ({"iat": int(time.time()) + 900}, b"invalid_request"),
        ({"iat": None}, b"invalid_request"),
        ({"jti": None}, b"invalid_request"),
        ({"jti": "x" * 81}, b"invalid_request"),
        ({"sub_id": None}, b"invalid_request"),
        ({"sub_id": {"format": "email", "email": "a@b.test"}}, b"invalid_request"),
        ({"sub_id": {"format": "iss_sub", "iss": "https://evil", "sub": "s"}}, b"invalid_request"),
        ({"events": {}}, b"invalid_request"),
        ({"events": {REVOKED: {}, "b": {}}}, b"invalid_request"),
        ({"events": None}, b"invalid_request"),
    ],
)
def test_an_event_that_is_not_for_us_or_not_whole_is_refused(
    inside: Walker, shop: Shop, mother: Person, changed: dict[str, Any], code: bytes
) -> None:
    status, body = push(shop, signed(claims(shop, mother, **changed)))
    assert (status, code in body) == (400, True)
    assert is_inside(inside, shop)


def test_a_forged_event_is_refused(inside: Walker, shop: Shop, mother: Person) -> None:
    told, kid = claims(shop, mother), keys.signing_key("ES256").kid
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    header = {"alg": "ES256", "kid": kid, "typ": "secevent+jwt"}
    forged = [
        jwt.encode(header, told, ECKey.import_key(pem), ["ES256"]),
        jwt.encode(header | {"alg": "HS256"}, told, OctKey.generate_key(256), ["HS256"]),
        signed(told).rpartition(".")[0] + ".",
        signed(told, typ="logout+jwt"),
        signed(told, typ="JWT"),
        signed(told, typ=None),
        "no.token.atall",
        "",
        "\u06f1",
    ]
    for token in forged:
        assert push(shop, token)[0] == 400, token[:40]
    assert push(shop, signed(told), kind="application/json")[0] == 400
    assert is_inside(inside, shop)


def test_an_event_told_again_is_taken_and_not_done_again(
    shop: Shop, mother: Person, inside: Walker
) -> None:
    token = signed(claims(shop, mother))
    assert push(shop, token)[0] == 202
    assert not is_inside(inside, shop)
    inside.open(f"{shop.url}/fa/mine/")  # the session of the sign-on goes on
    assert is_inside(inside, shop)
    with ThreadPoolExecutor(4) as pool:
        assert {status for status, _ in pool.map(lambda _: push(shop, token), range(4))} == {202}
    assert is_inside(inside, shop), "an old event ends no new session"
