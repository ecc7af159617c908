"""The third path: a provider is away, a worker dies, a job is lost - and the case goes on."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from people import MOTHER
from playing_exchange import PlayingExchange
from walking import fill_in, submit
from working import jobs_waiting, lose_all_jobs, take_job, work_off

from panjereh.agency.cases import actions, advance, wakeups
from panjereh.agency.models import Case, CaseEvent, ProcessInstance, StaffMember, StepResult
from panjereh.agency.watch import sweep
from panjereh.common import clock

pytestmark = pytest.mark.django_db


def state_of(case: Case) -> str:
    case.refresh_from_db()
    return case.status


def told(case: Case) -> str:
    return " | ".join(e.text["fa"] for e in CaseEvent.objects.filter(case=case) if e.text)


def until_quiet(at_most: int = 40) -> None:
    work_off(early=True, at_most=at_most)


@pytest.mark.req("PER-13")
def test_a_provider_away_is_told_once_and_the_case_resumes_by_itself(
    mother: Client, exchange: PlayingExchange
) -> None:
    fill_in(mother)
    exchange.down = {"health-registry"}
    case = submit(mother)
    until_quiet(at_most=8)
    assert state_of(case) == "trouble"
    assert told(case).count("در ارتباط با سامانه سلامت وزارت بهداشت مشکلی داریم") == 1
    assert exchange.births == []
    exchange.down = set()
    until_quiet()
    assert state_of(case) == "delivered"
    assert "دوباره پاسخ می‌دهد" in told(case)


def test_nothing_is_asked_twice_of_those_who_answered(
    mother: Client, exchange: PlayingExchange
) -> None:
    fill_in(mother)
    exchange.down = {"health-registry"}
    case = submit(mother)
    until_quiet(at_most=8)
    persons = len(exchange.calls_of("civil-registry/person"))
    assert StepResult.objects.filter(case=case).count() == 3
    until_quiet(at_most=5)
    exchange.down = set()
    until_quiet()
    assert len(exchange.calls_of("civil-registry/person")) == persons


def test_the_pauses_grow_and_the_first_is_short(mother: Client, exchange: PlayingExchange) -> None:
    fill_in(mother)
    exchange.down = {"documents"}
    case = submit(mother)
    pauses = []
    for _ in range(4):
        until_quiet(at_most=1)
        while (name := jobs_waiting()) and name[0] != "agency.advance_case":
            until_quiet(at_most=1)
        row = ProcessInstance.objects.get(case=case)
        if row.next_due and row.attempts:
            pauses.append((row.next_due - clock.now()).total_seconds())
    assert pauses == sorted(pauses)
    assert pauses[0] < 1


def test_after_many_attempts_an_operator_sees_it_and_it_still_goes_on_by_itself(
    mother: Client, exchange: PlayingExchange
) -> None:
    fill_in(mother)
    exchange.down = {"documents"}
    case = submit(mother)
    work_off()
    ProcessInstance.objects.filter(case=case).update(attempts=advance.OPERATOR_AFTER)
    until_quiet(at_most=4)
    row = ProcessInstance.objects.get(case=case)
    assert row.stalled_since is not None
    assert "doc:issue.newborn-certificate" in row.stalled_reason
    exchange.down = set()
    until_quiet()
    assert state_of(case) == "delivered"
    assert ProcessInstance.objects.get(case=case).stalled_since is None


def test_a_missing_grant_goes_to_the_operator_at_once(
    mother: Client, exchange: PlayingExchange, clerk: StaffMember
) -> None:
    fill_in(mother)
    exchange.refusing = {"postal-registry/address"}
    case = submit(mother)
    until_quiet(at_most=4)
    row = ProcessInstance.objects.get(case=case)
    assert row.stalled_since is not None
    assert "access_denied" in row.stalled_reason
    assert "همکاران ما باید چیزی را بررسی کنند" in told(case)
    exchange.refusing = set()
    lose_all_jobs()
    actions.retry_case(case=case, actor=clerk)
    until_quiet()
    assert state_of(case) == "delivered"


def test_a_birth_entered_meanwhile_is_refused_with_its_reason(
    mother: Client, exchange: PlayingExchange
) -> None:
    fill_in(mother)
    exchange.rejecting = {"civil-registry/register-birth": "notice-entered"}
    case = submit(mother)
    work_off()
    assert state_of(case) == "refused"
    assert exchange.documents == []


def test_a_fault_of_ours_is_not_repeated_but_seen(
    mother: Client, exchange: PlayingExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_in(mother)
    case = submit(mother)

    def broken(*args: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(wakeups, "finished", broken)
    with pytest.raises(ZeroDivisionError):
        advance.advance_case(case.pk)
    row = ProcessInstance.objects.get(case=case)
    assert (row.stalled_reason, row.next_due) == ("ZeroDivisionError", None)


def test_a_worker_killed_between_call_and_commit_does_it_once(
    mother: Client, exchange: PlayingExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_in(mother)
    case = submit(mother)
    work_off(at_most=1)  # the worker's job is taken; now it dies inside every step
    real = wakeups.lock_row

    class Killed(BaseException):
        pass

    def dies(case_id: int) -> Any:
        monkeypatch.setattr(wakeups, "lock_row", real)
        raise Killed

    for _ in range(12):
        if state_of(case) == "delivered":
            break
        monkeypatch.setattr(wakeups, "lock_row", dies)
        with pytest.raises(Killed), transaction.atomic():
            advance.advance_case(case.pk)
        advance._advance_once(case.pk, wakeups.load(case.pk))
    work_off()
    assert state_of(case) == "delivered"
    assert len(exchange.births) == 1
    assert len(exchange.documents) == 1
    births = exchange.calls_of("civil-registry/register-birth")
    assert len(births) > 1, "the call was made again"
    assert len({headers["idempotency-key"] for _, headers in births}) == 1


def test_a_lost_job_is_found_by_the_sweep(mother: Client, exchange: PlayingExchange) -> None:
    fill_in(mother)
    case = submit(mother)
    lose_all_jobs()
    sweep()
    assert jobs_waiting() == [], "it is given the time of a lease first"
    ProcessInstance.objects.filter(case=case).update(next_due=clock.now())
    sweep()
    work_off()
    assert state_of(case) == "delivered"


def test_the_sweep_leaves_alone_what_a_job_will_wake(mother: Client) -> None:
    fill_in(mother)
    case = submit(mother)
    ProcessInstance.objects.filter(case=case).update(next_due=clock.now())
    assert sweep() == []


def test_a_worker_that_starts_takes_up_what_a_dead_one_had_under_way(mother: Client) -> None:
    fill_in(mother)
    case = submit(mother)
    lose_all_jobs()
    assert sweep() == []
    assert sweep(ahead=wakeups.LEASE) == [case.pk]


def test_a_lost_timer_job_is_found_by_the_sweep(mother: Client, exchange: PlayingExchange) -> None:
    fill_in(mother, right=False)
    case = submit(mother)
    lose_all_jobs()
    ProcessInstance.objects.filter(case=case).update(next_due=clock.now())
    sweep()
    assert take_job() == ("agency.advance_case", {"case_id": case.pk})


def test_news_that_nobody_told_are_found_by_the_sweep(
    mother: Client, exchange: PlayingExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_in(mother)
    case = submit(mother)
    lose_all_jobs()
    later = clock.now() + timedelta(minutes=6)
    monkeypatch.setattr(clock, "now", lambda: later)
    sweep()
    assert "agency.report_events" in jobs_waiting()
    work_off()
    assert len(exchange.reports[case.tracking_id]) > 0


def test_jobs_carry_no_personal_data(mother: Client) -> None:
    fill_in(mother)
    submit(mother)
    with connection.cursor() as cursor:
        cursor.execute("SELECT args::text FROM procrastinate_jobs")
        text = " ".join(row[0] for row in cursor.fetchall())
    for private in (MOTHER.national_id, MOTHER.mobile, MOTHER.family_name):
        assert private not in text


def test_the_reports_wait_for_the_tracking_and_lose_nothing(
    mother: Client, exchange: PlayingExchange
) -> None:
    fill_in(mother)
    case = submit(mother)
    exchange.down = {"tracking"}
    from panjereh.sdk.exchange import Unavailable

    while job := take_job():
        if job[0] == "agency.report_events":
            with pytest.raises(Unavailable):
                actions.report_events(case_id=case.pk)
        elif job[0] == "agency.advance_case":
            advance.advance_case(case.pk)
    assert state_of(case) == "delivered"
    exchange.down = set()
    actions.report_events(case_id=case.pk)
    actions.report_events(case_id=case.pk)
    assert len(exchange.reports[case.tracking_id]) == len(
        [e for e in CaseEvent.objects.filter(case=case) if e.text]
    )


@pytest.mark.django_db(transaction=True)
def test_two_wakeups_at_once_do_every_step_once(mother: Client, exchange: PlayingExchange) -> None:
    fill_in(mother)
    case = submit(mother)
    exchange.slow = {"documents/issue": 0.2, "civil-registry/person": 0.1}
    faults: list[BaseException] = []

    def advance_here() -> None:
        try:
            advance.advance_case(case.pk)
        except BaseException as error:
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=advance_here) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert state_of(case) == "delivered"
    assert (len(exchange.births), len(exchange.documents), len(exchange.sms)) == (1, 1, 1)
    steps = list(StepResult.objects.filter(case=case).values_list("step", flat=True))
    assert len(steps) == len(set(steps)) == 7


def test_the_state_stays_small(mother: Client, exchange: PlayingExchange) -> None:
    fill_in(mother, right=False)
    case = submit(mother)
    sizes = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT length(state::text) FROM agency_processinstance")
        sizes.append(cursor.fetchone()[0])
    Case.objects.filter(pk=case.pk).update(hold="")
    assert max(sizes) < wakeups.MAX_STATE_BYTES


def test_a_number_that_takes_no_messages_keeps_no_case_open(
    mother: Client, exchange: PlayingExchange
) -> None:
    fill_in(mother)
    exchange.rejecting = {"messaging/send-sms": "number-unknown"}
    case = submit(mother)
    work_off()
    assert state_of(case) == "delivered"
