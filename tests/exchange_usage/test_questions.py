"""A person asks why, the agency answers within a term, the answer reaches the e-box once."""

from datetime import timedelta
from typing import Any

import pytest
from calling import Gateway
from collector import Collector, call_about
from django.core.exceptions import PermissionDenied
from nation import CASE, MOTHER, Nation

from panjereh.common import clock
from panjereh.common.outbox.models import OutboxEvent
from panjereh.exchange.usage import actions, jobs
from panjereh.exchange.usage.models import Question
from panjereh.sdk import messaging
from panjereh.sdk.exchange import Unavailable

TEXT = "برای چه مشخصات مرا پرسیدید؟"
ANSWER = "برای صدور شناسنامهٔ فرزندتان مشخصات شما را دیدیم."


@pytest.fixture
def look(nation: Nation, collector: Collector) -> str:
    call = call_about(MOTHER, grant=nation.person, user=MOTHER, case=CASE)
    collector.keep(call)
    return call.request_id


@pytest.fixture
def asked(look: str, gateway: Gateway) -> Question:
    answer = gateway.post("ask-why", {"look": look, "text": TEXT}, user=MOTHER)
    assert answer.status_code == 201, answer.content
    return Question.objects.get()


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What was put into e-boxes; the real messaging service takes it in the journeys."""
    kept: list[dict[str, Any]] = []

    def deposit(**letter: Any) -> str:
        kept.append(letter)
        return f"letter-{letter['idempotency_key']}"

    monkeypatch.setattr(messaging, "deposit_letter", deposit)
    return kept


def told(gateway: Gateway, look: str) -> Any:
    return gateway.post("look", {"look": look}, user=MOTHER).json()["group"]["question"]


def events() -> list[str]:
    return list(OutboxEvent.objects.order_by("id").values_list("type", flat=True))


@pytest.mark.req("PRV-02")
def test_a_question_names_the_look_and_has_a_term(
    asked: Question, look: str, nation: Nation, gateway: Gateway
) -> None:
    assert asked.member == nation.agency.member
    assert (str(asked.request_id), asked.issue, asked.text) == (look, CASE, TEXT)
    assert asked.due_at - asked.asked_at == timedelta(days=10)
    assert told(gateway, look)["text"] == TEXT
    assert events() == ["exchange.question.asked"]


@pytest.mark.req("PRV-01")
def test_the_question_does_not_tell_who_asks(asked: Question, collector: Collector) -> None:
    row = str(Question.objects.values().get())

    assert MOTHER not in row
    assert MOTHER.encode() not in bytes(asked.asker_sealed)
    assert all(MOTHER.encode() not in bytes(body) for body in bodies())


def bodies() -> list[Any]:
    return list(OutboxEvent.objects.values_list("body", flat=True))


def test_asked_twice_the_first_question_stands(
    asked: Question, look: str, gateway: Gateway
) -> None:
    again = {"look": look, "text": "یک پرسش دیگر دربارهٔ همان"}
    answer = gateway.post("ask-why", again, user=MOTHER)

    assert answer.status_code == 201
    assert answer.json()["question"]["text"] == TEXT
    assert Question.objects.count() == 1


def test_a_later_look_for_the_same_case_keeps_its_question(
    asked: Question, nation: Nation, collector: Collector, gateway: Gateway
) -> None:
    later = call_about(MOTHER, grant=nation.birth, case=CASE, minutes_ago=0.5)
    collector.keep(later)

    assert told(gateway, later.request_id)["text"] == TEXT


def test_one_person_cannot_flood_agencies(
    nation: Nation, collector: Collector, gateway: Gateway
) -> None:
    calls = [
        call_about(MOTHER, grant=nation.person, case=f"case-{n}")
        for n in range(actions.MOST_OPEN + 1)
    ]
    collector.keep(*calls)

    answers = [
        gateway.post("ask-why", {"look": call.request_id, "text": TEXT}, user=MOTHER)
        for call in calls
    ]

    assert [a.status_code for a in answers] == [201] * actions.MOST_OPEN + [409]
    assert answers[-1].json()["code"] == "too-many-questions"


def test_the_answer_reaches_the_e_box_once_and_the_asker_is_forgotten(
    asked: Question, look: str, nation: Nation, gateway: Gateway, letters: list[dict[str, Any]]
) -> None:
    actions.answer_question(actor=nation.agent, question=asked, text=ANSWER)
    assert jobs.deliver_answers().letters == 1
    assert jobs.deliver_answers().letters == 0

    (letter,) = letters
    assert letter["person"] == MOTHER
    assert letter["case"] == CASE
    assert letter["idempotency_key"] == f"why-{asked.pk}"
    assert TEXT in letter["body"] and ANSWER in letter["body"]
    kept = Question.objects.get()
    assert bytes(kept.asker_sealed) == b""
    assert told(gateway, look)["answer"] == ANSWER
    assert told(gateway, look)["in_e_box"]


def test_while_the_exchange_is_away_the_answer_waits_and_loses_nothing(
    asked: Question, nation: Nation, letters: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    actions.answer_question(actor=nation.agent, question=asked, text=ANSWER)

    def away(**_: object) -> str:
        raise Unavailable("timeout", status=504, cause="gateway")

    with monkeypatch.context() as patch:
        patch.setattr(messaging, "deposit_letter", away)
        assert jobs.deliver_answers() == jobs.Delivered(letters=0, waiting=1)

    assert jobs.deliver_answers() == jobs.Delivered(letters=1, waiting=0)
    assert len(letters) == 1


@pytest.mark.req("PRV-01")
def test_only_a_representative_of_the_agency_answers_and_only_once(
    asked: Question, nation: Nation
) -> None:
    with pytest.raises(PermissionDenied):
        actions.answer_question(actor=nation.banker, question=asked, text=ANSWER)
    nation.agent.active = False
    with pytest.raises(PermissionDenied):
        actions.answer_question(actor=nation.agent, question=asked, text=ANSWER)
    nation.agent.active = True

    actions.answer_question(actor=nation.agent, question=asked, text=ANSWER)
    with pytest.raises(actions.AnsweredAlready):
        actions.answer_question(actor=nation.agent, question=asked, text="چیز دیگر")

    assert Question.objects.get().answer == ANSWER


def test_an_agency_is_reminded_once_before_the_term_ends(
    asked: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert actions.remind_agencies() == 0
    later = clock.now() + timedelta(days=8)
    monkeypatch.setattr(clock, "now", lambda: later)

    assert actions.remind_agencies() == 1
    assert actions.remind_agencies() == 0

    assert events()[-1] == "exchange.question.due"
    assert Question.objects.get().reminded_at == later


def test_with_the_look_goes_the_question_unless_it_still_waits(
    asked: Question, nation: Nation, letters: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    Question.objects.update(looked_at=clock.now() - timedelta(days=400))
    assert actions.forget_old_questions() == 0
    actions.answer_question(actor=nation.agent, question=asked, text=ANSWER)
    jobs.deliver_answers()

    assert actions.forget_old_questions() == 1
    assert not Question.objects.exists()
