"""A request has one id, and under it every step until final delivery."""

import json
import threading
from typing import Any

import pytest
from callers import CIVIL, CIVIL_REGISTRY, HEALTH, WINDOW
from cards import SERVICE
from django.db import connections

from panjereh.common.outbox.models import OutboxEvent
from panjereh.common.problems import Problem
from panjereh.national.tracking import actions, queries
from panjereh.national.tracking.models import Case, Step
from panjereh.national.tracking.numbers import new_tracking_id, parse_tracking_id

MOTHER = "0499370899"
TEXT = {"fa": "درخواست شما رسید.", "en": "Your request has arrived."}


@pytest.fixture
def tracking_id(service: Any) -> str:
    case = actions.issue(consumer=CIVIL, key="case", service_id=SERVICE, person=MOTHER)
    return case.tracking_id


def step(tracking_id: str, **changed: Any) -> dict[str, Any]:
    told = {"state": "received", "unit": "اداره ثبت ولادت", "text": TEXT}
    return {"tracking_id": tracking_id} | told | changed


def _code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


@pytest.mark.req("TRK-01", "TRK-02")
def test_a_request_gets_one_id_however_often_it_is_asked_for(
    service: Any, exchange_post: Any
) -> None:
    body = {"service_id": SERVICE, "person": MOTHER}

    first = exchange_post("tracking", "issue", body, key="submit-1")
    again = exchange_post("tracking", "issue", body, key="submit-1")
    other = exchange_post("tracking", "issue", body, key="submit-2")

    assert first.status_code == 200
    assert first.json() == again.json() != other.json()
    assert parse_tracking_id(first.json()["tracking_id"]) == first.json()["tracking_id"]


@pytest.mark.req("TRK-11")
def test_an_id_carries_no_national_id(service: Any) -> None:
    ids = [
        actions.issue(
            consumer=CIVIL, key=f"k{n}", service_id=SERVICE, person=MOTHER
        ).tracking_id.replace("-", "")
        for n in range(50)
    ]

    assert not any(MOTHER[:6] in i for i in ids)
    # The same person, service and moment: nothing of them is in the ids, which differ everywhere.
    assert len({i[:4] for i in ids}) > 45


@pytest.mark.django_db(transaction=True)
def test_two_at_once_with_one_key_get_one_id(service: Any) -> None:
    got: list[str] = []
    together = threading.Barrier(2)

    def ask() -> None:
        together.wait()
        try:
            made = actions.issue(consumer=CIVIL, key="k", service_id=SERVICE, person=MOTHER)
            got.append(made.tracking_id)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(got) == 2
    assert len(set(got)) == Case.objects.count() == 1


def test_a_key_is_not_reused_for_another_person(service: Any, exchange_post: Any) -> None:
    exchange_post("tracking", "issue", {"service_id": SERVICE, "person": MOTHER}, key="k")

    body = {"service_id": SERVICE, "person": "0012345679"}
    answer = exchange_post("tracking", "issue", body, key="k")

    assert _code(answer) == (409, "idempotency-key-reused")


@pytest.mark.req("CAT-03")
def test_a_service_without_an_approved_card_gets_no_id(db: None, exchange_post: Any) -> None:
    answer = exchange_post("tracking", "issue", {"service_id": SERVICE, "person": MOTHER})

    assert _code(answer) == (422, "service-unknown")


def test_another_agency_opens_no_request_of_the_service(service: Any, exchange_post: Any) -> None:
    body = {"service_id": SERVICE, "person": MOTHER}

    answer = exchange_post("tracking", "issue", body, consumer=HEALTH)

    assert _code(answer) == (403, "not-your-service")


@pytest.mark.parametrize("person", ["", "123", "0499370898", "abcdefghij"])
def test_a_wrong_national_id_is_refused_and_not_repeated(
    service: Any, exchange_post: Any, person: str
) -> None:
    answer = exchange_post("tracking", "issue", {"service_id": SERVICE, "person": person})

    assert _code(answer) == (422, "body-invalid")
    assert not person or person not in answer.text


@pytest.mark.req("TRK-03", "TRK-05")
def test_every_step_is_seen_by_the_id_until_final_delivery(
    tracking_id: str, exchange_post: Any
) -> None:
    for state in ("received", "in-progress", "delivered"):
        answer = exchange_post("tracking", "report", step(tracking_id, state=state))
        assert answer.status_code == 200, answer.content

    status = exchange_post("tracking", "status", {"tracking_id": tracking_id}, consumer=WINDOW)

    told = status.json()
    assert (told["state"], told["service_id"]) == ("delivered", SERVICE)
    assert [s["state"] for s in told["steps"]] == ["received", "in-progress", "delivered"]
    assert {(s["unit"], s["text"]["fa"]) for s in told["steps"]} == {
        ("اداره ثبت ولادت", "درخواست شما رسید.")
    }
    assert all(s["at"] for s in told["steps"])
    assert MOTHER not in status.content.decode()


