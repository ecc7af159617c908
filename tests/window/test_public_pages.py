import pytest
from django.test import Client
from exchange import Exchange
from nation import MOTHER, SERVICE, STRANGER, card_approved, deliver, rated, sign_in, step

from panjereh.sandbox.seed import window as seed
from panjereh.window import directory, queries
from panjereh.window.models import Agency, Visit

pytestmark = pytest.mark.django_db


def read(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


@pytest.mark.req("AGW-19", "PER-08")
def test_the_first_page_is_persian_whatever_the_browser_speaks(client: Client) -> None:
    answer = client.get("/", headers={"accept-language": "en"})
    assert answer.headers["Location"] == "/fa/"
    page = read(client, "/fa/")
    assert '<html lang="fa" dir="rtl"' in page
    assert 'href="/en/"' in page


def test_a_window_without_services_says_so(client: Client) -> None:
    assert "هنوز هیچ دستگاهی" in read(client, "/fa/")


def test_numbers_on_the_first_page_are_counted_here(client: Client) -> None:
    deliver(card_approved(), step("received"), step("delivered", minutes=1), rated(5, 1))
    assert queries.figures() == queries.Figures(services=1, agencies=1, delivered=1, ratings=1)
    assert "تا این لحظه" in read(client, "/fa/")


def test_nothing_is_boasted_of_before_the_first_delivery(client: Client) -> None:
    deliver(card_approved(), step("received"))
    assert "تا این لحظه" not in read(client, "/fa/")


@pytest.mark.req("AGW-24", "AGW-27", "WIN-15")
def test_a_service_page_says_what_the_card_says(client: Client) -> None:
    deliver(card_approved())
    page = read(client, f"/fa/services/{SERVICE}/")
    for words in (
        "شناسنامهٔ نوزاد",
        "مادر یا پدر نوزاد",
        "نام نوزاد را می‌نویسید.",
        "۲۵۰٬۰۰۰ ریال",
        "چند دقیقه",
        "قانون ثبت احوال",
        "گواهی ولادت بیمارستان",
    ):
        assert words in page


@pytest.mark.req("CAT-02", "WIN-17")
def test_a_service_page_shows_the_number_that_the_catalogue_gave(client: Client) -> None:
    deliver(card_approved(service_card_number="10004"))
    assert '<bdi dir="ltr">۱۰۰۰۴</bdi>' in read(client, f"/fa/services/{SERVICE}/")


@pytest.mark.req("AGW-38")
def test_what_registries_know_is_not_among_what_is_needed(client: Client) -> None:
    deliver(card_approved())
    page = read(client, f"/fa/services/{SERVICE}/")
    needed, _, known = page.partition("این‌ها را از شما نمی‌پرسیم")
    assert "گواهی ولادت بیمارستان" not in needed.partition("چه لازم دارید")[2]
    assert "گواهی ولادت بیمارستان" in known


@pytest.mark.req("WIN-23")
def test_a_service_page_shows_the_rating_and_how_many_gave_it(client: Client) -> None:
    deliver(card_approved(), rated(4.5, 12))
    assert "۴٫۵ از ۵، از ۱۲ رأی" in read(client, f"/fa/services/{SERVICE}/")
    assert "4.5 out of 5, from 12 ratings" in read(client, f"/en/services/{SERVICE}/")


@pytest.mark.req("AGW-18")
def test_a_service_page_shows_when_it_changed(client: Client) -> None:
    deliver(card_approved())
    assert "آخرین به‌روزرسانی این صفحه" in read(client, f"/fa/services/{SERVICE}/")


def test_an_unknown_service_is_not_found(client: Client) -> None:
    assert client.get("/fa/services/no.such-service/").status_code == 404
    assert client.get("/fa/go/no.such-service/").status_code == 404


@pytest.mark.req("WIN-19")
def test_a_service_of_an_unknown_category_is_listed_under_others(client: Client) -> None:
    deliver(card_approved(category="no-such-category"))
    assert "شناسنامهٔ نوزاد" in read(client, "/fa/categories/other/")
    assert "خدمات دیگر" in read(client, "/fa/services/")


@pytest.mark.req("WIN-19")
def test_no_two_groups_bear_the_same_name() -> None:
    names = [g.fa for g in directory.categories().values()]
    assert len(names) == len(set(names))


def test_groups_that_do_not_exist_are_not_found(client: Client) -> None:
    assert client.get("/fa/categories/nothing/").status_code == 404
    assert client.get("/fa/life-events/nothing/").status_code == 404


def test_a_life_event_leads_to_its_services(client: Client) -> None:
    deliver(card_approved())
    assert "شناسنامهٔ نوزاد" in read(client, "/fa/life-events/birth/")
    assert "هنوز خدمتی از این دست" in read(client, "/fa/life-events/marriage/")


@pytest.mark.req("WIN-10")
def test_the_services_of_an_agency_are_found_at_its_ministry(client: Client) -> None:
    seed.seed(10)
    deliver(card_approved())
    roots = queries.agency_tree()
    assert roots[0].agency.slug == "interior"
    assert roots[0].children[0].agency.slug == "civil-registry"
    assert "شناسنامهٔ نوزاد" in read(client, "/fa/agencies/interior/")
    assert "سازمان ثبت احوال کشور" in read(client, "/fa/agencies/")


@pytest.mark.req("WIN-12")
def test_each_agency_bears_an_honest_status(client: Client) -> None:
    seed.seed(10)
    deliver(card_approved())
    assert "وصل" in read(client, "/fa/agencies/civil-registry/")
    assert "هنوز خدمتی از این دستگاه" in read(client, "/fa/agencies/economy/")
    reported = Agency.objects.get(slug="forensic-medicine")
    assert reported.reported_status == "no_case"
    assert "بر پایهٔ گزارش مجلس" in read(client, "/fa/agencies/forensic-medicine/")


@pytest.mark.req("WIN-01", "WIN-03")
def test_a_signed_in_person_is_taken_to_the_agency_and_the_visit_is_noted(
    mother: Client, exchange: Exchange
) -> None:
    deliver(card_approved())
    answer = mother.get(f"/fa/go/{SERVICE}/")
    assert answer.headers["Location"].endswith("agency.localhost:8102/fa/newborn/")
    visit = Visit.objects.get()
    assert (visit.person, visit.service_id) == (MOTHER.national_id, SERVICE)
    english = mother.get(f"/en/go/{SERVICE}/")
    assert english.headers["Location"].endswith("/en/newborn/")


def test_a_stranger_is_asked_to_sign_in_first(client: Client) -> None:
    deliver(card_approved())
    answer = client.get(f"/fa/go/{SERVICE}/")
    assert answer.headers["Location"].startswith("/signin/login?next=%2Ffa%2Fgo%2F")
    assert not Visit.objects.exists()


def test_a_service_that_needs_no_sign_in_asks_for_none(client: Client) -> None:
    deliver(card_approved(assurance_level=0))
    answer = client.get(f"/fa/go/{SERVICE}/")
    assert answer.headers["Location"].endswith("/fa/newborn/")
    assert not Visit.objects.exists()


@pytest.mark.req("AGW-26")
def test_a_service_that_is_not_electronic_says_why_and_has_no_start(client: Client) -> None:
    reason = {"fa": "باید انگشت‌نگاری شود.", "en": "Fingerprints are taken."}
    deliver(
        card_approved(
            delivery_link=None, e_delivery_level="informational", not_electronic_reason=reason
        )
    )
    page = read(client, f"/fa/services/{SERVICE}/")
    assert "باید انگشت‌نگاری شود." in page
    assert "شروع کنید" not in page
    assert client.get(f"/fa/go/{SERVICE}/").headers["Location"] == f"/fa/services/{SERVICE}/"


def test_search_page_shows_what_was_found_and_helps_when_nothing_was(client: Client) -> None:
    deliver(card_approved())
    assert "شناسنامهٔ نوزاد" in read(client, "/fa/search/?q=شناسنامه بچه")
    assert "چیزی پیدا نشد" in read(client, "/fa/search/?q=زعفران")
    assert "چیزی پیدا نشد" not in read(client, "/fa/search/")


def test_what_is_typed_into_search_is_never_markup(client: Client) -> None:
    page = read(client, "/fa/search/?q=<script>alert(1)</script>")
    assert "<script>" not in page


@pytest.mark.req("AGW-33")
def test_the_foot_of_the_page_names_the_owner(client: Client) -> None:
    assert "مالک نشانی و نرم‌افزار این سایت: سازمان فناوری اطلاعات ایران" in read(client, "/fa/")


@pytest.mark.req("AGW-12")
def test_services_begun_lately_are_kept_until_the_person_forgets_them(
    client: Client, exchange: Exchange
) -> None:
    deliver(card_approved())
    exchange.answer("health-registry/birth-notices", {"notices": []})
    sign_in(client, STRANGER)
    client.get(f"/fa/go/{SERVICE}/")
    assert "خدماتی که تازگی باز کرده‌اید" in read(client, "/fa/me/")
    client.post("/fa/me/choices/forget/")
    assert "خدماتی که تازگی باز کرده‌اید" not in read(client, "/fa/me/")
