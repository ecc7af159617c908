"""The guard itself: it has to see what it is there for."""

import pytest
from support.bidi import misplaced_runs


def page(body: str, direction: str = "rtl") -> str:
    head = "<head><title>x y</title></head>"
    return f'<html lang="fa" dir="{direction}">{head}<body>{body}</body></html>'


@pytest.mark.parametrize(
    "body",
    [
        "<p>کد ۱۴۰۵-۸۸۱۲۳۴</p>",
        "<p>شمارهٔ ۰۹۱۲•••۳۴۵۶</p>",
        "<p>تاریخ 1405/08/25</p>",
        "<p>نشانی example.ir است</p>",
        "<p>ساعت 12</p>",
        "<p><bdi>خوب</bdi> ولی ۱۲-۳۴</p>",
    ],
)
def test_runs_that_would_be_turned_around_are_found(body: str) -> None:
    assert misplaced_runs(page(body))


@pytest.mark.parametrize(
    "body",
    [
        '<p>کد <bdi dir="ltr">۱۴۰۵-۸۸۱۲۳۴</bdi></p>',
        "<p>کد \u20661405-88\u2069 رسید</p>",
        '<a lang="en" href="/en/">English</a>',
        "<p>ساعت ۱۲:۳۰ روز ۲۵ آبان ۱۴۰۵</p>",
        "<svg><title>abc</title></svg><p>خوب</p>",
        '<input value="12-34"><br><p>خوب</p>',
    ],
)
def test_runs_that_are_isolated_pass(body: str) -> None:
    assert misplaced_runs(page(body)) == []


def test_a_page_that_runs_left_to_right_is_not_looked_at() -> None:
    assert misplaced_runs(page("<p>12-34</p>", "ltr")) == []
