"""Health registry: what hospitals report, until civil registration has entered it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from callers import Household

from panjereh.common import clock
from panjereh.common.events import Event, subscriptions
from panjereh.common.outbox.actions import deliver
from panjereh.common.outbox.models import OutboxEvent
from panjereh.common.problems import Problem
from panjereh.registries.health import actions
from panjereh.registries.health.models import BirthNotice, Hospital
from panjereh.sdk import civil_registry, health_registry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("over_the_exchange")]

Report = Callable[..., BirthNotice]


@pytest.fixture
def report(household: Household) -> Report:
    Hospital.objects.create(code="9001", name="بیمارستان سپیده تهران", city="تهران")

    def of(days_ago: float = 1, **changes: Any) -> BirthNotice:
        facts = {
            "hospital_code": "9001",
            "born_at": clock.now().replace(microsecond=0) - timedelta(days=days_ago),
            "sex": "female",
            "weight_grams": 3250,
            "mother_national_id": household.mother.pk,
            "father_national_id": household.father.pk,
        }
        return actions.report_birth(**(facts | changes))

    return of


def test_a_notice_is_told_with_every_field_that_the_client_knows(
    report: Report, household: Household
) -> None:
    notice = report()

    assert health_registry.birth_notices(household.mother.pk) == [
        health_registry.BirthNotice(
            notice_id=notice.notice_id,
            hospital="بیمارستان سپیده تهران",
            city="تهران",
            born_at=notice.born_at,
            sex="female",
            weight_grams=3250,
            mother_national_id=household.mother.pk,
            father_national_id=household.father.pk,
        )
    ]


def test_newest_notices_come_first_and_old_ones_not_at_all(
    report: Report, household: Household
) -> None:
    report(days_ago=370)
    older, newer = report(days_ago=300), report(days_ago=2)

    found = health_registry.birth_notices(household.mother.pk)

    assert [n.notice_id for n in found] == [newer.notice_id, older.notice_id]


def test_a_mother_without_a_notice_gets_an_empty_list(household: Household) -> None:
    assert health_registry.birth_notices(household.father.pk) == []


def test_an_entered_newborn_leaves_the_list_when_the_event_arrives(
    report: Report, household: Household
) -> None:
    notice = report()
    civil_registry.register_birth(
        notice_id=notice.notice_id,
        given_name="بهار",
        mother_national_id=household.mother.pk,
        father_national_id=household.father.pk,
        born_on=notice.born_at.date(),
        sex="female",
        birth_place=notice.city,
        idempotency_key="case-1",
    )
    event = msgspec.json.decode(OutboxEvent.objects.get().body, type=Event)
    (subscription,) = [s for s in subscriptions() if s.event_type == event.type]

    assert health_registry.birth_notices(household.mother.pk) != []
    assert [deliver(subscription, event), deliver(subscription, event)] == [True, False]

    assert health_registry.birth_notices(household.mother.pk) == []
    notice.refresh_from_db()
    assert notice.entered_at == event.time


def test_a_second_event_of_the_same_birth_changes_nothing(report: Report) -> None:
    notice, entered_at = report(), clock.now()

    assert actions.mark_entered(notice_id=notice.notice_id, entered_at=entered_at)
    assert not actions.mark_entered(notice_id=notice.notice_id, entered_at=clock.now())
    notice.refresh_from_db()
    assert notice.entered_at == entered_at


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"hospital_code": "7777"}, "hospital-unknown"),
        ({"days_ago": -1}, "birth-date-impossible"),
    ],
)
def test_a_report_from_nowhere_or_from_tomorrow_is_refused(
    report: Report, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(Problem) as refusal:
        report(**changes)

    assert refusal.value.code == code
    assert BirthNotice.objects.count() == 0