def test_a_step_is_told_to_the_window(tracking_id: str, exchange_post: Any) -> None:
    exchange_post("tracking", "report", step(tracking_id))

    [row] = OutboxEvent.objects.filter(type="tracking.step.reported")
    data = json.loads(bytes(row.body))["data"]
    assert data.pop("at")
    assert data == {
        "tracking_id": tracking_id,
        "service_id": SERVICE,
        "person": MOTHER,
        "agency": {
            "fa": "سازمان ثبت احوال کشور",
            "en": "National Organisation for Civil Registration",
        },
        "state": "received",
        "unit": "اداره ثبت ولادت",
        "text": TEXT,
    }


def test_a_repeated_report_is_one_step_and_one_event(tracking_id: str, exchange_post: Any) -> None:
    for _ in range(2):
        assert exchange_post("tracking", "report", step(tracking_id), key="r").status_code == 200

    assert Step.objects.count() == 1
    assert OutboxEvent.objects.filter(type="tracking.step.reported").count() == 1


def test_a_repeated_report_is_answered_even_after_the_end(
    tracking_id: str, exchange_post: Any
) -> None:
    """A lost answer to the last report is asked for again; that is no new step."""
    last = step(tracking_id, state="delivered")
    exchange_post("tracking", "report", last, key="last")

    assert exchange_post("tracking", "report", last, key="last").status_code == 200


def test_a_key_is_not_reused_for_another_step(tracking_id: str, exchange_post: Any) -> None:
    exchange_post("tracking", "report", step(tracking_id), key="r")

    answer = exchange_post("tracking", "report", step(tracking_id, state="waiting"), key="r")

    assert _code(answer) == (409, "idempotency-key-reused")


@pytest.mark.parametrize("last", ["delivered", "refused"])
def test_nothing_comes_after_the_end(tracking_id: str, exchange_post: Any, last: str) -> None:
    exchange_post("tracking", "report", step(tracking_id, state=last))

    answer = exchange_post("tracking", "report", step(tracking_id, state="in-progress"))

    assert _code(answer) == (409, "case-closed")
    assert queries.case(tracking_id).state == last  # type: ignore[union-attr]


def test_another_system_of_the_same_agency_reports(tracking_id: str, exchange_post: Any) -> None:
    answer = exchange_post("tracking", "report", step(tracking_id), consumer=CIVIL_REGISTRY)

    assert answer.status_code == 200


def test_a_foreign_agency_reports_nothing(tracking_id: str, exchange_post: Any) -> None:
    answer = exchange_post("tracking", "report", step(tracking_id), consumer=HEALTH)

    assert _code(answer) == (403, "not-your-case")
    assert not Step.objects.exists()


@pytest.mark.req("TRK-04", "TRK-05")
def test_an_involved_agency_reports_under_the_same_id(tracking_id: str, exchange_post: Any) -> None:
    name = {"fa": "سازمان بیمه سلامت ایران", "en": "Iran Health Insurance Organisation"}
    member = HEALTH.rpartition("/")[0]
    actions.involve_agency(consumer=CIVIL, tracking_id=tracking_id, member=member, name=name)

    answer = exchange_post("tracking", "report", step(tracking_id), consumer=HEALTH)

    assert answer.status_code == 200
    event = json.loads(bytes(OutboxEvent.objects.get(type="tracking.step.reported").body))
    assert event["data"]["agency"] == name


def test_only_the_main_agency_involves_others(tracking_id: str) -> None:
    with pytest.raises(Problem) as refused:
        actions.involve_agency(
            consumer=HEALTH, tracking_id=tracking_id, member="IR-TEST/GOV/1", name=TEXT
        )

    assert refused.value.code == "not-your-case"


@pytest.mark.parametrize("service_name", ["status", "report"])
def test_an_unknown_or_mistyped_id_is_told(
    service: Any, exchange_post: Any, service_name: str
) -> None:
    for unknown in (new_tracking_id(), "7K3Q", "", "🌧"):
        answer = exchange_post("tracking", service_name, step(unknown))
        assert _code(answer) == (404, "tracking-id-unknown")


def test_an_id_is_read_as_a_person_types_it(tracking_id: str, exchange_post: Any) -> None:
    typed = tracking_id.lower().replace("-", " ")

    answer = exchange_post("tracking", "status", {"tracking_id": typed})

    assert answer.json()["tracking_id"] == tracking_id


@pytest.mark.parametrize(
    "changed",
    [{"state": "lost"}, {"text": {"fa": "فقط فارسی"}}, {"unit": ""}, {"unit": "a\x00b"}],
)
def test_a_wrong_step_is_refused(
    tracking_id: str, exchange_post: Any, changed: dict[str, Any]
) -> None:
    answer = exchange_post("tracking", "report", step(tracking_id, **changed))

    assert _code(answer) == (422, "body-invalid")


@pytest.mark.parametrize(("name", "body"), [("issue", {"service_id": SERVICE, "person": MOTHER})])
def test_without_a_key_nothing_is_changed(
    service: Any, exchange_post: Any, name: str, body: dict[str, Any]
) -> None:
    assert _code(exchange_post("tracking", name, body, key="")) == (400, "idempotency-key-missing")


def test_a_call_past_the_exchange_is_refused(tracking_id: str, client: Any) -> None:
    answer = client.post(
        "/tracking/status", {"tracking_id": tracking_id}, content_type="application/json"
    )

    assert _code(answer) == (401, "not-through-the-exchange")
