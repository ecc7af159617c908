"""The sandbox's signing service: a signature leaves it for one digest, once, with PIN and code."""

import base64
import hashlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import Browser, Page
from support.bidi import misplaced_runs
from support.browser import DESKTOP, assert_accessible, assert_reflows
from support.browser import browser as chromium

from panjereh.sandbox.authority.hierarchy import make_authority
from panjereh.sandbox.authority.persons import Holder
from panjereh.sandbox.phone.models import ArrivedMessage
from panjereh.sandbox.signing_service import actions, queries
from panjereh.sandbox.signing_service.models import Authorisation, Credential

__all__ = ["chromium"]

PIN, MOBILE, NATIONAL_ID = "271828", "+989120000001", "0012345679"
DIGEST = hashlib.sha256(b"what is signed").digest()
TEXTS = {"fa": "ورود به پنجره", "en": "Sign in to the window"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def credential() -> Credential:
    from pathlib import Path

    make_authority(Path(settings.KEYS).parent)
    return actions.keep_key(Holder(NATIONAL_ID, "مریم", "کریمی"), mobile=MOBILE, pin=PIN)


@pytest.fixture
def asked(credential: Credential) -> Authorisation:
    return ask(credential)


def ask(credential: Credential) -> Authorisation:
    back = f"{settings.PUBLIC_URLS['sso']}/fa/signature/x/remote/back/"
    return actions.ask(credential, digest=DIGEST, description=TEXTS, return_address=back)


def page(asked: Authorisation, rest: str = "") -> str:
    return f"/fa/signing/{asked.id}/{rest}"


def code_sent() -> str:
    text = ArrivedMessage.objects.filter(mobile=MOBILE).latest("arrived_at").text
    return text.partition(": ")[2][:6]


def allowed(client: Client, asked: Authorisation) -> dict[str, str]:
    client.post(page(asked), {"pin": PIN})
    back = client.post(page(asked, "code/"), {"code": code_sent()})["Location"]
    return {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}


@pytest.mark.req("SSO-10")
def test_a_signature_is_let_go_once_for_the_digest_that_was_allowed(
    client: Client, asked: Authorisation, credential: Credential
) -> None:
    told = allowed(client, asked)
    sad = actions.exchange_grant(asked.id, told["code"])
    signature = base64.b64decode(actions.let_go(credential.id, sad=sad, digest=DIGEST))
    key = x509.load_der_x509_certificate(bytes(credential.certificate)).public_key()
    assert isinstance(key, EllipticCurvePublicKey)
    key.verify(signature, DIGEST, ECDSA(Prehashed(hashes.SHA256())))
    with pytest.raises(actions.Refused):
        actions.let_go(credential.id, sad=sad, digest=DIGEST)
    with pytest.raises(actions.Refused):
        actions.exchange_grant(asked.id, told["code"])


def test_another_digest_is_not_signed(
    client: Client, asked: Authorisation, credential: Credential
) -> None:
    sad = actions.exchange_grant(asked.id, allowed(client, asked)["code"])
    other = hashlib.sha256(b"something dear").digest()
    with pytest.raises(actions.Refused):
        actions.let_go(credential.id, sad=sad, digest=other)


def test_without_the_code_that_the_browser_carries_nothing_is_let_go(
    client: Client, asked: Authorisation
) -> None:
    """Who talked the holder into allowing it waits elsewhere, and has only the handle."""
    allowed(client, asked)
    for guess in ("", "x" * 43):
        with pytest.raises(actions.Refused):
            actions.exchange_grant(asked.id, guess)


def test_three_wrong_pins_lock_the_key_for_the_right_one_too(
    client: Client, asked: Authorisation, credential: Credential
) -> None:
    for _ in range(3):
        client.post(page(asked), {"pin": "000000"})
    shown = client.post(page(asked), {"pin": PIN}).content.decode()
    assert "قفل" in shown
    assert not ArrivedMessage.objects.exists()
    assert Authorisation.objects.get().sealed_signature is None


def test_three_wrong_codes_end_the_request(client: Client, asked: Authorisation) -> None:
    client.post(page(asked), {"pin": PIN})
    right = code_sent()
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    for _ in range(3):
        client.post(page(asked, "code/"), {"code": wrong})
    assert client.post(page(asked, "code/"), {"code": right}).status_code == 200
    assert Authorisation.objects.get().grant_sha256 == ""


def test_the_code_alone_is_not_enough(client: Client, asked: Authorisation) -> None:
    response = client.post(page(asked, "code/"), {"code": "123456"})
    assert response["Location"] == page(asked)


def test_digits_may_be_persian(client: Client, asked: Authorisation) -> None:
    assert client.post(page(asked), {"pin": "۲۷۱۸۲۸"})["Location"] == page(asked, "code/")


def test_keys_lie_sealed_and_open_only_with_the_pin_and_in_their_own_row(
    credential: Credential,
) -> None:
    from panjereh.sandbox.signing_service import vault

    sealed, salt, name = bytes(credential.sealed_key), bytes(credential.salt), str(credential.id)
    assert vault.open_key(sealed, pin=PIN, salt=salt, name=name)
    with pytest.raises(vault.WrongPin):
        vault.open_key(sealed, pin="271829", salt=salt, name=name)
    with pytest.raises(vault.WrongPin):
        vault.open_key(sealed, pin=PIN, salt=salt, name="another row")
    assert NATIONAL_ID not in credential.holder
    assert queries.credentials_of(NATIONAL_ID) == [credential]
    assert queries.credentials_of("0012345680") == []


def test_nobody_is_sent_back_to_a_strangers_site(credential: Credential) -> None:
    with pytest.raises(actions.Refused):
        actions.ask(
            credential, digest=DIGEST, description=TEXTS, return_address="https://evil.example/"
        )


def test_an_unknown_or_old_request_says_so(client: Client, asked: Authorisation) -> None:
    Authorisation.objects.update(expires_at=asked.asked_at)
    assert client.get(page(asked)).status_code == 410


def test_a_form_of_another_site_allows_nothing(asked: Authorisation) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(page(asked), {"pin": PIN}).status_code == 403


@pytest.mark.parametrize(
    "service",
    [
        "credentials-list",
        "credentials-info",
        "credentials-authorize",
        "credentials-authorize-check",
        "signatures-sign-hash",
    ],
)
def test_only_the_exchange_calls_the_service(client: Client, service: str) -> None:
    body: dict[str, Any] = {"userID": NATIONAL_ID}
    answer = client.post(f"/remote-signing/{service}", body, content_type="application/json")
    assert answer.status_code == 401


@pytest.mark.parametrize("language", ["fa", "en"])
def test_the_pages_say_what_is_signed(client: Client, asked: Authorisation, language: str) -> None:
    address = page(asked).replace("/fa/", f"/{language}/")
    assert TEXTS[language] in client.get(address).content.decode()


@pytest.mark.browser
@pytest.mark.parametrize("name", ["pin", "wrong-pin", "code", "over"])
def test_every_page_is_accessible_narrow_and_turns_nothing_around(
    client: Client, asked: Authorisation, tab: Page, name: str
) -> None:
    markup = _shown(client, asked, name).content
    assert misplaced_runs(markup.decode()) == []
    tab.route("**/*", lambda route: _serve(route, markup))
    tab.goto("http://phone.localhost/")
    assert_accessible(tab)
    assert_reflows(tab)


def _shown(client: Client, asked: Authorisation, name: str) -> Any:
    if name == "over":
        Authorisation.objects.update(expires_at=asked.asked_at)
    if name == "wrong-pin":
        return client.post(page(asked), {"pin": "000000"})
    if name == "code":
        client.post(page(asked), {"pin": PIN})
        return client.get(page(asked, "code/"))
    return client.get(page(asked))


def _serve(route: Any, markup: bytes) -> None:
    path = urlsplit(route.request.url).path
    if not path.startswith("/static/"):
        route.fulfill(body=markup, content_type="text/html; charset=utf-8")
        return
    found = finders.find(path.removeprefix("/static/"))
    route.fulfill(path=found) if found else route.fulfill(status=404)


@pytest.fixture(scope="module")
def tab(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport=DESKTOP)
    yield context.new_page()
    context.close()
