"""The guide's recipes: taken out of it, started, and used by a person with a browser."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from exchange_side import Citizen, ExchangeSide
from live import LiveSso, start_sso
from outsiders import Browser
from people import citizen, registered
from recipes import OPENIDC, RecipeSite, recipes, start

from panjereh.sso.models import LogoutNotice, Session
from panjereh.sso.portal.guide import RECIPES, SUFFIX
from panjereh.sso.sessions.telling import tell_due

pytestmark = pytest.mark.django_db(transaction=True)

LOGIN = {"django": "/oidc/authenticate/", "node": "/login", "python": "/login", "apache": "/"}
HIGHER = {kind: f"{LOGIN[kind]}?level=2" for kind in LOGIN} | {"apache": "/vault"}
OUT = {"django": "/oidc/logout/", "node": "/logout", "python": "/logout"}
KINDS = [
    pytest.param(
        kind,
        marks=pytest.mark.skipif(
            kind == "apache" and not OPENIDC.exists(), reason="mod_auth_openidc is not installed"
        ),
    )
    for kind in LOGIN
]


@pytest.fixture
def sso(settings: Any, exchange: ExchangeSide, transactional_db: None) -> Iterator[LiveSso]:
    server = start_sso()
    # Every program finds this name; others of *.localhost only some do.
    settings.ISSUER = f"http://localhost:{server.port}"
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "localhost"]
    yield server
    server.stop()


@pytest.fixture
def site(
    request: pytest.FixtureRequest, sso: LiveSso, settings: Any, tmp_path: Path
) -> Iterator[RecipeSite]:
    started = start(request.param, settings.ISSUER, tmp_path)
    yield started
    started.stop()


@pytest.fixture
def mother(exchange: ExchangeSide, transactional_db: None) -> Citizen:
    mother = exchange.add(citizen())
    registered(mother)
    return mother


@pytest.fixture
def browser(mother: Citizen, exchange: ExchangeSide, sso: LiveSso) -> Browser:
    return Browser(mother, exchange, f"localhost:{sso.port}")


def seen(browser: Browser, site: RecipeSite, path: str = "/") -> dict[str, Any]:
    """What the site knows of its visitor."""
    return dict(json.loads(browser.walker.open(site.url + path).body))


def kind_of(site: RecipeSite) -> str:
    return site.client_id.removeprefix("guide-")


@pytest.mark.req("SSO-15", "SSO-17", "SSO-12", "SSO-14")
@pytest.mark.parametrize("site", KINDS, indirect=True)
def test_a_recipe_signs_in_steps_up_and_is_told_of_the_sign_out(
    site: RecipeSite, browser: Browser, mother: Citizen, sso: LiveSso
) -> None:
    kind = kind_of(site)
    page = browser.through(site.url + LOGIN[kind])
    assert page.url.startswith(site.url), page.text
    assert seen(browser, site) == {"name": mother.family_name, "level": 1}
    page = browser.through(site.url + HIGHER[kind])
    assert page.url.startswith(site.url), page.text
    assert json.loads(page.body)["level"] == 2
    assert Session.objects.get().ways == ["sms", "face"]
    out = browser.walker.open(f"http://localhost:{sso.port}/fa/sign-out/")
    browser.walker.press(out, out.main_form())
    assert tell_due() == 1
    assert LogoutNotice.objects.get().last_outcome == ""
    assert _nobody(browser, site)


def _nobody(browser: Browser, site: RecipeSite) -> bool:
    """Signed out: the site knows nobody, or sends the visitor to sign in."""
    page = browser.walker.open(f"{site.url}/")
    return not page.url.startswith(site.url) or json.loads(page.body)["name"] is None


@pytest.mark.req("SSO-14", "SSO-17")
@pytest.mark.parametrize("site", ["django", "node", "python"], indirect=True)
def test_a_recipe_renews_and_signs_out(site: RecipeSite, browser: Browser, mother: Citizen) -> None:
    kind = kind_of(site)
    browser.through(site.url + LOGIN[kind])
    if kind == "django":
        browser.walker.open(f"{site.url}/grow-old/")
    else:
        browser.press(f"{site.url}/refresh")
    assert seen(browser, site) == {"name": mother.family_name, "level": 1}
    page = browser.press(site.url + OUT[kind])
    assert page.url.startswith(site.url)
    assert seen(browser, site)["name"] is None
    assert Session.objects.get().ended_at is not None


@pytest.mark.parametrize("site", KINDS, indirect=True)
def test_a_recipe_refuses_answers_that_were_not_asked_for(
    site: RecipeSite, browser: Browser
) -> None:
    """Login CSRF, mix-up, and logout tokens that anybody could write."""
    kind = kind_of(site)
    from recipes import CALLBACKS, LOGOUTS

    forged = f"{site.url}{CALLBACKS[kind]}?code=stolen&state=guessed&iss=http://evil.example"
    assert browser.walker._send("GET", forged, b"", "").status >= 400
    told = browser.walker._send("POST", site.url + LOGOUTS[kind], b"logout_token=e30.e30.x", "")
    assert told.status >= 400
    assert not Session.objects.exists()


@pytest.mark.req("SSO-15", "SSO-17")
@pytest.mark.parametrize("site", ["panjereh"], indirect=True)
def test_our_own_client_needs_few_lines(
    site: RecipeSite, browser: Browser, mother: Citizen
) -> None:
    assert mother.family_name in browser.through(f"{site.url}/mine/").body.decode()
    assert "after a step-up" in browser.through(f"{site.url}/vault/").body.decode()
    assert Session.objects.get().ways == ["sms", "face"]


def test_the_page_and_the_guide_show_the_same_recipes() -> None:
    shown = {path.name.removesuffix(SUFFIX): path.read_text() for path in RECIPES.iterdir()}
    assert recipes() == shown


@pytest.mark.parametrize("site", ["django", "node", "python"], indirect=True)
def test_a_recipe_begins_a_new_session_at_each_sign_in(site: RecipeSite, browser: Browser) -> None:
    """Session fixation: the key that a visitor came with is not the one of who signed in."""
    host = site.url.removeprefix("http://")
    browser.walker.open(f"{site.url}/")
    before = dict(browser.walker.cookies.get(host, {}))
    browser.through(site.url + LOGIN[kind_of(site)])
    after = browser.walker.cookies[host]
    assert after
    assert not set(before.values()) & {
        value for name, value in after.items() if name.startswith("session")
    }
