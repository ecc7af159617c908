"""The pages of step-up and face check, in both languages, as people and machines see them."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from exchange_side import ExchangeSide
from people import HOST, authorize, citizen, journey_in, registered, sign_in
from PIL import Image
from playwright.sync_api import Page
from support.bidi import misplaced_runs
from support.browser import assert_accessible, assert_reflows
from support.browser import browser as chromium
from test_every_page import Speaking, sheet

from panjereh.sandbox.faces.camera import camera_picture

__all__ = ["chromium", "sheet"]

pytestmark = pytest.mark.django_db


class Tour:
    """Each method ends on the page of its name."""

    def __init__(self, exchange: ExchangeSide, language: str) -> None:
        self.exchange, self.client = exchange, Client()
        self.mother = exchange.add(citizen())
        sign_in(self.client, registered(self.mother))
        asked_for = authorize(self.client, ui_locales=language, acr_values="urn:panjereh:level:2")
        self.walk = Speaking(self.client, exchange, journey_in(asked_for["Location"]), language)

    def choose(self) -> Any:
        return self.walk.get("step-up")

    def no_way(self) -> Any:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("panjereh.sso.step_up.ways.WAYS", ())
            return self.walk.get("step-up")

    def face(self) -> Any:
        return self.walk.get("face")

    def face_wrong(self) -> Any:
        return self._give(b"nothing")

    def face_differs(self) -> Any:
        return self._give(camera_picture(citizen(2).national_id, "female"))

    def no_face(self) -> Any:
        kept = io.BytesIO()
        Image.new("RGB", (400, 500), "#406080").save(kept, "JPEG")
        return self._give(kept.getvalue())

    def locked(self) -> Any:
        self.exchange.tried_out.add(self.mother.national_id)
        return self.face_differs()

    def away(self) -> Any:
        self.exchange.away.add("civil-registry")
        return self.face_differs()

    def _give(self, raw: bytes) -> Any:
        photo = SimpleUploadedFile("me.jpg", raw, content_type="image/jpeg")
        return self.client.post(self.walk.at("face"), {"photo": photo}, **HOST)


PAGES = [name for name in vars(Tour) if not name.startswith("_")]


@pytest.mark.parametrize("name", PAGES)
def test_no_page_turns_a_number_around_or_forgets_a_translation(
    window: str, exchange: ExchangeSide, name: str
) -> None:
    persian = getattr(Tour(exchange, "fa"), name)().content.decode()
    assert misplaced_runs(persian) == []
    assert '<html lang="fa" dir="rtl"' in persian
    assert persian.count("<h1") == 1
    assert "<script" not in persian


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_in_english_too(window: str, exchange: ExchangeSide, name: str) -> None:
    english = getattr(Tour(exchange, "en"), name)().content.decode()
    main = english.partition("<main")[2].partition("</main>")[0]
    assert not re.findall("[\u0600-\u06ff]+", main)


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_accessible_and_narrow(
    sheet: Callable[[bytes], Page], window: str, exchange: ExchangeSide, name: str
) -> None:
    page = sheet(getattr(Tour(exchange, "fa"), name)().content)
    assert_accessible(page)
    assert_reflows(page)
