"""A site has its own text signed (SSO-13): bound into the challenge, handed over with the token."""

import base64
import json
from typing import Any

import pytest
from conftest import Clock
from cryptography import x509
from django.test import Client
from exchange_side import ExchangeSide
from keyed import Holder
from people import Walk, authorize, back_at_client, citizen, journey_in, registered, sign_in
from signing import Notary, attributes_of, sha256_of
from test_signatures import bring, challenge_on, notary, notary_open, refused

from panjereh.common import signature_files
from panjereh.sso.models import Person
from panjereh.sso.signatures.models import Signature

__all__ = ["notary", "notary_open"]

TEXT = {"fa": "درخواست شمارهٔ ۱۷: ثبت ولادت", "en": "Request 17: registration of a birth"}
DOCUMENT = '{"case": 17}'

pytestmark = pytest.mark.django_db


def wanted(**changed: Any) -> str:
    usual = {"type": "signature", "text": TEXT, "sha256": sha256_of(DOCUMENT)}
    return json.dumps([{k: v for k, v in (usual | changed).items() if v is not None}])


@pytest.fixture
def bank(browser: Client, person: Person) -> Holder:
    sign_in(browser, person)
    return Holder(browser).register(minimum_level=3)


def pushed(bank: Holder, **changed: Any) -> str:
    return str(bank.push(authorization_details=wanted(**changed)).json()["request_uri"])


def on_the_way(bank: Holder, uri: str, exchange: ExchangeSide) -> Walk:
    return Walk(bank.browser, exchange, journey_in(bank.authorize(uri)["Location"]))


@pytest.mark.req("SSO-13")
def test_the_site_is_handed_the_signature_over_its_own_text(
    bank: Holder, notary: Notary, person: Person, exchange: ExchangeSide
) -> None:
    walk = on_the_way(bank, pushed(bank), exchange)
    page = walk.get("signature").content.decode()
    assert "ثبت ولادت" in page
    bring(walk, notary.certify(person).cms(challenge_on(walk)))
    code = back_at_client(walk.get("continue")).told["code"]
    [detail] = bank.redeem(code).json()["authorization_details"]
    assert detail["text"] == TEXT
    assert detail["sha256"] == sha256_of(DOCUMENT)
    signed = attributes_of(detail)
    assert signed["text"] == TEXT
    assert signed["sha256"] == sha256_of(DOCUMENT)
    assert signed["site"]["client_id"] == "bank"
    assert verified_by_an_outsider(detail) == person.national_id


def verified_by_an_outsider(detail: dict[str, Any]) -> str:
    """With nothing of the sign-on's database: the container, its certificate, what was signed."""
    signed = detail["signed"]
    content = base64.b64decode(signed["challenge"])
    container = signature_files.read(base64.b64decode(signed["container"]), content)
    signature_files.check(container)
    own = x509.load_der_x509_certificate(base64.b64decode(signed["certificates"][0]))
    assert container.certificate == own
    return str(own.subject.get_attributes_for_oid(x509.NameOID.SERIAL_NUMBER)[0].value)


def test_without_a_wish_to_sign_the_token_tells_of_no_signature(
    bank: Holder, notary: Notary, person: Person, exchange: ExchangeSide
) -> None:
    uri = bank.push().json()["request_uri"]
    walk = on_the_way(bank, uri, exchange)
    bring(walk, notary.certify(person).cms(challenge_on(walk)))
    code = back_at_client(walk.get("continue")).told["code"]
    assert "authorization_details" not in bank.redeem(code).json()


def test_a_signature_of_another_tab_is_no_signature_of_this_text(
    bank: Holder, notary: Notary, person: Person, exchange: ExchangeSide
) -> None:
    """Both tabs are as fresh as level 3 asks for; only one of the texts was signed."""
    dear = on_the_way(bank, pushed(bank, text={"fa": "می‌پردازم"}), exchange)
    cheap = on_the_way(bank, pushed(bank), exchange)
    signed = notary.certify(person).cms(challenge_on(cheap))
    bring(cheap, signed)
    assert "/step-up/" in dear.get("continue")["Location"]
    assert "می‌پردازم" in dear.get("signature").content.decode()
    assert refused(bring(dear, signed)) == "used"


def test_each_signature_is_handed_over_once(
    bank: Holder, notary: Notary, person: Person, exchange: ExchangeSide
) -> None:
    uri = pushed(bank)
    walk = on_the_way(bank, uri, exchange)
    bring(walk, notary.certify(person).cms(challenge_on(walk)))
    code = back_at_client(walk.get("continue")).told["code"]
    assert bank.authorize(uri).status_code == 400
    assert bank.redeem(code).status_code == 200
    assert bank.redeem(code).status_code == 400
    assert Signature.objects.exclude(code_sha256="").count() == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"type": "payment"},
        {"sha256": "abc"},
        {"sha256": None},
        {"sha256": "A" * 64},
        {"text": None},
        {"text": "a text"},
        {"text": {"en": "no Persian"}},
        {"text": {"fa": "", "en": "empty"}},
        {"text": {"fa": "س" * 601}},
        {"text": {"fa": "س", "ar": "س"}},
        {"text": {"fa": "بدهکارم \u202e001"}},
        {"text": {"fa": "پنهان\x08"}},
        {"amount": 5},
    ],
)
def test_what_we_do_not_understand_is_refused_where_the_site_sees_it(
    bank: Holder, changed: dict[str, Any]
) -> None:
    answer = bank.push(authorization_details=wanted(**changed))
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_authorization_details"


@pytest.mark.parametrize("told", ["[]", "{}", "[1]", "x", "[{},{}]", "null"])
def test_other_shapes_are_refused_too(bank: Holder, told: str) -> None:
    answer = bank.push(authorization_details=told)
    assert answer.json()["error"] == "invalid_authorization_details"


def test_what_is_to_be_signed_must_be_pushed(inside: Client) -> None:
    """In an address anybody on the way could change it."""
    back = back_at_client(authorize(inside, authorization_details=wanted()))
    assert back.told["error"] == "invalid_authorization_details"


def test_a_site_of_the_standard_profile_may_have_a_text_signed_as_well(
    inside: Client, notary: Notary, exchange: ExchangeSide
) -> None:
    from people import SECRET, asked

    form = asked(authorization_details=wanted()) | {"client_secret": SECRET}
    uri = inside.post("/oauth2/par", form, HTTP_HOST="sso.localhost:8101").json()["request_uri"]
    sent = authorize(inside, request_uri=uri)
    assert "/step-up/" in sent["Location"]


def test_silently_nothing_is_signed(bank: Holder) -> None:
    uri = bank.push(authorization_details=wanted(), prompt="none").json()["request_uri"]
    told = back_at_client(bank.authorize(uri)).told
    assert told["error"] in {"login_required", "unmet_authentication_requirements"}


def test_somebody_elses_signature_is_not_handed_over(
    bank: Holder, notary: Notary, person: Person, exchange: ExchangeSide, clock: Clock
) -> None:
    walk = on_the_way(bank, pushed(bank), exchange)
    other = registered(citizen(5))
    assert refused(bring(walk, notary.certify(other).cms(challenge_on(walk)))) == "somebody-else"
    assert "/step-up/" in walk.get("continue")["Location"]


def test_discovery_says_what_can_be_asked_for(browser: Client) -> None:
    metadata = browser.get("/.well-known/openid-configuration", HTTP_HOST="sso.localhost:8101")
    assert metadata.json()["authorization_details_types_supported"] == ["signature"]
