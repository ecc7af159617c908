"""People of the tests, and the walks that everybody takes."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from django.test import Client
from exchange_side import Citizen, ExchangeSide
from joserfc import jwt
from joserfc.jwk import KeySet

from panjereh.common import clock
from panjereh.common.identifiers import national_id_check_digit
from panjereh.sso.models import AttainedLevel, Person
from panjereh.sso.relying_parties.actions import Registration, register_relying_party
from panjereh.sso.sessions.actions import Arrival, begin_session

BORN = "1991-10-09"
BORN_TYPED = {"birth_date_0": "۱۷", "birth_date_1": "7", "birth_date_2": "۱۳۷۰"}
SECRET = "s3cret-with-%+&:-in-it-" + "x" * 20
CALLBACK = "https://window.example/signin/callback"
VERIFIER = "v" * 43
HOST = {"HTTP_HOST": "sso.localhost:8101"}


def national_id(number: int) -> str:
    first = f"{number:09d}"
    return first + national_id_check_digit(first)


def citizen(number: int = 1, **facts: str) -> Citizen:
    return Citizen(national_id(number + 101_000_000), BORN, f"+98912{number:07d}", **facts)


def registered(of: Citizen, **facts: Any) -> Person:
    """An account, made without walking through the pages."""
    now = clock.now()
    person = Person.objects.create(
        **{
            "national_id": of.national_id,
            "given_name": of.given_name,
            "family_name": of.family_name,
            "father_name": of.father_name,
            "birth_date": of.birth_date,
            "mobile": of.mobile,
            "mobile_confirmed_at": now,
            "registered_at": now,
        }
        | facts
    )
    AttainedLevel.objects.create(
        person=person, level=1, proof="civil-registry+shahkar", attained_at=now
    )
    person.refresh_from_db()
    return person


def client_registration(client_id: str = "window", **facts: Any) -> Registration:
    return Registration(
        **{
            "client_id": client_id,
            "name": {"fa": "پنجرهٔ آزمون", "en": "Test window"},
            "agency": "ito",
            "agency_name": {"fa": "سازمان آزمون", "en": "Test agency"},
            "purpose": {"fa": "آزمون", "en": "Testing"},
            "redirect_uris": [CALLBACK],
            "post_logout_redirect_uris": ["https://window.example/signin/signed-out"],
            "granted_claims": ["national_id", "given_name", "family_name"],
        }
        | facts
    )


def register_client(client_id: str = "window", *, secret: str = SECRET, **facts: Any) -> None:
    register_relying_party(client_registration(client_id, **facts), secret=secret, actor="test")


def asked(**changed: str | None) -> dict[str, str]:
    """The parameters of a right authorization request; None leaves one out."""
    usual = {
        "response_type": "code",
        "client_id": "window",
        "redirect_uri": CALLBACK,
        "scope": "openid profile national_id phone",
        "state": "state-of-the-client",
        "nonce": "nonce-of-the-client",
        "code_challenge": create_s256_code_challenge(VERIFIER),
        "code_challenge_method": "S256",
    }
    return {k: v for k, v in (usual | changed).items() if v is not None}


def sign_in(client: Client, person: Person) -> None:
    """Give the browser a running session, without walking through the pages."""
    arrival = Arrival(way="sms", browser_sha256="b" * 64, browser="Firefox, Linux")
    client.cookies["sso"] = begin_session(person, arrival)


@dataclass
class Back:
    """Where the client's browser is sent, and what is told there."""

    address: str
    told: dict[str, str]


def back_at_client(response: Any) -> Back:
    assert response.status_code == 303, response.content.decode()[:500]
    parts = urlsplit(response["Location"])
    told = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return Back(f"{parts.scheme}://{parts.netloc}{parts.path}", told)


def authorize(client: Client, **changed: str | None) -> Any:
    return client.get("/oauth2/authorize", asked(**changed), **HOST)


def code_for(client: Client, **changed: str | None) -> str:
    return back_at_client(authorize(client, **changed)).told["code"]


def redeem(client: Client, code: str, **changed: str | None) -> Any:
    form = {
        "grant_type": "authorization_code",
        "client_id": "window",
        "client_secret": SECRET,
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    }
    sent = {k: v for k, v in (form | changed).items() if v is not None}
    return client.post("/oauth2/token", sent, **HOST)


def userinfo(client: Client, token: str) -> Any:
    return client.get("/oauth2/userinfo", headers={"Authorization": f"Bearer {token}"}, **HOST)


@dataclass
class Walk:
    """One tab of one browser."""

    client: Client
    exchange: ExchangeSide
    journey: UUID

    def at(self, page: str, language: str = "fa") -> str:
        kind, _, rest = page.partition("/")
        return f"/{language}/{kind}/{self.journey}/" + (f"{rest}/" if rest else "")

    def get(self, page: str) -> Any:
        return self.client.get(self.at(page), **HOST)

    def post(self, page: str, **typed: str) -> Any:
        return self.client.post(self.at(page), typed, **HOST)

    def answer_all(self, of: Citizen) -> Any:
        """The three questions, as a person types them."""
        self.post("register/national-id", national_id=of.national_id)
        self.post("register/birth-date", **BORN_TYPED)
        return self.post("register/mobile", mobile="0" + of.mobile.removeprefix("+98"))

    def code_sent_to(self, mobile: str, *, after: int = 0) -> str:
        return self.exchange.wait_for_sms(mobile, after=after).code


def begin(client: Client, exchange: ExchangeSide, page: str = "login") -> Walk:
    response = client.get(f"/fa/{page}/", **HOST)
    return Walk(client, exchange, journey_in(response["Location"]))


def journey_in(address: str) -> UUID:
    match = re.search(r"[0-9a-f]{8}-[0-9a-f-]{27}", address)
    assert match, address
    return UUID(match[0])


def claims_of(client: Client, id_token: str) -> dict[str, Any]:
    """Verified by what the world can see: the published keys."""
    published = KeySet.import_key_set(client.get("/oauth2/jwks", **HOST).json())
    return dict(jwt.decode(id_token, published, algorithms=["ES256", "RS256"]).claims)
