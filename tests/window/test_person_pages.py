import base64

import pytest
from django.test import Client
from exchange import Exchange
from nation import (
    MOTHER,
    SERVICE,
    STRANGER,
    TRACKING,
    card_approved,
    deliver,
    letter,
    relative,
    sign_in,
    step,
    unread,
)

from panjereh.sdk.signin import Person
from panjereh.sdk.signin.person import acr_of
from panjereh.window.models import Request

pytestmark = pytest.mark.django_db

OWN_PAGES = ["me/", "me/family/", "me/choices/", "requests/", f"requests/{TRACKING}/", "ebox/"]


def read(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, path
    return response.content.decode()


@pytest.mark.parametrize("path", [*OWN_PAGES, "ebox/5b1d/", "documents/d-1/"])
def test_own_pages_are_behind_the_sign_in(client: Client, path: str) -> None:
    answer = client.get(f"/fa/{path}")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/signin/login?next=%2Ffa%2F")


@pytest.mark.parametrize("path", ["me/choices/", "requests/"])
def test_own_pages_are_never_kept_by_caches(mother: Client, path: str) -> None:
    assert "no-store" in mother.get(f"/fa/{path}").headers["Cache-Control"]


@pytest.mark.req("WIN-04", "WIN-09")
def test_the_own_page_gathers_requests_and_unread_letters(
    mother: Client, exchange: Exchange
) -> None:
    exchange.answer("health-registry/birth-notices", {"notices": []})
    deliver(
        card_approved(),
        step("received"),
        step("delivered", minutes=2),
        step("waiting", tracking_id="14050902-8B4N-5RT7"),
        unread(2),
    )
    page = read(mother, "/fa/me/")
    running, _, past = page.partition("درخواست‌های گذشته")
    assert "14050902-8B4N-5RT7" in running
    assert TRACKING in past
    assert "۲ نامهٔ تازه" in page


def test_a_request_of_a_service_that_is_not_known_yet_is_shown_all_the_same(
    mother: Client, exchange: Exchange
) -> None:
    deliver(step("received"))
    assert "یک درخواست" in read(mother, f"/fa/requests/{TRACKING}/")


@pytest.mark.req("WIN-09", "WIN-21")
def test_the_timeline_tells_each_step_with_its_time(mother: Client) -> None:
    deliver(card_approved(), step("received"), step("in-progress", minutes=5))
    page = read(mother, f"/fa/requests/{TRACKING}/")
    assert page.index("گام ۰ انجام شد") < page.index("گام ۵ انجام شد")
    assert page.count("<time datetime=") == 2


def test_the_request_of_another_person_is_not_found(client: Client) -> None:
    deliver(card_approved(), step("received"))
    sign_in(client, STRANGER)
    assert client.get(f"/fa/requests/{TRACKING}/").status_code == 404
    assert client.post(f"/fa/requests/{TRACKING}/", {"stars": 5}).status_code == 404


def test_a_code_is_looked_up_among_the_own_requests_only(client: Client) -> None:
    deliver(card_approved(), step("received"))
    sign_in(client, STRANGER)
    page = client.post("/fa/requests/", {"tracking_id": TRACKING}).content.decode()
    assert "درخواستی با این شناسه ندارید" in page
    assert "<title>خطا:" in page


def test_a_code_leads_to_the_request_however_it_is_typed(mother: Client) -> None:
    deliver(card_approved(), step("received"))
    typed = " ۱۴۰۵۰۹۰۱-7k3m-2qx9 "
    answer = mother.post("/fa/requests/", {"tracking_id": typed})
    assert answer.headers["Location"] == f"/fa/requests/{TRACKING}/"


def delivered() -> None:
    deliver(card_approved(), step("received"), step("delivered", minutes=3))


@pytest.mark.req("FBK-01")
def test_a_delivered_request_is_rated_once(mother: Client, exchange: Exchange) -> None:
    delivered()
    exchange.answer("feedback/rate", {})
    answer = mother.post(f"/fa/requests/{TRACKING}/", {"stars": "4", "comment": "خوب بود ۱"})
    assert answer.headers["Location"] == f"/fa/requests/{TRACKING}/"
    sent = exchange.calls_of("feedback/rate")
    assert sent == [
        {"tracking_id": TRACKING, "service_id": SERVICE, "stars": 4, "comment": "خوب بود ۱"}
    ]
    page = read(mother, f"/fa/requests/{TRACKING}/")
    assert "شما به این خدمت ۴ از ۵ دادید" in page
    assert 'name="stars"' not in page


@pytest.mark.req("FBK-01")
def test_a_request_that_is_not_delivered_has_no_rating_form(mother: Client) -> None:
    deliver(card_approved(), step("received"))
    assert 'name="stars"' not in read(mother, f"/fa/requests/{TRACKING}/")


def test_a_rating_without_stars_is_asked_for_again(mother: Client, exchange: Exchange) -> None:
    delivered()
    page = mother.post(f"/fa/requests/{TRACKING}/", {"comment": "بد"}).content.decode()
    assert "انتخاب کنید چند ستاره می‌دهید" in page
    assert 'href="#id_stars_0"' in page
    assert exchange.calls == []


def test_a_rating_that_was_given_before_is_told_kindly(mother: Client, exchange: Exchange) -> None:
    delivered()
    exchange.reject("feedback/rate", "rated-already")
    answer = mother.post(f"/fa/requests/{TRACKING}/", {"stars": "5"})
    assert answer.status_code == 302
    assert Request.objects.get().rated_stars == 5


def test_a_rating_too_early_is_told(mother: Client, exchange: Exchange) -> None:
    delivered()
    exchange.reject("feedback/rate", "not-delivered")
    page = mother.post(f"/fa/requests/{TRACKING}/", {"stars": "5"}).content.decode()
    assert "هنوز تحویل نشده است" in page


@pytest.mark.req("PER-13")
def test_a_rating_that_cannot_be_sent_keeps_what_was_written(
    mother: Client, exchange: Exchange
) -> None:
    delivered()
    exchange.fail("feedback/rate")
    page = mother.post(f"/fa/requests/{TRACKING}/", {"stars": "2", "comment": "کند بود"})
    body = page.content.decode()
    assert "امتیاز شما اکنون فرستاده نشد" in body
    assert "کند بود" in body
    assert Request.objects.get().rated_stars is None


def test_letters_are_listed_and_opened(mother: Client, exchange: Exchange) -> None:
    exchange.answer("messaging/mailbox", {"unread": 1, "letters": [letter()]})
    exchange.answer("messaging/open-letter", letter())
    assert "شناسنامهٔ نازنین صادر شد" in read(mother, "/fa/ebox/")
    page = read(mother, "/fa/ebox/5b1d/")
    assert TRACKING in page, "a code with Latin letters keeps its digits"
    assert "/fa/documents/d-1/" in page
    _, body, headers = exchange.calls[-1]
    assert body == {"person": MOTHER.national_id, "letter_id": "5b1d"}
    assert headers["x-road-userid"] == f"IR{MOTHER.national_id}"


def test_an_empty_box_says_so(mother: Client, exchange: Exchange) -> None:
    exchange.answer("messaging/mailbox", {"unread": 0, "letters": []})
    assert "هنوز نامه‌ای نرسیده است" in read(mother, "/fa/ebox/")


def test_the_letter_of_another_person_is_not_found(mother: Client, exchange: Exchange) -> None:
    exchange.reject("messaging/open-letter", "letter-unknown")
    assert mother.get("/fa/ebox/5b1d/").status_code == 404


def test_a_document_comes_as_a_file_under_its_own_name(mother: Client, exchange: Exchange) -> None:
    content = base64.b64encode(b"%PDF-1.7 signed").decode()
    answer = {"document_id": "d-1", "name": "شناسنامه", "pdf_base64": content}
    exchange.answer("documents/file", answer)
    response = mother.get("/fa/documents/d-1/")
    assert response.content == b"%PDF-1.7 signed"
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert "no-store" in response.headers["Cache-Control"]


def test_the_document_of_another_person_is_not_found(mother: Client, exchange: Exchange) -> None:
    exchange.reject("documents/file", "document-unknown")
    assert mother.get("/fa/documents/d-1/").status_code == 404


def test_the_family_comes_from_the_civil_registry_with_source_and_time(
    mother: Client, exchange: Exchange
) -> None:
    family = {
        "spouse": relative("رضا"),
        "parents": [relative("علی"), relative("مریم")],
        "children": [relative("نازنین")],
    }
    exchange.answer("civil-registry/family", family)
    page = read(mother, "/fa/me/family/")
    for words in ("رضا کریمی", "نازنین کریمی", "مریم کریمی", "منبع: سازمان ثبت احوال"):
        assert words in page
    assert '<bdi dir="ltr">۰۰۱۲۳۴۵۶۷۹</bdi>' in page


def test_a_person_without_family_is_told_plainly(mother: Client, exchange: Exchange) -> None:
    exchange.answer("civil-registry/family", {"spouse": None, "parents": [], "children": []})
    assert "ثبت نشده است" in read(mother, "/fa/me/family/")


@pytest.mark.req("PER-13")
@pytest.mark.parametrize(
    ("path", "service", "missing"),
    [
        ("ebox/", "messaging/mailbox", "کارپوشه"),
        ("ebox/5b1d/", "messaging/open-letter", "کارپوشه"),
        ("documents/d-1/", "documents/file", "سامانهٔ مدرک‌ها"),
        ("me/family/", "civil-registry/family", "سازمان ثبت احوال"),
    ],
)
def test_who_does_not_answer_is_named_and_nothing_is_lost(
    mother: Client, exchange: Exchange, path: str, service: str, missing: str
) -> None:
    exchange.fail(service)
    page = read(mother, f"/fa/{path}", status=503)
    assert f"از {missing} پاسخی نگرفتیم" in page


@pytest.mark.req("PER-13")
def test_an_exchange_that_is_down_stops_no_page_of_the_windows_own(
    mother: Client, settings: object
) -> None:
    settings.EXCHANGE_URL = "http://127.0.0.1:9"  # type: ignore[attr-defined]
    deliver(card_approved(), step("received"), unread(1))
    page = read(mother, "/fa/me/")
    assert TRACKING in page
    assert "شاید چیزی اینجا کم باشد" in page


@pytest.mark.req("SSO-21")
def test_a_foreign_national_has_an_own_page_letters_and_an_honest_word_about_the_family(
    client: Client, exchange: Exchange
) -> None:
    """The FIDA code is the key where an Iranian has the national id, and is sent as no other."""
    worker = Person(sub="window-9", acr=acr_of(1), fida_code="900000000017", given_name="نجیب")
    sign_in(client, worker)
    deliver(unread(7, of="900000000017"))
    assert "۷" in read(client, "/fa/me/")
    exchange.answer("messaging/mailbox", {"unread": 0, "letters": []})
    read(client, "/fa/ebox/")
    (asked_for,) = [body for service, body, _ in exchange.calls if service == "messaging/mailbox"]
    assert asked_for["person"] == "900000000017"
    assert "اتباع" in read(client, "/fa/me/family/")
    asked = {service for service, *_ in exchange.calls}
    assert not {one for one in asked if one.startswith(("civil-registry", "health-registry"))}
