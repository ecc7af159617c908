"""The gallery in a real browser, the colours on paper, the files that are built."""

import gzip
import re

import pytest
from playwright.sync_api import Browser
from support.browser import (
    assert_accessible,
    assert_light,
    assert_page_is_sound,
    assert_reflows,
    opened,
)
from support.built import BUILT, FRONTEND, ensure_styles

TEXT, CONTROL = 4.5, 3.0
OWN_FILES = {'"fonts/Vazirmatn-NL.woff2"', '"../orosi.svg"'}
GALLERIES = ["/fa/", "/fa/?wrong=1", "/en/?wrong=1"]


@pytest.mark.browser
@pytest.mark.urls("gallery")
@pytest.mark.req("AGW-20", "PER-16")
@pytest.mark.parametrize("path", GALLERIES)
def test_every_component_is_accessible_reflows_and_is_light(
    browser: Browser, site: str, path: str
) -> None:
    with opened(browser, f"{site}{path}") as page:
        assert_page_is_sound(page)


@pytest.mark.browser
@pytest.mark.urls("gallery")
def test_the_checks_themselves_can_fail(
    browser: Browser, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(browser, f"{site}/fa/") as page:
        page.evaluate("document.querySelector('label').remove()")
        with pytest.raises(AssertionError, match="is not accessible"):
            assert_accessible(page)
        page.evaluate(
            "document.body.append(Object.assign(document.createElement('hr'), {id: 'w'}))"
        )
        page.evaluate("document.getElementById('w').style.width = '900px'")
        with pytest.raises(AssertionError, match="wider than 320"):
            assert_reflows(page)
        monkeypatch.setattr("support.browser.FIRST_VIEW_LIMIT", 20_000)
        with pytest.raises(AssertionError, match="bytes at first view"):
            assert_light(page)


@pytest.mark.browser
@pytest.mark.urls("gallery")
def test_the_first_key_leads_past_the_header(browser: Browser, site: str) -> None:
    with opened(browser, f"{site}/fa/") as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "govuk-skip-link"
        page.keyboard.press("Enter")
        assert page.evaluate("location.hash") == "#content"


@pytest.mark.browser
@pytest.mark.urls("gallery")
def test_digits_begin_where_the_page_begins(browser: Browser, site: str) -> None:
    with opened(browser, f"{site}/fa/") as page:
        alignment = "getComputedStyle(document.getElementById('id_national_id')).textAlign"
        assert page.evaluate(alignment) == "right"
        page.goto(f"{site}/en/")
        assert page.evaluate(alignment) == "left"


@pytest.mark.browser
@pytest.mark.urls("gallery")
def test_a_right_to_left_page_is_really_mirrored(browser: Browser, site: str) -> None:
    box = "document.querySelector('.app-header__name').getBoundingClientRect().x"
    with opened(browser, f"{site}/fa/") as page:
        right = page.evaluate(box)
        page.goto(f"{site}/en/")
        assert page.evaluate(box) < right


def test_style_sheets_and_font_keep_within_their_limits() -> None:
    ensure_styles()
    for name in ("app.css", "app.rtl.css"):
        assert len(gzip.compress((BUILT / name).read_bytes())) <= 12 * 1024
        assert (BUILT / f"{name}.gz").exists()
    fonts = list((BUILT / "fonts").glob("*.woff2"))
    assert len(fonts) == 1
    assert fonts[0].stat().st_size <= 50 * 1024


def test_nothing_is_fetched_from_elsewhere() -> None:
    ensure_styles()
    sheet = (BUILT / "app.rtl.css").read_text()
    assert set(re.findall(r"url\(([^)]*)\)", sheet)) == OWN_FILES
    assert "GDS Transport" not in sheet


def test_the_lock_file_names_no_host() -> None:
    lock = (FRONTEND / "package-lock.json").read_text()
    assert '"resolved"' not in lock


def colours() -> dict[str, str]:
    text = (FRONTEND / "scss/_base.scss").read_text()
    return dict(re.findall(r'"([a-z-]+)": (#[0-9a-f]{6})', text))


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.req("AGW-20")
@pytest.mark.parametrize(
    ("front", "back", "least"),
    [
        *(
            (name, "body-background", TEXT)
            for name in (
                "text",
                "secondary-text",
                "link",
                "link-visited",
                "link-hover",
                "error",
                "success",
            )
        ),
        ("text", "template-background", TEXT),
        ("secondary-text", "template-background", TEXT),
        ("secondary-text", "surface-background", TEXT),
        ("inverse-text", "brand", TEXT),
        ("focus-text", "focus", TEXT),
        ("input-border", "body-background", CONTROL),
        ("input-border", "surface-background", CONTROL),
    ],
)
def test_colours_can_be_told_apart(front: str, back: str, least: float) -> None:
    """axe sees text only; borders of controls are ours to check (WCAG 1.4.11)."""
    palette = colours()
    assert contrast(palette[front], palette[back]) >= least
