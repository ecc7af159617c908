"""A mother applies: what she sees, what she is asked, and what comes of it."""

from collections.abc import Callable

import pytest
from django.test import Client
from people import FATHER, HOME_CODE, HOST, MOTHER, OTHER_CODE, SERVICE, STRANGER, notice
from playing_exchange import PlayingExchange
from walking import APPLY, fill_in, page_url, post, submit
from working import work_off

from panjereh.agency.models import Case, Draft, ServiceVersion

pytestmark = pytest.mark.django_db


def text_of(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


@pytest.mark.req("AGW-03", "AGW-28", "AGW-29", "SMT-12", "TRK-01", "TRK-07", "TRK-10")
def test_a_mother_gets_the_certificate_from_one_request(
    mother: Client, exchange: PlayingExchange
) -> None:
    assert fill_in(mother).url == page_url("review")
    case = submit(mother)
    work_off()
    case.refresh_from_db()
    assert case.status == "delivered"
    assert case.decision["row"] == "on-time"
    assert exchange.births[0]["given_name"] == "آوا"
    document = exchange.documents[0]
    assert document["holder"] == MOTHER.national_id
    assert document["data"]["child"]["national_id"] == "0000000018"
    assert exchange.sms[0]["mobile"] == MOTHER.mobile
    assert case.tracking_id in exchange.sms[0]["text"]


@pytest.mark.req("TRK-03", "TRK-04", "AGW-02")
def test_every_state_is_reported_in_order_under_the_tracking_id(
    mother: Client, exchange: PlayingExchange
) -> None:
    fill_in(mother)
    case = submit(mother)
    work_off()
    states = [report["state"] for report in exchange.reports[case.tracking_id]]
    assert states[0] == "received"
    assert states[-1] == "delivered"
    assert all(set(r["text"]) == {"fa", "en"} for r in exchange.reports[case.tracking_id])
    for service in ("civil-registry/person", "documents/issue", "messaging/send-sms"):
        assert exchange.calls_of(service)[-1][1]["x-road-issue"] == case.tracking_id


@pytest.mark.req("AGW-38")
def test_what_registries_know_is_shown_with_its_source_and_is_no_question(mother: Client) -> None:
    mother.get(APPLY)
    page = text_of(mother.get(page_url("birth")))
    assert "بیمارستان مهر" in page
    assert "وزارت بهداشت" in page
    assert "/fa/sources/health-registry/" in page
    assert "<input" not in page.partition("<main")[2].replace('<input type="hidden"', "")
    post(mother, "birth")
    parents = text_of(mother.get(page_url("parents")))
    assert MOTHER.family_name in parents
    assert FATHER.family_name in parents


@pytest.mark.req("AGW-13")
def test_a_name_the_rules_refuse_is_refused_at_the_field_with_the_law(mother: Client) -> None:
    mother.get(APPLY)
    post(mother, "birth")
    post(mother, "parents")
    response = post(mother, "name", child_name="سرهنگ آوا")
    page = text_of(response)
    assert response.status_code == 200
    assert "عنوان‌ها، مانند دکتر یا سرهنگ، نام شمرده نمی‌شوند" in page
    assert "تبصره ۱ ماده ۲۰ قانون ثبت احوال" in page
    assert 'href="#id_child_name"' in page
    assert Draft.objects.get().answers == {}


@pytest.mark.req("AGW-11")
def test_a_required_field_bears_a_star_and_says_so_when_it_is_empty(mother: Client) -> None:
    mother.get(APPLY)
    post(mother, "birth")
    post(mother, "parents")
    assert "app-required" in text_of(mother.get(page_url("name")))
    assert "govuk-error-summary" in text_of(post(mother, "name", child_name=" "))


@pytest.mark.req("AGW-06")
def test_only_the_postal_code_is_asked_and_the_address_is_read_only(
    mother: Client, exchange: PlayingExchange
) -> None:
    mother.get(APPLY)
    for page in ("birth", "parents"):
        post(mother, page)
    post(mother, "name", child_name="آوا")
    code_page = text_of(mother.get(page_url("address")))
    assert f'value="{HOME_CODE}"' in code_page, "the legal residence is offered"
    post(mother, "address", postal_code=OTHER_CODE)
    confirm = text_of(mother.get(page_url("address-confirm")))
    assert "کوچه دوم" in confirm
    assert 'type="text"' not in confirm.partition("<main")[2]


def test_a_postal_code_the_post_does_not_know_is_wrong_at_its_field(mother: Client) -> None:
    mother.get(APPLY)
    for page in ("birth", "parents"):
        post(mother, page)
    post(mother, "name", child_name="آوا")
    response = post(mother, "address", postal_code="1966733317")
    assert response.status_code == 200
    assert "govuk-error-message" in text_of(response)
    assert "postal_code" not in str(Draft.objects.get().answers)


def test_without_a_residence_on_record_the_postal_code_is_simply_asked(
    mother: Client, exchange: PlayingExchange
) -> None:
    exchange.residences.clear()
    assert fill_in(mother).url == page_url("review")


def test_twins_are_told_apart_and_one_is_chosen(mother: Client, exchange: PlayingExchange) -> None:
    exchange.notices = [notice("N1"), notice("N2", sex="male")]
    mother.get(APPLY)
    page = text_of(mother.get(page_url("birth")))
    assert page.count('type="radio"') == 2
    assert post(mother, "birth").status_code == 200, "one has to be chosen"
    post(mother, "birth", notice="N2")
    post(mother, "parents")
    refused = post(mother, "name", child_name="نیلوفر")
    assert "این نام دخترانه است و نوزاد شما پسر است" in text_of(refused)
    post(mother, "name", child_name="کیان")
    post(mother, "address", postal_code=HOME_CODE)
    post(mother, "address-confirm", confirmed="yes")
    case = submit(mother)
    assert case.chosen["notice"]["notice_id"] == "N2"


def test_changing_the_newborn_asks_the_name_once_more_and_says_why(
    mother: Client, exchange: PlayingExchange
) -> None:
    exchange.notices = [notice("N1"), notice("N2", sex="male")]
    mother.get(APPLY)
    post(mother, "birth", notice="N1")
    post(mother, "parents")
    post(mother, "name", child_name="نیلوفر")
    response = mother.post(page_url("birth"), {"notice": "N2"}, follow=True)
    assert "child_name" not in Draft.objects.get().answers
    page = text_of(response)
    assert "پدر و مادر" in page or "نام نوزاد" in page


def test_without_a_notice_the_person_reads_what_to_do(
    mother: Client, exchange: PlayingExchange
) -> None:
    exchange.notices = []
    page = text_of(mother.get(APPLY, follow=True))
    assert "گواهی تولدی برای شما نرسیده است" in page
    assert 'method="post" novalidate' not in page


def test_a_father_is_told_kindly_that_the_mother_applies(
    newborn: ServiceVersion, browser_of: Callable[..., Client]
) -> None:
    page = text_of(browser_of(FATHER).get(APPLY, follow=True))
    assert "این درخواست را مادر نوزاد می‌فرستد" in page


def test_a_notice_without_a_father_leads_to_an_office(
    mother: Client, exchange: PlayingExchange
) -> None:
    exchange.notices[0]["father_national_id"] = None
    mother.get(APPLY)
    page = text_of(mother.post(page_url("birth"), follow=True))
    assert "به اداره ثبت احوال بروید" in page


@pytest.mark.req("PER-13")
def test_a_registry_that_is_away_is_named_and_nothing_is_lost(
    mother: Client, exchange: PlayingExchange
) -> None:
    mother.get(APPLY)
    post(mother, "birth")
    post(mother, "parents")
    post(mother, "name", child_name="آوا")
    exchange.down = {"postal-registry"}
    response = mother.post(page_url("address"), {"postal_code": HOME_CODE}, follow=True)
    assert response.status_code == 503
    assert "سامانه کد پستی" in text_of(response)
    exchange.down = set()
    assert mother.get(page_url("address-confirm")).status_code == 200
    assert Draft.objects.get().answers["child_name"] == "آوا"


def test_the_person_goes_on_where_she_left_off_in_another_browser(
    mother: Client, browser_of: Callable[..., Client]
) -> None:
    mother.get(APPLY)
    post(mother, "birth")
    post(mother, "parents")
    post(mother, "name", child_name="آوا")
    assert browser_of(MOTHER).get(APPLY).url == page_url("address")


def test_a_reload_asks_no_registry_again(mother: Client, exchange: PlayingExchange) -> None:
    mother.get(APPLY)
    before = len(exchange.calls)
    for _ in range(3):
        mother.get(page_url("birth"))
    assert len(exchange.calls) == before


def test_a_page_cannot_be_jumped_over(mother: Client) -> None:
    mother.get(APPLY)
    assert mother.get(page_url("address")).url == page_url("birth")
    assert mother.post(page_url("review")).url == page_url("birth")


def test_the_review_shows_everything_with_a_way_to_change_it(mother: Client) -> None:
    fill_in(mother)
    page = text_of(mother.get(page_url("review")))
    assert "آوا" in page
    assert "کوچه یکم" in page
    assert f'href="{page_url("name")}"' in page
    assert f'href="{page_url("address")}"' in page


def test_a_doubled_submit_is_one_request(mother: Client, exchange: PlayingExchange) -> None:
    fill_in(mother)
    draft = Draft.objects.get()
    first = submit(mother)
    from panjereh.agency.cases.actions import submit_request

    draft.refresh_from_db()
    assert submit_request(draft=draft, actor=MOTHER) == first
    stale = Draft.objects.get(pk=draft.pk)
    stale.case = None
    assert submit_request(draft=stale, actor=MOTHER) == first
    assert Case.objects.count() == 1
    assert len(exchange.kept) == len(set(exchange.kept))


def test_without_a_tracking_id_nothing_is_sent_and_everything_is_kept(
    mother: Client, exchange: PlayingExchange
) -> None:
    fill_in(mother)
    exchange.down = {"tracking"}
    response = mother.post(page_url("review"))
    assert response.status_code == 503
    assert Case.objects.count() == 0
    exchange.down = set()
    assert submit(mother).status == "received"


def test_a_request_needs_a_sign_in(newborn: ServiceVersion) -> None:
    response = Client(headers={"host": HOST}).get(APPLY)
    assert response.status_code == 302
    assert response.url.startswith("/signin/login")


def test_somebody_elses_request_is_no_page(
    mother: Client, browser_of: Callable[..., Client]
) -> None:
    fill_in(mother)
    case = submit(mother)
    address = f"/fa/requests/{case.tracking_id}/"
    assert mother.get(address).status_code == 200
    assert browser_of(STRANGER).get(address).status_code == 404
    assert browser_of(STRANGER).get(f"{address}answer/address/").status_code == 404


@pytest.mark.req("SMT-09", "TRK-03")
def test_the_page_of_a_request_tells_state_decision_law_and_document(mother: Client) -> None:
    fill_in(mother)
    case = submit(mother)
    early = text_of(mother.get(f"/fa/requests/{case.tracking_id}/"))
    assert "رسیدگی خودش ادامه پیدا می‌کند" in early
    work_off()
    page = text_of(mother.get(f"/fa/requests/{case.tracking_id}/"))
    assert "رسیدگی خودش ادامه پیدا می‌کند" not in page
    assert case.tracking_id in page
    assert "ماده ۱۲ قانون ثبت احوال" in page
    assert "on-time" in page
    assert "http://national.localhost:8106/d/test" in page
    assert f"/fa/requests/{case.tracking_id}/" in page.partition("window.localhost")[2]


def test_the_english_window_speaks_english(mother: Client) -> None:
    page = text_of(mother.get(f"/en/services/{SERVICE}/"))
    assert "Birth certificate of a newborn" in page
    assert 'dir="ltr"' in page.partition(">")[2][:200]


def test_a_begun_request_can_be_deleted(mother: Client) -> None:
    mother.get(APPLY)
    mother.post(f"/fa/services/{SERVICE}/apply/withdraw/")
    assert not Draft.objects.exists()
