"""The window of an agency asks for the level that the service names, and loses no form (SSO-12)."""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from conftest import SERVICES
from django.test import Client
from people import MOTHER
from playing_exchange import PlayingExchange

from panjereh.agency.engine import spiff
from panjereh.agency.models import Agency, Draft, ServiceVersion
from panjereh.agency.packages import load
from panjereh.sdk.signin import Person
from panjereh.sdk.signin.person import acr_of

APPLY = "/fa/services/civil-registration.identity-letter/apply/"
TYPED = {"recipient": "دانشگاه نمونه", "use": "study"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def letter(agency: Agency, exchange: PlayingExchange) -> ServiceVersion:
    package = load.from_folder(SERVICES / "civil-registration" / "identity-letter")
    return ServiceVersion.objects.create(
        agency=agency,
        service_id=package.service_id,
        version=package.version,
        sha256=package.sha256,
        files=dict(package.files),
        engine_version=spiff.VERSION,
        published_by="test",
    )


def at(level: int) -> Person:
    return replace(MOTHER, acr=acr_of(level))


def query(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


@pytest.mark.req("SSO-12")
@pytest.mark.usefixtures("letter")
def test_below_the_level_no_form_opens_and_the_way_leads_back_to_it(
    browser_of: Callable[..., Client],
) -> None:
    for page in ("", "use/", "review/"):
        asked = query(browser_of(at(1)).get(APPLY + page)["Location"])
        assert (asked["level"], asked["next"]) == ("2", APPLY + page)
    assert not Draft.objects.exists()


@pytest.mark.usefixtures("letter")
def test_at_the_level_the_form_opens(browser_of: Callable[..., Client]) -> None:
    for level in (2, 3):
        browser = browser_of(at(level))
        assert browser.get(APPLY)["Location"] == f"{APPLY}use/"


@pytest.mark.req("SSO-12")
@pytest.mark.usefixtures("letter")
def test_a_form_sent_below_the_level_is_kept_and_sent_after_the_step_up(
    browser_of: Callable[..., Client],
) -> None:
    browser = browser_of(at(1))
    asked = query(browser.post(f"{APPLY}use/", TYPED)["Location"])
    assert asked["level"] == "2"
    kept = asked["next"]

    rise(browser)
    page = browser.get(kept).content.decode()
    assert all(f'value="{value}"' in page for value in TYPED.values())
    assert f'action="{APPLY}use/"' in page
    assert browser.post(f"{APPLY}use/", TYPED)["Location"] == f"{APPLY}person/"
    assert Draft.objects.get().answers == TYPED


@pytest.mark.usefixtures("letter")
def test_what_was_answered_waits_when_the_level_is_gone_at_the_submit(
    browser_of: Callable[..., Client],
) -> None:
    browser = browser_of(at(2))
    browser.post(f"{APPLY}use/", TYPED)
    browser.post(f"{APPLY}person/")
    rise(browser, level=1)
    asked = query(browser.post(f"{APPLY}review/")["Location"])
    assert asked["level"] == "2"
    assert Draft.objects.get().answers == TYPED
    assert Draft.objects.get().case is None


@pytest.mark.usefixtures("letter")
def test_the_page_of_the_service_says_so_before(browser_of: Callable[..., Client]) -> None:
    page = browser_of(at(1)).get(APPLY.removesuffix("apply/")).content.decode()
    assert "سطح ۲: با عکسی از چهره‌تان" in page


def rise(browser: Client, level: int = 2) -> None:
    """What the sign-on tells after a step-up: the same person, another level."""
    session = browser.session
    session["signin"]["person"]["acr"] = acr_of(level)
    session.save()
