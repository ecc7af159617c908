"""One survey, once per request, after delivery, and nobody's name in it."""

import json
import threading
from typing import Any

import pytest
from callers import CIVIL, WINDOW
from cards import SERVICE, card
from django.db import connection, connections

from panjereh.common.outbox.models import OutboxEvent
from panjereh.national.catalogue.actions import submit_card
from panjereh.national.feedback import actions
from panjereh.national.feedback.models import RatedCase, Rating, ServiceScore
from panjereh.national.tracking import actions as tracking

MOTHER, FATHER = "0499370899", "0012345679"
TEXT = {"fa": "انجام شد.", "en": "Done."}


def deliver(key: str, state: str = "delivered") -> str:
    submit_card(consumer=CIVIL, card=card())
    case = tracking.issue(consumer=CIVIL, key=key, service_id=SERVICE, person=MOTHER)
    tracking.report(
        consumer=CIVIL,
        key=f"{key}-step",
        tracking_id=case.tracking_id,
        state=state,
        unit="اداره",
        text=TEXT,
    )
    return case.tracking_id


@pytest.fixture
def delivered(db: None) -> str:
    return deliver("case")


def rating(tracking_id: str, **changed: Any) -> dict[str, Any]:
    given = {"service_id": SERVICE, "stars": 5, "comment": ""}
    return {"tracking_id": tracking_id} | given | changed


def _code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


@pytest.fixture
def rate(exchange_post: Any) -> Any:
    def rate(tracking_id: str, user: str = MOTHER, key: str | None = None, **given: Any) -> Any:
        body = rating(tracking_id, **given)
        return exchange_post("feedback", "rate", body, consumer=WINDOW, user=user, key=key)

    return rate


@pytest.mark.req("FBK-01", "FBK-02", "TRK-09", "CAT-18")
def test_a_delivered_service_is_rated_and_its_score_told(delivered: str, rate: Any) -> None:
    first = rate(delivered, stars=5)
    second = rate(deliver("another"), stars=4)

    assert first.json() == {"count": 1, "average": 5.0}
    assert second.json() == {"count": 2, "average": 4.5}
    events = [
        json.loads(bytes(e.body))["data"]
        for e in OutboxEvent.objects.filter(type="feedback.service.rated").order_by("id")
    ]
    assert events == [
        {"service_id": SERVICE, "stars": 5, "count": 1, "average": 5.0},
        {"service_id": SERVICE, "stars": 4, "count": 2, "average": 4.5},
    ]


@pytest.mark.req("FBK-02")
def test_no_answer_leads_back_to_a_person(delivered: str, rate: Any) -> None:
    rate(delivered, comment="عالی بود")

    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(r)::text FROM feedback_rating r")
        [[row]] = cursor.fetchall()
    event = bytes(OutboxEvent.objects.get(type="feedback.service.rated").body).decode()
    for private in (delivered, MOTHER):
        assert private not in row
        assert private not in event
    assert set(json.loads(row)) == {"id", "service_id", "stars", "comment", "given_on"}


@pytest.mark.req("FBK-02")
@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("شماره من 09121234567 است", "شماره من … است"),
        ("کد ملی ۰۴۹۹۳۷۰۸۹۹", "کد ملی …"),
        ("۰۴۹ ۹۳۷ ۰۸۹ ۹ مال من است", "… مال من است"),
        ("زنگ بزنید: +98 912 123 4567", "زنگ بزنید: …"),
        ("mother@example.ir بنویسید", "… بنویسید"),
        ("فقط ۱۰ دقیقه و ۳ مرحله بود", "فقط ۱۰ دقیقه و ۳ مرحله بود"),
    ],
)
def test_numbers_and_addresses_in_a_comment_are_not_kept(
    delivered: str, rate: Any, typed: str, kept: str
) -> None:
    rate(delivered, comment=typed)

    assert Rating.objects.get().comment == kept


@pytest.mark.req("FBK-01")
def test_a_request_is_rated_once(delivered: str, rate: Any) -> None:
    rate(delivered, stars=5)

    assert _code(rate(delivered, stars=1)) == (409, "rated-already")
    assert ServiceScore.objects.get().stars_total == 5


def test_the_same_key_counts_once_and_answers_again(delivered: str, rate: Any) -> None:
    answers = [rate(delivered, key="k").json() for _ in range(2)]

    assert answers == [{"count": 1, "average": 5.0}] * 2
    assert Rating.objects.count() == RatedCase.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_at_once_count_once() -> None:
    tracking_id = deliver("case")
    together = threading.Barrier(2)
    outcomes: list[str] = []

    def give(key: str) -> None:
        together.wait()
        try:
            actions.rate(
                consumer=WINDOW,
                key=key,
                acting=MOTHER,
                tracking_id=tracking_id,
                service_id=SERVICE,
                stars=3,
            )
            outcomes.append("counted")
        except actions.Problem as problem:
            outcomes.append(problem.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=give, args=(k,)) for k in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["counted", "rated-already"]
    assert ServiceScore.objects.get().count == 1


@pytest.mark.parametrize("state", ["received", "in-progress", "waiting", "trouble", "refused"])
def test_before_delivery_there_is_nothing_to_rate(db: None, rate: Any, state: str) -> None:
    assert _code(rate(deliver("case", state))) == (409, "not-delivered")


def test_a_rating_for_another_service_is_refused(delivered: str, rate: Any) -> None:
    answer = rate(delivered, service_id="civil-registration.another")

    assert _code(answer) == (409, "not-delivered")


@pytest.mark.parametrize("user", [FATHER, ""])
def test_only_the_applicant_rates(delivered: str, rate: Any, user: str) -> None:
    assert _code(rate(delivered, user=user)) == (403, "not-your-case")


def test_an_unknown_request_is_told(db: None, rate: Any) -> None:
    assert _code(rate("7K3Q")) == (404, "tracking-id-unknown")


@pytest.mark.parametrize(
    "changed", [{"stars": 0}, {"stars": 6}, {"stars": "many"}, {"comment": "x" * 2001}]
)
def test_a_wrong_rating_is_refused(delivered: str, rate: Any, changed: dict[str, Any]) -> None:
    assert _code(rate(delivered, **changed)) == (422, "body-invalid")
    assert not Rating.objects.exists()
