"""The pages of acting for another: both languages, right to left, narrow, accessible."""

import re
from collections.abc import Callable

import pytest
from acting_tour import PAGES, Tour
from exchange_side import ExchangeSide
from playwright.sync_api import Page
from support.bidi import misplaced_runs
from support.browser import assert_accessible, assert_reflows
from support.browser import browser as chromium
from test_every_page import sheet

__all__ = ["chromium", "sheet"]

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", PAGES)
def test_it_reads_from_right_to_left_and_is_all_persian(
    window: str, exchange: ExchangeSide, name: str
) -> None:
    persian = getattr(Tour(exchange, "fa"), name)().content.decode()
    assert misplaced_runs(persian) == []
    assert '<html lang="fa" dir="rtl"' in persian
    assert persian.count("<h1") == 1


@pytest.mark.parametrize("name", PAGES)
def test_it_is_in_english_too(window: str, exchange: ExchangeSide, name: str) -> None:
    english = getattr(Tour(exchange, "en"), name)().content.decode()
    main = english.partition("<main")[2].partition("</main>")[0]
    for own in ("مریم", "کریمی", "حسن", "نیکا", "رضا", "احمدی", "بازرگانی نمونه"):
        main = main.replace(own, "")
    main = re.sub(r"<strong>[^<]*آزمون</strong>|پنجرهٔ آزمون", "", main)
    assert not re.findall("[\u0600-\u06ff]+", main)


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_it_is_accessible_and_narrow(
    sheet: Callable[[bytes], Page], window: str, exchange: ExchangeSide, name: str
) -> None:
    page = sheet(getattr(Tour(exchange, "fa"), name)().content)
    assert_accessible(page)
    assert_reflows(page)
