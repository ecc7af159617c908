"""The check of documents as people use it: with a browser, without scripts, on a narrow phone."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import forgeries
import pytest
from django.db import connections
from playwright.sync_api import Browser, Page, expect
from support.bidi import misplaced_runs
from support.browser import assert_accessible, assert_light, assert_reflows, browser, site
from support.built import ensure_translations

from panjereh.national.documents import actions
from panjereh.national.documents.models import Document

__all__ = ["browser", "site"]

CHECK = {"fa": "بررسی", "en": "Check"}
CHECK_FILE = {"fa": "بررسی پرونده", "en": "Check the file"}
BOTH = pytest.mark.parametrize("language", ["fa", "en"])


def apart(deed: Callable[[], Any]) -> Any:
    """Run where no event loop runs: the browser holds the one of this thread."""

    def run() -> Any:
        try:
            return deed()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


@pytest.fixture(scope="module", autouse=True)
def translated() -> None:
    ensure_translations("ui", "national")


@pytest.fixture
def issued(browser: Browser, site: str, issue: Any) -> Document:
    made: Document = apart(issue)
    return made


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Axe needs scripts; what the pages do needs none (see the last test)."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


def _sound(page: Page) -> None:
    assert_accessible(page)
    assert_reflows(page)
    assert not misplaced_runs(page.content())


@pytest.mark.browser
@pytest.mark.req("AGW-20")
@BOTH
def test_the_form_and_what_it_says_of_mistakes(
    page: Page, site: str, db: None, language: str
) -> None:
    page.goto(f"{site}/{language}/verify/")
    _sound(page)
    assert_light(page)

    page.locator("input[name=number]").fill("CIVR-12")
    page.get_by_role("button", name=CHECK[language], exact=True).click()

    expect(page.locator("#error-summary")).to_be_focused()
    _sound(page)


@pytest.mark.browser
@BOTH
def test_the_page_of_the_qr_code(page: Page, site: str, issued: Document, language: str) -> None:
    page.goto(f"{site}/{language}/d/{issued.id}/")

    _sound(page)
    assert_light(page)


@pytest.mark.browser
@pytest.mark.req("DOC-02", "DOC-22")
@BOTH
def test_the_verdict_on_a_real_and_on_a_changed_file(
    page: Page, site: str, issued: Document, language: str, tmp_path: Path
) -> None:
    real, changed = tmp_path / "real.pdf", tmp_path / "changed.pdf"
    real.write_bytes(bytes(issued.pdf))
    changed.write_bytes(forgeries.page_replaced(issued))
    for file in (real, changed):
        page.goto(f"{site}/{language}/d/{issued.id}/")
        page.locator("input[type=file]").set_input_files(file)
        page.get_by_role("button", name=CHECK_FILE[language]).click()
        _sound(page)
        assert page.locator("img.app-paper").count() == (file == real)


@pytest.mark.browser
def test_a_revoked_document(page: Page, site: str, issued: Document) -> None:
    apart(lambda: actions.revoke(actor="registrar 17", document_id=issued.id, reason="x"))

    page.goto(f"{site}/fa/d/{issued.id}/")

    assert "دستگاه این سند را باطل کرده است" in page.inner_text("main")
    _sound(page)


@pytest.mark.browser
@pytest.mark.req("DOC-22")
def test_without_scripts_a_stranger_checks_by_number_and_changes_the_language(
    browser: Browser, site: str, issued: Document
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/")
    page.locator("input[name=number]").fill(issued.human_id)
    page.get_by_role("button", name=CHECK["fa"], exact=True).click()
    assert "سندی معتبر با این شناسه هست" in page.inner_text("main")

    page.goto(f"{site}/fa/d/{issued.id}/")
    page.get_by_role("link", name="English").click()

    assert "There is a valid document with this number" in page.inner_text("main")
    context.close()
