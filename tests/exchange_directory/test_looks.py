"""Every page of the directory as people see it: accessible, on a narrow phone, both languages."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from furnished import Furnished
from parties import OPERATOR, OTHER, OURS, sign_in
from playwright.sync_api import Browser, Page
from support.bidi import misplaced_runs
from support.browser import DESKTOP, NARROW, assert_accessible, assert_light, assert_reflows
from test_member_pages import SHOWN, path

from panjereh.sdk.signin.person import Person

PHOTOS = os.environ.get("PANJEREH_PHOTOS", "")  # a folder, for who wants to look


IN_ENGLISH = {"home", "directory", "catalogue-service", "egif", "member-home", "member-system"}


def addresses(furnished: Furnished) -> dict[str, tuple[Person, str]]:
    service = [furnished.system.code, furnished.service.code]
    ours = furnished.parties.ours
    pages = {
        "home": (OURS, reverse("home")),
        "directory": (OURS, reverse("directory")),
        "directory-member": (OURS, reverse("directory-member", args=["GOV", ours.code])),
        "catalogue": (OURS, reverse("catalogue") + "?q=خودرو"),
        "catalogue-service": (OURS, reverse("catalogue-service", args=service)),
        "egif": (OURS, reverse("egif")),
        "new-member": (OPERATOR, reverse("new-member")),
        "operator-member": (OPERATOR, reverse("operator-member", args=[ours.pk])),
        "operator-appoint": (OPERATOR, reverse("operator-appoint", args=[ours.pk])),
        "gaps": (OPERATOR, reverse("gaps")),
        "ask-extension": (
            OTHER,
            reverse(
                "member-ask-extension", args=[furnished.withdrawal.pk, furnished.consumer.code]
            ),
        ),
        "other-home": (OTHER, reverse("member-home")),
        "other-sub-members": (OTHER, reverse("member-sub-members")),
    }
    return pages | {name: (OURS, path(name, furnished)) for name in SHOWN}


@pytest.fixture
def seen(browser: Browser, site: str) -> Iterator[tuple[Page, str]]:
    context = browser.new_context(viewport=DESKTOP)
    yield context.new_page(), site
    context.close()


@pytest.mark.browser
@pytest.mark.req("AGW-20", "PER-01")
@pytest.mark.parametrize("language", ["fa", "en"])
def test_every_page_is_accessible_and_fits_a_narrow_phone(
    seen: tuple[Page, str], furnished: Furnished, language: str
) -> None:
    """In English those that differ by more than their words."""
    page, site = seen
    for name, (person, address) in addresses(furnished).items():
        if language == "en" and name not in IN_ENGLISH and not PHOTOS:
            continue
        session = sign_in(Client(), person).cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
        page.goto(site + address.replace("/en/", f"/{language}/", 1))
        assert_accessible(page)
        assert_reflows(page)
        photograph(page, f"{name}-{language}")
    page.goto(f"{site}/{language}/catalogue/")
    assert_light(page)


@pytest.mark.req("PER-08")
def test_no_page_prints_a_number_or_a_name_reversed(furnished: Furnished) -> None:
    found: dict[str, list[str]] = {}
    for name, (person, address) in addresses(furnished).items():
        body = sign_in(Client(), person).get(address.replace("/en/", "/fa/", 1)).content.decode()
        found |= {name: runs} if (runs := misplaced_runs(body)) else {}
    assert found == {}


def photograph(page: Page, name: str) -> None:
    if PHOTOS:
        for size, view in (("wide", DESKTOP), ("narrow", NARROW)):
            page.set_viewport_size(view)
            page.screenshot(path=Path(PHOTOS) / f"{name}-{size}.png", full_page=True)
        page.set_viewport_size(DESKTOP)
