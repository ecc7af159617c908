from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.template import TemplateSyntaxError, engines
from django.utils import translation
from django.utils.safestring import mark_safe

from panjereh.ui.templatetags.panjereh import digits

pytestmark = pytest.mark.usefixtures("persian")
MOMENT = datetime(2026, 11, 16, 20, 45, tzinfo=UTC)  # 17 November, 00:15 in Tehran


def render(source: str, language: str = "fa", **context: Any) -> str:
    with translation.override(language):
        return str(engines["django"].from_string("{% load panjereh %}" + source).render(context))


@pytest.mark.parametrize(
    ("filter_", "value", "persian", "english"),
    [
        ("digits", 12, "۱۲", "12"),
        ("digits", "از 9 تا 12:30", "از ۹ تا ۱۲:۳۰", "از 9 تا 12:30"),
        ("digits", "کد 1405-7K3M.", "کد \u20661405-7K3M\u2069.", "کد 1405-7K3M."),
        ("digits", "کد 1405-88", "کد \u2066۱۴۰۵-۸۸\u2069", "کد 1405-88"),
        ("digits", "مبلغ 4.5 است.", "مبلغ ۴.۵ است.", "مبلغ 4.5 است."),
        ("ltr", "1405-8812", '<bdi dir="ltr">۱۴۰۵-۸۸۱۲</bdi>', '<bdi dir="ltr">1405-8812</bdi>'),
        ("ltr", "7K3M", '<bdi dir="ltr">7K3M</bdi>', '<bdi dir="ltr">7K3M</bdi>'),
        (
            "masked_mobile",
            "+989121234567",
            '<bdi dir="ltr">۰۹۱۲•••۴۵۶۷</bdi>',
            '<bdi dir="ltr">0912•••4567</bdi>',
        ),
        ("jalali", date(2026, 11, 16), "۲۵ آبان ۱۴۰۵", "16 November 2026"),
        ("jalali", "2026-11-16", "۲۵ آبان ۱۴۰۵", "16 November 2026"),
        ("jalali", MOMENT, "۲۶ آبان ۱۴۰۵", "17 November 2026"),
        ("jalali", None, "", ""),
        ("jalali_time", MOMENT, "۲۶ آبان ۱۴۰۵، ساعت ۰۰:۱۵", "17 November 2026 at 00:15"),
        ("jalali_time", "2026-11-16T20:45:00+00:00", "۲۶ آبان ۱۴۰۵، ساعت ۰۰:۱۵", None),
        ("jalali_time", "", "", ""),
        ("rial", 250000, "۲۵۰٬۰۰۰ ریال", "250,000 rials"),
        ("rial", "0", "رایگان", "Free of charge"),
        ("iso", MOMENT, "2026-11-16T20:45:00+00:00", None),
        ("in_language", {"fa": "نام", "en": "name"}, "نام", "name"),
        ("in_language", {"fa": "نام"}, "نام", "نام"),
        ("in_language", "ساده", "ساده", "ساده"),
        ("in_language", None, "", ""),
        ("state_name", "waiting", "منتظر شما", "Waiting for you"),
        ("state_name", "unheard-of", "unheard-of", "unheard-of"),
    ],
)
def test_filters_speak_the_readers_language(
    filter_: str, value: Any, persian: str, english: str | None
) -> None:
    source = "{{ value|" + filter_ + " }}"
    assert render(source, value=value) == persian
    if english is not None:
        assert render(source, "en", value=value) == english


def test_a_run_that_is_isolated_already_is_not_isolated_twice() -> None:
    assert render("{{ v|digits }}", v="کد \u20661405-88\u2069") == "کد \u2066۱۴۰۵-۸۸\u2069"


def test_the_codes_of_a_letter_are_isolated_by_markup_and_copied_without_marks() -> None:
    letter = "سند \u2066CIVR-1405-3\u2069 و 12-34.\n\nپایان <"
    shown = render("{{ v|plain_text }}", v=letter)
    assert shown == (
        '<p>سند <bdi dir="ltr">CIVR-1405-3</bdi> و <bdi dir="ltr">۱۲-۳۴</bdi>.</p>\n\n'
        "<p>پایان &lt;</p>"
    )


def test_nothing_that_a_filter_prints_becomes_markup() -> None:
    hostile = "<b>1</b>"
    for name in ("digits", "ltr", "in_language", "state_tag", "plain_text"):
        assert "<b>" not in render("{{ value|" + name + " }}", value=hostile)


def test_digits_inside_tags_and_entities_are_left_alone() -> None:
    text = mark_safe('<a href="/p/12?a=1&amp;b=2">12 &#39;5&#39;</a>')
    assert digits(text) == '<a href="/p/12?a=1&amp;b=2">۱۲ &#39;۵&#39;</a>'
    assert hasattr(digits(text), "__html__")
    assert not hasattr(digits("12"), "__html__")


@pytest.mark.parametrize(
    ("average", "full", "halves"),
    [(5, 5, 0), (4.6, 4, 1), (4.2, 4, 0), (0.5, 0, 1), ("3.00", 3, 0)],
)
def test_stars_do_not_flatter(average: float, full: int, halves: int) -> None:
    shown = render("{% stars average 3 %}", average=average)
    assert shown.count('class="app-star"') == full
    assert shown.count("app-star--half") == halves


def test_a_service_without_ratings_claims_none() -> None:
    assert "هنوز کسی امتیاز نداده است" in render("{% stars average 0 %}", average=None)


def test_a_colour_that_is_not_ours_is_refused() -> None:
    with pytest.raises(TemplateSyntaxError, match="pink"):
        render('{% tag "x" "pink" %}')


def test_the_source_of_a_datum_is_shown_beside_it() -> None:
    rows = [{"key": "نام", "value": "زهرا", "source": "ثبت احوال 12:30"}]
    assert '<span class="app-source">ثبت احوال ۱۲:۳۰</span>' in render(
        "{% summary_list rows %}", rows=rows
    )


def test_the_last_step_of_a_timeline_is_the_present_one() -> None:
    step = {"at": MOMENT, "state": "received", "unit": "x", "text": {"fa": "رسید 1"}}
    shown = render("{% timeline steps %}", steps=[step, step])
    assert shown.count('aria-current="step"') == 1
    assert "رسید ۱" in shown
