"""Pages of developers and officers, as test_every_page does for the rest; the button."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from desk_pages import PAGES, DeskTour
from django.test.signals import template_rendered
from exchange_side import ExchangeSide
from playwright.sync_api import Page
from support.bidi import misplaced_runs
from support.browser import NARROW, assert_accessible, assert_reflows
from support.browser import browser as chromium
from test_every_page import _fresh as fresh
from test_every_page import sheet

from panjereh.sso.models import RelyingParty
from panjereh.sso.portal.guide import recipe
from panjereh.sso.portal.models import Agency, Application, Approval, Developer, Site

__all__ = ["chromium", "sheet"]

ROOMS = Path(__file__).parents[2] / "src/panjereh/sso"
INVENTED = ("نانوایی", "فروش نان", "ماده ۵", "ماده ۶", "رضا امین", "مدیر کل")
WRITTEN = ("ورود از طریق دولت من",)  # the button is in Persian on every page
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", PAGES)
def test_no_page_turns_a_number_around_or_forgets_a_translation(name: str) -> None:
    persian = getattr(DeskTour("fa"), name)().content.decode()
    assert misplaced_runs(_without_code(persian)) == []
    assert '<html lang="fa" dir="rtl"' in persian
    assert persian.count("<h1") == 1


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_in_english_too(name: str) -> None:
    english = _without_code(getattr(DeskTour("en"), name)().content.decode())
    main = re.sub(r"<bdi.*?</bdi>", "", english.partition("<main")[2].partition("</main>")[0])
    for word in (*INVENTED, *WRITTEN, "مریم", "کریمی", "حسن", "نیما توسعه"):
        main = main.replace(word, "")
    assert not re.findall("[\u0600-\u06ff]+", main)


def _without_code(page: str) -> str:
    return re.sub(r"<pre.*?</pre>", "", page, flags=re.DOTALL)


def test_the_tour_sees_every_template(exchange: ExchangeSide) -> None:
    seen: set[str] = set()

    def note(template: Any, **_: object) -> None:
        seen.add(str(template.name))

    template_rendered.connect(note)
    try:
        for name in PAGES:
            _empty(exchange)
            getattr(DeskTour("fa"), name)()
    finally:
        template_rendered.disconnect(note)
    rooms = [ROOMS / room / "templates" for room in ("portal", "staff")]
    ours = {str(path.relative_to(room)) for room in rooms for path in room.rglob("*.html")}
    assert ours <= seen


def _empty(exchange: ExchangeSide) -> None:
    for kept in (Approval, Application, Site, Developer, Agency, RelyingParty):
        kept.objects.all().delete()
    fresh(exchange)


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_accessible_and_narrow(sheet: Callable[[bytes], Page], name: str) -> None:
    page = sheet(getattr(DeskTour("fa"), name)().content)
    assert_accessible(page)
    assert_reflows(page)


# The button


@pytest.mark.browser
@pytest.mark.req("SSO-15")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("ground", ["#ffffff", "#0b1a20"])
def test_the_button_is_read_in_light_and_dark_and_fits_a_phone(
    sheet: Callable[[bytes], Page], scheme: Any, ground: str
) -> None:
    page = sheet(_alone(ground).encode())
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(NARROW)
    assert_accessible(page)
    box = page.locator(".my-government").bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert box["x"] + box["width"] <= NARROW["width"]
    page.emulate_media(color_scheme="light")


def _alone(ground: str) -> str:
    """On a foreign site, as its makers paste it."""
    style = f"body{{background:{ground};font:18px sans-serif}}{recipe('button.css')}"
    return (
        f'<!doctype html><html lang="fa" dir="rtl"><head><meta charset="utf-8"><title>سایت</title>'
        f'<meta name="viewport" content="width=device-width"><style>{style}</style></head>'
        f"<body><main><h1 style='color:#777'>سایت</h1>{recipe('button.html')}</main></body></html>"
    )


def test_our_page_shows_the_same_button_as_the_recipe() -> None:
    ours = ROOMS / "portal/static/sso_portal/button.css"
    assert ours.read_text().rstrip() == recipe("button.css")
    page = (ROOMS / "portal/templates/sso_portal/button.html").read_text().rstrip()
    assert page.replace('href="/"', 'href="/oidc/authenticate/"') == recipe("button.html")
