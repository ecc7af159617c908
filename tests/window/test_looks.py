"""Who looked at my data, as the window shows it."""

from datetime import timedelta

import pytest
from django.test import Client
from exchange import Exchange
from looking import LOOK, asked, group, looks, question, summary
from nation import MOTHER, NOW, TRACKING, card_approved, deliver, step, text

pytestmark = pytest.mark.django_db

LOOKS = "exchange-records/looks"
WHY = f"/fa/me/looks/{LOOK}/why/"
ASKED = {"text": "برای چه مشخصات مرا پرسیدید؟"}


def read(client: Client, path: str = "/fa/me/looks/", status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, path
    return " ".join(response.content.decode().split())


@pytest.mark.req("PRV-02")
@pytest.mark.parametrize("path", ["", "data/", f"{LOOK}/why/"])
def test_looks_are_behind_the_sign_in_and_never_kept(
    client: Client, mother: Client, exchange: Exchange, path: str
) -> None:
    assert Client().get(f"/fa/me/looks/{path}").status_code == 302
    assert "no-store" in mother.get(f"/fa/me/looks/{path}").headers["Cache-Control"]


@pytest.mark.req("PRV-02", "PRV-15")
def test_a_look_tells_who_what_when_for_what_and_by_which_right(
    mother: Client, exchange: Exchange
) -> None:
    exchange.answer(LOOKS, looks(group()))
    deliver(card_approved(), step("received"))

    page = read(mother)

    assert "سازمان ثبت احوال کشور" in page
    assert f'href="/fa/requests/{TRACKING}/">شناسنامهٔ نوزاد</a>' in page
    assert "نام، تاریخ تولد؛ از فرزند شما: نام" in page
    assert "مصوبهٔ نمونه، مادهٔ ۱۰ بند ۲" in page
    assert "SANDBOX-51" in page
    assert "اکنون هیچ فعالیتی مجوز محرمانه ندارد" in page
    (sent,) = exchange.calls_of(LOOKS)
    assert MOTHER.national_id not in str(sent)


@pytest.mark.req("PRV-01")
def test_the_tracking_id_of_somebody_elses_request_is_not_shown(
    mother: Client, exchange: Exchange
) -> None:
    exchange.answer(LOOKS, looks(group(acted="another")))

    page = read(mother)

    assert TRACKING not in page
    assert "شخص دیگری در کار بوده است" in page
    assert "برای: صدور شناسنامهٔ نوزاد" in page


def test_what_told_nothing_is_said_apart(mother: Client, exchange: Exchange) -> None:
    act = asked(data=[], service=text("صدور شناسهٔ پیگیری", "Issue a tracking id"))
    exchange.answer(LOOKS, looks(group(asked=[asked(), act])))

    assert "داده‌ای از شما نگرفت: صدور شناسهٔ پیگیری" in read(mother)


def test_agency_and_time_are_sent_and_kept_in_the_next_page(
    mother: Client, exchange: Exchange
) -> None:
    exchange.answer(LOOKS, looks(group(), older="123.x"))

    page = read(mother, "/fa/me/looks/?agency=IR-TEST/GOV/14003778990&period=week")

    (sent,) = exchange.calls_of(LOOKS)
    assert sent["agency"] == "IR-TEST/GOV/14003778990"
    assert sent["since"] is not None
    assert "period=week&amp;before=123.x" in page


def test_the_persons_own_looks_are_one_link_away(mother: Client, exchange: Exchange) -> None:
    exchange.answer(LOOKS, looks(group(), own_calls=7))
    assert "?whose=own" in read(mother)

    page = read(mother, "/fa/me/looks/?whose=own")

    assert exchange.calls_of(LOOKS)[-1]["whose"] == "own"
    assert "از دستگاه بپرسید" not in page


def test_an_empty_list_and_an_empty_choice_say_different_things(
    mother: Client, exchange: Exchange
) -> None:
    exchange.answer(LOOKS, looks())

    assert "هنوز هیچ دستگاهی" in read(mother)
    assert "زمان بلندتر" in read(mother, "/fa/me/looks/?period=day")


@pytest.mark.req("NIX-39")
def test_audits_and_confidential_activities_are_told(mother: Client, exchange: Exchange) -> None:
    search = {"at": NOW.isoformat(), "case_number": "1405-77", "about": "looks-at-you"}
    exchange.answer(LOOKS, looks(group(), searches=[search], confidential_activities=2))

    page = read(mother)

    assert "بازرس دید چه کسانی" in page
    assert "۲ فعالیت به حکم مجوزش محرمانه است" in page


@pytest.mark.req("PRV-03")
def test_the_overview_tells_by_kind_of_data(mother: Client, exchange: Exchange) -> None:
    exchange.answer("exchange-records/summary", summary())

    page = read(mother, "/fa/me/looks/data/")

    assert "هویت و مشخصات" in page
    assert "۱۲ بار" in page


@pytest.mark.parametrize("path", ["", "data/", f"{LOOK}/why/"])
def test_while_the_exchange_is_away_the_page_says_what_is_missing(
    mother: Client, exchange: Exchange, path: str
) -> None:
    for service in ("looks", "summary", "look"):
        exchange.fail(f"exchange-records/{service}")

    assert "کارنامهٔ مرکز ملی تبادل اطلاعات" in read(mother, f"/fa/me/looks/{path}", 503)


def test_a_cursor_or_a_look_that_does_not_exist_is_not_found(
    mother: Client, exchange: Exchange
) -> None:
    exchange.reject(LOOKS, "body-invalid")
    exchange.reject("exchange-records/look", "look-unknown")

    read(mother, "/fa/me/looks/?before=x", 404)
    read(mother, WHY, 404)


@pytest.mark.req("PRV-02")
def test_a_person_asks_why(mother: Client, exchange: Exchange) -> None:
    exchange.answer("exchange-records/look", {"group": group()})
    exchange.answer("exchange-records/ask-why", {"question": question()})

    answer = mother.post(WHY, ASKED)

    assert answer.headers["Location"] == WHY
    (sent,) = exchange.calls_of("exchange-records/ask-why")
    assert sent == {"look": LOOK, "language": "fa", **ASKED}


@pytest.mark.parametrize(
    ("written", "complaint"),
    [("", "بنویسید چه می‌خواهید بدانید"), ("چرا؟", "کمی بیشتر بنویسید")],
)
def test_a_question_that_says_nothing_is_not_sent(
    mother: Client, exchange: Exchange, written: str, complaint: str
) -> None:
    exchange.answer("exchange-records/look", {"group": group()})

    assert complaint in mother.post(WHY, {"text": written}).content.decode()
    assert exchange.calls_of("exchange-records/ask-why") == []


@pytest.mark.parametrize("trouble", ["away", "many"])
def test_a_question_that_could_not_be_sent_stays_in_the_form(
    mother: Client, exchange: Exchange, trouble: str
) -> None:
    exchange.answer("exchange-records/look", {"group": group()})
    if trouble == "away":
        exchange.fail("exchange-records/ask-why")
    else:
        exchange.reject("exchange-records/ask-why", "too-many-questions")

    page = mother.post(WHY, ASKED).content.decode()

    assert ASKED["text"] in page
    said = {"away": "پرسش شما اکنون فرستاده نشد", "many": "چند پرسش شما هنوز بی‌پاسخ است"}
    assert said[trouble] in page


def test_a_question_tells_how_far_it_is(mother: Client, exchange: Exchange) -> None:
    past = (NOW - timedelta(days=1)).isoformat()
    answered = question(answer="برای شناسنامه.", answered_at=NOW.isoformat(), in_e_box=True)
    for given, said in (
        (question(), "دستگاه باید تا"),
        (question(due_at=past), "دستگاه هنوز پاسخ نداده است"),
        (answered, "پاسخ در کارپوشهٔ شما هم هست"),
    ):
        exchange.answer(LOOKS, looks(group(question=given)))
        exchange.answer("exchange-records/look", {"group": group(question=given)})

        assert said in read(mother)
        page = read(mother, WHY)
        assert said in page
        assert "<textarea" not in page


def test_a_list_that_is_late_says_so(mother: Client, exchange: Exchange) -> None:
    for minutes, said in ((5, True), (0, False)):
        until = (NOW - timedelta(minutes=minutes)).isoformat()
        exchange.answer(LOOKS, looks(group(), complete_until=until))

        assert ("با تأخیر انجام می‌شود" in read(mother)) == said
