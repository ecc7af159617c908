"""Every page of approvals as people see it: accessible, on a narrow phone, in both languages."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from country import Country, sign_in
from django.test.testcases import LiveServerThread
from django.urls import reverse
from django.utils import translation
from playwright.sync_api import Browser, Page
from support.bidi import misplaced_runs
from support.browser import DESKTOP, NARROW, assert_accessible, assert_light, assert_reflows
from test_pages import declined, held_session

from panjereh.exchange.approvals.actions import sessions, trying, upkeep
from panjereh.exchange.approvals.models import AccessRequest, Session

PHOTOS = os.environ.get("PANJEREH_PHOTOS", "")  # a folder, for who wants to look


@pytest.fixture
def site(country: Country) -> Iterator[str]:
    """The site on a port; what the tests here commit stays, so nothing is emptied after."""
    server = LiveServerThread("127.0.0.1", static_handler=lambda handler: handler)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    assert not server.error
    yield f"http://127.0.0.1:{server.port}"
    server.terminate()


@pytest.fixture
def addresses(country: Country, gate: Any) -> dict[str, tuple[str, str]]:
    """name -> who looks, and where."""
    with translation.override("en"):
        return pages_of(country)


def pages_of(country: Country) -> dict[str, tuple[str, str]]:
    draft, waiting, agreed = country.begin(), country.submitted(), country.agreed()
    listed = {"kind": "listed", "list": "privatisation-list", "pointer": "/enterprise_national_id"}
    approved = country.approved(conditions=[listed], wishes="فقط در ساعات اداری")
    trying.run_conformance(actor=country.asker, request=approved)
    signed = signed_session(country)
    open_session = held_session(country, declined(country))
    declined(country)  # one more waits for the group
    grant = country.granted_at_once()
    upkeep.propose_withdrawal(actor=country.secretariat, grant=grant, idle_months=3)
    service = country.service()
    begin = [service.system.code, service.code]
    approval = AccessRequest.objects.get(pk=approved.pk).approval_id
    return {
        "register": ("nobody", reverse("register")),
        "register-empty": ("nobody", reverse("register") + "?q=هیچ"),
        "approval": ("nobody", reverse("approval", args=[approval])),
        "signed-sessions": ("nobody", reverse("signed-sessions")),
        "minutes": ("nobody", reverse("minutes", args=[signed.number])),
        "verify": ("nobody", reverse("verify-approval")),
        "my-requests": ("asker", reverse("my-requests")),
        "new-request": ("asker", reverse("new-request")),
        "begin": ("asker", reverse("begin-request", args=begin)),
        "items": ("asker", reverse("write-request", args=[draft.pk, "items"])),
        "reason": ("asker", reverse("write-request", args=[draft.pk, "reason"])),
        "volume": ("asker", reverse("write-request", args=[draft.pk, "volume"])),
        "check": ("asker", reverse("write-request", args=[draft.pk, "check"])),
        "request": ("asker", reverse("my-request", args=[approved.pk])),
        "received": ("answerer", reverse("my-requests")),
        "answer": ("answerer", reverse("answer-request", args=[waiting.pk])),
        "idle": ("asker", reverse("idle-grant", args=[grant.series])),
        "secretariat": ("secretariat", reverse("secretariat")),
        "decide": ("secretariat", reverse("decide-request", args=[agreed.pk])),
        "plan-session": ("secretariat", reverse("plan-session")),
        "session": ("secretariat", reverse("session", args=[open_session.number])),
        "idle-grants": ("secretariat", reverse("idle-grants")),
        "agreements": ("secretariat", reverse("agreements")),
        "plans": ("secretariat", reverse("plans")),
        "group": ("working-group", reverse("group")),
        "agenda": ("working-group", reverse("agenda", args=[open_session.number])),
        "decide-item": ("working-group", reverse("decide-item", args=[open_session.number, 1])),
    }


def signed_session(country: Country) -> Session:
    session = held_session(country, declined(country))
    (item,) = session.items.all()
    sessions.decide_item(
        actor=country.group,
        item=item,
        decision="approved",
        text={"fa": "با دسترسی موافقت شد.", "en": "Access was approved."},
        number=f"1405-{session.number}",
    )
    sessions.sign_minutes(actor=country.secretariat, session=session)
    return session


@pytest.mark.browser
@pytest.mark.req("PER-01")
@pytest.mark.parametrize("language", ["fa", "en"])
def test_every_page_is_accessible_and_fits_a_narrow_phone(
    browser: Browser,
    site: str,
    country: Country,
    addresses: dict[str, tuple[str, str]],
    language: str,
) -> None:
    context = browser.new_context(viewport=DESKTOP)
    page = context.new_page()
    for name, (part, address) in addresses.items():
        context.clear_cookies()
        if part != "nobody":
            session = sign_in(country.people[part]).cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
        page.goto(site + address.replace("/en/", f"/{language}/", 1))
        assert_accessible(page)
        assert_reflows(page)
        photograph(page, f"{name}-{language}")
    page.goto(f"{site}/{language}/approvals/")
    assert_light(page)
    context.close()


@pytest.mark.req("PER-08")
def test_no_page_prints_a_number_or_a_name_reversed(
    country: Country, addresses: dict[str, tuple[str, str]]
) -> None:
    found: dict[str, list[str]] = {}
    for name, (part, address) in addresses.items():
        client = sign_in(country.people["stranger" if part == "nobody" else part])
        body = client.get(address.replace("/en/", "/fa/", 1)).content.decode()
        found |= {name: runs} if (runs := misplaced_runs(body)) else {}
    assert found == {}


def photograph(page: Page, name: str) -> None:
    if PHOTOS:
        for size, view in (("wide", DESKTOP), ("narrow", NARROW)):
            page.set_viewport_size(view)
            page.screenshot(path=Path(PHOTOS) / f"{name}-{size}.png", full_page=True)
        page.set_viewport_size(DESKTOP)
