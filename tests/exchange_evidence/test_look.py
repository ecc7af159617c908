"""The pages in a real browser: accessible, narrow and light, in both languages."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from bookkeeping import DAWN, DUSK, Books
from people import Offices, coming
from playwright.sync_api import Browser
from sample import log_of, record, records
from support.browser import assert_page_is_sound

from panjereh.exchange.evidence import keeping
from panjereh.exchange.evidence.audit import audit
from panjereh.exchange.evidence.config import Config

PAGES = ("log/", "member/calls/", f"member/calls/{record(3).request_id}/")


@pytest.mark.browser
@pytest.mark.req("AGW-20", "PER-01")
def test_every_page_is_sound(
    browser: Browser, site: str, tmp_path: Path, conf: Config, books: Books
) -> None:
    log_of(tmp_path, 60).close()
    with ThreadPoolExecutor(1) as beside:  # Playwright's loop runs in this thread
        beside.submit(books.enter, records(60)).result()
    keeping.tell(conf.folder)
    audit(conf, DAWN, DUSK)
    Offices.enter()
    context = browser.new_context()
    session = coming("consumer").cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
    page = context.new_page()
    for language in ("fa", "en"):
        for number, path in enumerate(PAGES):
            page.goto(f"{site}/{language}/{path}")
            if folder := os.environ.get("PANJEREH_PICTURES"):
                page.screenshot(path=f"{folder}/{language}-{number}.png", full_page=True)
            assert_page_is_sound(page)
    context.close()
