"""Signing with a key that a service keeps: the sign-on's side of it."""

import base64
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding
from django.test import Client
from exchange_side import ExchangeSide
from people import HOST, Walk, back_at_client, citizen, claims_of, redeem, registered, sign_in
from signing import Notary, Signer
from test_signatures import LEVEL_3, at_level_3, notary, notary_open, to_sign

from panjereh.sso.models import Person
from panjereh.sso.signatures.models import Signature
from panjereh.sso.signatures.refusals import TEXTS

__all__ = ["at_level_3", "notary", "notary_open"]

SERVICE = "http://phone.localhost:8107"

pytestmark = pytest.mark.django_db


class SigningSide:
    """What the exchange answers for the service; tests/phone tries the service itself."""

    def __init__(self, exchange: ExchangeSide, signer: Signer | None) -> None:
        self.signer, self.credential, self.handle = signer, str(uuid4()), str(uuid4())
        self.page = f"{SERVICE}/fa/signing/{self.handle}/"
        self.asked: dict[str, Any] = {}
        services: dict[str, Callable[[Any], tuple[int, dict[str, Any]]]] = {
            "credentials-list": self._list,
            "credentials-info": self._info,
            "credentials-authorize": self._authorize,
            "credentials-authorize-check": self._check,
            "signatures-sign-hash": self._sign,
        }
        exchange.others |= {("remote-signing", name): deed for name, deed in services.items()}

    def _list(self, body: Any) -> tuple[int, dict[str, Any]]:
        return 200, {"credentialIDs": [self.credential] if self.signer else []}

    def _info(self, body: Any) -> tuple[int, dict[str, Any]]:
        assert self.signer
        own = base64.b64encode(self.signer.certificate.public_bytes(Encoding.DER)).decode()
        return 200, {"cert": {"certificates": [own]}}

    def _authorize(self, body: Any) -> tuple[int, dict[str, Any]]:
        self.asked = body
        return 200, {"handle": self.handle, "expiresIn": 300, "responseURI": self.page}

    def _check(self, body: Any) -> tuple[int, dict[str, Any]]:
        if body["code"] != "right":
            return 403, {"type": "not-authorised", "code": "not-authorised", "status": 403}
        return 200, {"SAD": "sad", "expiresIn": 300}

    def _sign(self, body: Any) -> tuple[int, dict[str, Any]]:
        assert self.signer
        assert isinstance(self.signer.key, EllipticCurvePrivateKey)
        assert body["hashes"] == self.asked["hashes"]
        digest = base64.b64decode(body["hashes"][0])
        signature = self.signer.key.sign(digest, ECDSA(Prehashed(hashes.SHA256())))
        return 200, {"signatures": [base64.b64encode(signature).decode()]}


@pytest.fixture
def service(exchange: ExchangeSide, notary: Notary, person: Person) -> SigningSide:
    return SigningSide(exchange, notary.certify(person))


def begin(walk: Walk) -> Any:
    return walk.client.post(walk.at("signature", "en") + "remote/", **HOST)


def come_back(walk: Walk, **told: str) -> Any:
    return walk.client.get(walk.at("signature", "en") + "remote/back/", told, **HOST)


def trouble(response: Any, code: str) -> bool:
    return str(TEXTS[code]) in response.content.decode()


@pytest.mark.req("SSO-10")
def test_the_person_allows_it_at_the_service_and_is_let_in(
    at_level_3: Walk, service: SigningSide, person: Person
) -> None:
    assert begin(at_level_3)["Location"] == service.page
    assert service.asked["description"]["fa"] == "ورود به پنجرهٔ آزمون با امضای الکترونیکی"
    assert person.national_id not in str(service.asked)
    page = come_back(at_level_3, handle=service.handle, code="right")
    assert f"/continue/{at_level_3.journey}/" in page.content.decode()
    code = back_at_client(at_level_3.get("continue")).told["code"]
    claims = claims_of(at_level_3.client, redeem(at_level_3.client, code).json()["id_token"])
    assert claims["acr"] == LEVEL_3


def test_what_was_not_allowed_is_not_signed(at_level_3: Walk, service: SigningSide) -> None:
    begin(at_level_3)
    assert trouble(come_back(at_level_3, handle=service.handle, code="wrong"), "not-allowed")
    assert trouble(come_back(at_level_3, error="cancelled"), "cancelled")
    assert trouble(come_back(at_level_3, handle=str(uuid4()), code="right"), "other-journey")
    assert trouble(come_back(at_level_3), "other-journey")
    assert not Signature.objects.exists()


def test_another_browser_cannot_bring_it_back(
    at_level_3: Walk, service: SigningSide, exchange: ExchangeSide
) -> None:
    begin(at_level_3)
    thief = Client()
    address = at_level_3.at("signature") + "remote/back/"
    told = {"handle": service.handle, "code": "right"}
    assert thief.get(address, told, **HOST).status_code == 410
    sign_in(thief, registered(citizen(2)))
    other = to_sign(thief, exchange)
    assert trouble(come_back(other, **told), "other-journey")
    assert not Signature.objects.exists()


def test_a_service_without_a_key_of_the_person_says_so(
    at_level_3: Walk, exchange: ExchangeSide
) -> None:
    SigningSide(exchange, None)
    assert trouble(begin(at_level_3), "no-service")


def test_a_service_that_is_away_leaves_the_other_way_open(
    at_level_3: Walk, service: SigningSide, exchange: ExchangeSide
) -> None:
    exchange.away.add("remote-signing")
    page = begin(at_level_3)
    assert trouble(page, "service-away")
    assert "Download the file to sign" in page.content.decode()


def test_nobody_is_sent_to_a_strangers_page(at_level_3: Walk, service: SigningSide) -> None:
    service.page = "https://evil.example/fa/signing/"
    assert trouble(begin(at_level_3), "service-away")


def test_a_key_of_somebody_else_is_of_no_use(
    at_level_3: Walk, exchange: ExchangeSide, notary: Notary
) -> None:
    """The service is wrong, or lies: the certificate is judged as any other."""
    wrong = SigningSide(exchange, notary.certify(registered(citizen(2))))
    begin(at_level_3)
    assert trouble(come_back(at_level_3, handle=wrong.handle, code="right"), "somebody-else")


def test_only_a_form_of_ours_begins_it(at_level_3: Walk, service: SigningSide) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = at_level_3.client.cookies
    address = at_level_3.at("signature") + "remote/"
    assert strict.post(address, **HOST).status_code == 403
    assert at_level_3.client.get(address, **HOST).status_code == 405
