"""The pages of signing: both languages, right to left, a phone's width, no script."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from exchange_side import ExchangeSide
from keyed import Holder
from people import HOST, Walk, authorize, citizen, journey_in, register_client, registered, sign_in
from playwright.sync_api import Page
from signing import Notary, sha256_of
from support.bidi import misplaced_runs
from support.browser import assert_accessible, assert_reflows
from test_every_page import chromium, sheet
from test_signature_chip import LEVEL_4, level_4
from test_signature_remote import SigningSide
from test_signatures import LEVEL_3, challenge_on, notary, notary_open

from panjereh.sso.jobs import sweep_expired
from panjereh.sso.models import Person
from panjereh.sso.signatures.models import Challenge, RemoteRequest

__all__ = ["chromium", "level_4", "notary", "notary_open", "sheet"]

pytestmark = pytest.mark.django_db


class Tour:
    """Each method ends on the page of its name."""

    def __init__(self, exchange: ExchangeSide, notary: Notary, language: str) -> None:
        self.exchange, self.notary, self.language = exchange, notary, language
        register_client()
        self.person: Person = registered(exchange.add(citizen()))
        self.client = Client()
        sign_in(self.client, self.person)

    def walk(self, acr: str = LEVEL_3) -> Walk:
        sent = authorize(self.client, acr_values=acr, ui_locales=self.language)
        return Walk(self.client, self.exchange, journey_in(sent["Location"]))

    def _page(self, walk: Walk, page: str) -> Any:
        return self.client.get(walk.at(page, self.language), **HOST)

    def sign(self) -> Any:
        return self._page(self.walk(), "signature")

    def sign_a_text(self) -> Any:
        bank = Holder(self.client).register(minimum_level=3)
        text = {"fa": "پرداخت ۱۲۰۰ ریال به بانک نمونه", "en": "Pay 1200 rials to the Sample Bank"}
        told = json.dumps([{"type": "signature", "text": text, "sha256": sha256_of("x")}])
        uri = bank.push(authorization_details=told, ui_locales=self.language).json()["request_uri"]
        sent = bank.authorize(uri)
        walk = Walk(self.client, self.exchange, journey_in(sent["Location"]))
        return self._page(walk, "signature")

    def wrong_file(self) -> Any:
        walk = self.walk()
        file = SimpleUploadedFile("x.p7s", b"hello")
        return self.client.post(walk.at("signature", self.language), {"signature": file}, **HOST)

    def no_file(self) -> Any:
        return self.client.post(self.walk().at("signature", self.language), **HOST)

    def service_away(self) -> Any:
        self.exchange.away.add("remote-signing")
        return self.client.post(self.walk().at("signature", self.language) + "remote/", **HOST)

    def signed(self) -> Any:
        service = SigningSide(self.exchange, self.notary.certify(self.person))
        walk = self.walk()
        self.client.post(walk.at("signature", self.language) + "remote/", **HOST)
        told = {"handle": service.handle, "code": "right"}
        address = walk.at("signature", self.language) + "remote/back/"
        return self.client.get(address, told, **HOST)

    def account(self) -> Any:
        self.signed()
        return self.client.get(f"/{self.language}/account/", **HOST)

    def chip(self) -> Any:
        return self._page(self.walk(LEVEL_4), "chip")


PAGES = [name for name in vars(Tour) if not name.startswith("_") and name != "walk"]


@pytest.fixture
def tour(exchange: ExchangeSide, notary: Notary, level_4: str) -> Callable[[str], Tour]:
    return lambda language: Tour(exchange, notary, language)


@pytest.mark.parametrize("name", PAGES)
def test_the_page_in_persian_turns_nothing_around(tour: Callable[[str], Tour], name: str) -> None:
    persian = getattr(tour("fa"), name)().content.decode()
    assert misplaced_runs(persian) == []
    assert '<html lang="fa" dir="rtl"' in persian
    assert persian.count("<h1") == 1
    assert "<script" not in persian


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_in_english_too(tour: Callable[[str], Tour], name: str) -> None:
    english = getattr(tour("en"), name)().content.decode()
    main = re.sub(r"<bdi>.*?</bdi>", "", english.partition("<main")[2].partition("</main>")[0])
    for name_of_a_person in ("مریم", "کریمی", "حسن"):
        main = main.replace(name_of_a_person, "")
    assert not re.findall("[\u0600-\u06ff]+", main)


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_accessible_and_narrow(
    sheet: Callable[[bytes], Page], tour: Callable[[str], Tour], name: str
) -> None:
    markup = getattr(tour("fa"), name)().content
    page = sheet(markup.replace(b'http-equiv="refresh"', b'name="onward"'))
    assert_accessible(page)
    assert_reflows(page)


def test_the_forms_of_the_page_may_lead_to_the_service_and_to_the_site(
    tour: Callable[[str], Tour],
) -> None:
    policy = tour("fa").sign()["Content-Security-Policy"]
    assert "http://phone.localhost:8107" in policy
    assert "https://window.example" in policy


def test_without_a_service_only_the_other_way_is_offered(
    tour: Callable[[str], Tour], settings: Any
) -> None:
    settings.SIGNING_SERVICE_URL = ""
    page = tour("en").sign().content.decode()
    assert "signing service" not in page
    assert "Download the file to sign" in page


def test_without_a_list_of_authorities_a_signature_does_not_count(
    tour: Callable[[str], Tour], settings: Any, tmp_path: Path
) -> None:
    guest = tour("en")
    walk = guest.walk()
    signed = guest.notary.certify(guest.person).cms(challenge_on(walk))
    settings.SIGNATURE_AUTHORITIES = tmp_path
    file = SimpleUploadedFile("x.p7s", signed)
    page = guest.client.post(walk.at("signature", "en"), {"signature": file}, **HOST)
    assert "cannot be asked at the moment" in page.content.decode()


def test_what_nobody_signed_is_swept_away_and_what_was_signed_stays(
    tour: Callable[[str], Tour],
) -> None:
    guest = tour("fa")
    guest.sign()
    guest.signed()
    Challenge.objects.update(expires_at=datetime.now(UTC) - timedelta(days=3))
    RemoteRequest.objects.update(asked_at=datetime.now(UTC) - timedelta(days=3))
    sweep_expired()
    assert Challenge.objects.get().spent_at is not None
    assert not RemoteRequest.objects.exists()
