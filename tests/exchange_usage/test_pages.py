"""The pages of this room: whose they are, what they tell, and that everybody can read them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from calling import Gateway
from collector import Collector, call_about
from django.test import Client
from nation import AGENT, AUDITOR, BANKER, CASE, CLERK, MOTHER, OPERATOR, Nation, signed_in
from playwright.sync_api import Browser, Page
from support.bidi import misplaced_runs
from support.browser import assert_accessible, assert_light, assert_reflows

from panjereh.exchange.usage.models import Question, Search

TEXT = "برای چه مشخصات مرا پرسیدید؟"
ANSWER = "برای صدور شناسنامهٔ فرزندتان مشخصات شما را دیدیم."
SEARCH = {"case_number": "1405-77", "reason": "شکایت از فروش اطلاعات", "subject": MOTHER}


@pytest.fixture
def asked(nation: Nation, collector: Collector, gateway: Gateway) -> Question:
    call = call_about(MOTHER, grant=nation.person, user=CLERK, case=CASE)
    collector.keep(call, call_about(MOTHER, grant=nation.crime))
    gateway.post("ask-why", {"look": call.request_id, "text": TEXT}, user=MOTHER)
    return Question.objects.get()


def pages(asked: Question) -> dict[str, str]:
    """path -> who may open it."""
    return {
        "questions/": AGENT,
        f"questions/{asked.pk}/": AGENT,
        "open-questions/": OPERATOR,
        "audit/": AUDITOR,
    }


@pytest.mark.req("PRV-01", "NIX-39")
def test_each_page_opens_to_whom_it_is_for(asked: Question) -> None:
    for path, owner in pages(asked).items():
        for person in (AGENT, OPERATOR, AUDITOR, MOTHER):
            answer = signed_in(Client(), person).get(f"/fa/{path}")
            assert answer.status_code == (200 if person == owner else 403), (path, person)
        assert Client().get(f"/fa/{path}").status_code == 302


@pytest.mark.req("PRV-01")
def test_another_members_question_is_not_found(asked: Question) -> None:
    banker = signed_in(Client(), BANKER)

    assert TEXT not in banker.get("/fa/questions/").content.decode()
    assert banker.get(f"/fa/questions/{asked.pk}/").status_code == 404
    assert banker.post(f"/fa/questions/{asked.pk}/", {"text": ANSWER}).status_code == 404
    assert Question.objects.get().answer == ""


def test_a_representative_reads_the_question_and_answers_it(asked: Question) -> None:
    agent = signed_in(Client(), AGENT)
    page = agent.get(f"/fa/questions/{asked.pk}/").content.decode()
    assert TEXT in page and CASE in page
    assert MOTHER not in page

    short = agent.post(f"/fa/questions/{asked.pk}/", {"text": "چون"})
    assert "پاسخی بنویسید که دلیل را روشن کند" in short.content.decode()
    agent.post(f"/fa/questions/{asked.pk}/", {"text": ANSWER})

    assert Question.objects.get().answer == ANSWER
    assert ANSWER in agent.get(f"/fa/questions/{asked.pk}/").content.decode()


def test_the_operator_sees_what_is_unanswered_but_not_what_was_asked(asked: Question) -> None:
    page = signed_in(Client(), OPERATOR).get("/fa/open-questions/").content.decode()

    assert "سازمان ثبت احوال کشور" in page
    assert TEXT not in page


@pytest.mark.req("NIX-39", "PRV-01")
def test_an_auditor_searches_by_post_and_the_id_is_in_no_address_or_log(
    asked: Question, auditor: Client, caplog: pytest.LogCaptureFixture
) -> None:
    answer = auditor.post("/fa/audit/", SEARCH)
    page = answer.content.decode()

    assert "محرمانه" in page and CASE in page
    assert Search.objects.get().found == 2
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert MOTHER not in caplog.text
    assert auditor.get("/fa/audit/", {"subject": MOTHER}).status_code == 200
    assert Search.objects.count() == 1, "an address searches nothing"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"case_number": ""}, "شمارهٔ پرونده را بنویسید"),
        ({"reason": "x"}, "دلیل را چنان بنویسید"),
        ({"subject": ""}, "دست‌کم یکی از دو کد ملی"),
        ({"subject": "123"}, "این کد ملی را دوباره ببینید"),
        ({"subject": "", "acting": "0000000001"}, "این کد ملی را دوباره ببینید"),
    ],
)
def test_a_search_without_case_reason_or_person_is_not_made(
    asked: Question, auditor: Client, change: dict[str, str], complaint: str
) -> None:
    page = auditor.post("/fa/audit/", SEARCH | change).content.decode()

    assert complaint in page
    assert not Search.objects.exists()


@pytest.mark.parametrize("language", ["fa", "en"])
def test_no_run_is_turned_around(asked: Question, language: str) -> None:
    for path, owner in pages(asked).items():
        page = signed_in(Client(), owner).get(f"/{language}/{path}").content.decode()
        assert misplaced_runs(page) == [], path
    found = signed_in(Client(), AUDITOR).post(f"/{language}/audit/", SEARCH).content.decode()
    assert misplaced_runs(found) == []


@pytest.fixture
def opened(browser: Browser, site: str) -> Iterator[Callable[[str], Page]]:
    contexts: list[Any] = []

    def as_person(national_id: str) -> Page:
        client = signed_in(Client(), national_id)
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}
        context.add_cookies([cookie])
        contexts.append(context)
        return context.new_page()

    yield as_person
    for context in contexts:
        context.close()


@pytest.mark.browser
@pytest.mark.req("AGW-20", "PER-16")
@pytest.mark.parametrize("language", ["fa", "en"])
def test_every_page_is_accessible_and_fits_a_narrow_phone(
    opened: Callable[[str], Page], site: str, asked: Question, language: str
) -> None:
    for path, owner in pages(asked).items():
        page = opened(owner)
        page.goto(f"{site}/{language}/{path}")
        assert_accessible(page)
        assert_reflows(page)
        assert_light(page)
    page = opened(AUDITOR)
    page.goto(f"{site}/{language}/audit/")
    page.click("main button[type=submit]")
    assert_accessible(page)
    for name, value in SEARCH.items():
        page.fill(f"[name={name}]", value)
    page.click("main button[type=submit]")
    assert_accessible(page)
    assert_reflows(page)
