"""Everyday words, misspelt words and both keyboards find the service (WIN-20)."""

import pytest
from nation import SERVICE, card_approved, deliver, text

from panjereh.window import queries

pytestmark = pytest.mark.django_db

OTHERS = {
    "mict.licence": (text("پروانهٔ دکل مخابراتی", "Mast licence"), ["آنتن"], ["antenna"]),
    "roads.house": (text("وام خرید مسکن", "Housing loan"), ["خانه‌دار شدن"], ["mortgage"]),
    "police.passport": (text("گذرنامه", "Passport"), ["پاسپورت"], ["travel document"]),
    "tax.return": (text("اظهارنامهٔ مالیاتی", "Tax return"), ["مالیات"], ["income tax"]),
}


@pytest.fixture(autouse=True)
def catalogue() -> None:
    deliver(card_approved())
    for service_id, (title, persian, english) in OTHERS.items():
        words = {"fa": persian, "en": english}
        texts = {"title": title, "standard_title": title, "summary": title, "synonyms": words}
        name = text("دستگاه دیگر", "Another office")
        deliver(card_approved(id=service_id, agency={"code": "another", "name": name}, **texts))


@pytest.mark.req("WIN-20", "AGW-09")
@pytest.mark.parametrize(
    "words",
    [
        "گرفتن شناسنامه بچه",
        "شناسنامه‌ی نوزاد",
        "شناسنامة نوزاد",
        "شناسنامه هاي نوزاد",
        "شناسنماه نوزاد",
        "ثبت تولد",
        "اسم بچه",
        "سازمان ثبت احوال",
        "Birth Certificate",
        "birth certifcate",
        "name a baby",
    ],
)
def test_the_service_is_found_first(words: str) -> None:
    found = queries.search(words)
    assert found, words
    assert found[0].service.service_id == SERVICE


@pytest.mark.parametrize("words", ["", " ", "ا", "زعفران", "؟؟؟", "'; DROP TABLE", "%"])
def test_words_that_mean_nothing_here_find_nothing(words: str) -> None:
    assert queries.search(words) == []
