"""Look at pages as people do: a real browser, with checks that every page has to pass.

A suite takes the fixtures it needs in its conftest: `from support.browser import browser, site`.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright
from support.built import axe_script, ensure_styles

NARROW: ViewportSize = {"width": 320, "height": 640}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FIRST_VIEW_LIMIT = 100 * 1024
TOO_WIDE = """width => {
  if (document.documentElement.scrollWidth <= width) return [];
  const outside = e => {
    const box = e.getBoundingClientRect();
    return box.right > width + 1 || box.left < -1;
  };
  return [...document.body.querySelectorAll('*')]
    .filter(e => !e.closest('.app-table-scroll') && outside(e))
    .map(e => e.outerHTML.slice(0, 160))
    .slice(0, 8)
    .concat(['(the page scrolls sideways)']);
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For one module: while Playwright runs, nothing else in the process can use asyncio."""
    ensure_styles()
    # Playwright's own loop runs in this thread; Django would refuse the database because of it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=os.environ.get("PANJEREH_CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--host-resolver-rules=MAP *.localhost 127.0.0.1"],
        )
        yield chromium
        chromium.close()


@pytest.fixture
def site(transactional_db: None) -> Iterator[str]:
    """The floor of this suite on a port of its own, static files as WhiteNoise serves them."""
    from django.test.testcases import LiveServerThread

    server = LiveServerThread("127.0.0.1", static_handler=lambda handler: handler)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    yield f"http://127.0.0.1:{server.port}"
    server.terminate()


@contextmanager
def opened(browser: Browser, url: str, **context: Any) -> Iterator[Page]:
    """A page in a fresh context, closed afterwards; nothing is cached from before."""
    fresh = browser.new_context(**({"viewport": DESKTOP} | context))
    try:
        page = fresh.new_page()
        answer = page.goto(url)
        assert answer is None or answer.status < 500, f"{url} answered {answer.status}"
        yield page
    finally:
        fresh.close()


def assert_accessible(page: Page) -> None:
    """No violation of WCAG 2.2 AA or of good practice that a machine can see (AGW-20)."""
    page.evaluate(axe_script())
    found = page.evaluate(
        "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES
    )
    said = [
        f"{v['id']} ({v['impact']}): {v['help']}\n    "
        + "\n    ".join(f"{n['target']} {n['html'][:200]}" for n in v["nodes"][:5])
        for v in found["violations"]
    ]
    assert not said, f"{page.url} is not accessible:\n" + "\n".join(said)


def assert_reflows(page: Page) -> None:
    """Nothing makes a screen of 320 pixels scroll sideways (WCAG 1.4.10)."""
    before = page.viewport_size
    page.set_viewport_size(NARROW)
    wide = page.evaluate(TOO_WIDE, NARROW["width"])
    if before:
        page.set_viewport_size(before)
    assert not wide, f"{page.url} is wider than 320 pixels:\n" + "\n".join(wide)


def page_weight(page: Page) -> int:
    """Bytes on the wire for a first view of this address, everything counted.

    It is opened once more by the same person in a browser that has nothing in its cache.
    """
    browser = page.context.browser
    assert browser
    fresh = browser.new_context(storage_state=page.context.storage_state(), viewport=DESKTOP)
    try:
        view = fresh.new_page()
        wire = fresh.new_cdp_session(view)
        sizes: list[float] = []
        wire.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
        wire.send("Network.enable")
        view.goto(page.url, wait_until="networkidle")
        return int(sum(sizes))
    finally:
        fresh.close()


def assert_light(page: Page) -> None:
    weight = page_weight(page)
    assert weight < FIRST_VIEW_LIMIT, f"{page.url} moves {weight} bytes at first view"


def assert_page_is_sound(page: Page) -> None:
    """Everything that can be asked of a page that has been opened."""
    assert_accessible(page)
    assert_reflows(page)
    assert_light(page)
