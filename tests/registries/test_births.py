"""Civil registry: entering a newborn, once, with its event, or not at all."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import msgspec
import pytest
from callers import Gateway, Household
from django.db import connection
from django.utils.timezone import localdate

from panjereh.common import clock
from panjereh.common.events import Event
from panjereh.common.identifiers import parse_national_id
from panjereh.common.outbox.models import OutboxEvent
from panjereh.registries.civil import actions
from panjereh.registries.civil.models import BirthEntry, Marriage, Person
from panjereh.sdk import civil_registry
from panjereh.sdk.exchange import Rejected

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("over_the_exchange")]


def register(household: Household, *, key: str = "case-1", **changes: Any) -> Any:
    body = household.birth(**changes)
    return civil_registry.register_birth(
        **{**body, "born_on": date.fromisoformat(body["born_on"])}, idempotency_key=key
    )


def refusal_of(household: Household, **changes: Any) -> str:
    with pytest.raises(Rejected) as refusal:
        register(household, **changes)
    assert OutboxEvent.objects.count() == 0
    assert BirthEntry.objects.count() == 0
    return refusal.value.code


@pytest.mark.req("NIX-41")
def test_a_newborn_is_a_person_and_in_the_family_at_once(household: Household) -> None:
    entry = register(household)

    child = civil_registry.person(entry.child.national_id)
    assert parse_national_id(child.national_id) == child.national_id
    assert (child.given_name, child.family_name, child.father_name) == ("نیلوفر", "سپهری", "آرش")
    assert entry.entry_number
    for parent in (household.mother, household.father):
        assert [c.national_id for c in civil_registry.family(parent.pk).children] == [
            child.national_id
        ]


def test_the_entry_is_told_as_an_event_without_personal_data(household: Household) -> None:
    register(household)

    event = msgspec.json.decode(OutboxEvent.objects.get().body, type=Event)
    assert (event.type, event.data) == (
        "registries.birth.entered",
        {"notice_id": "N00000001-9001"},
    )
    assert household.mother.pk not in str(event)


def test_the_same_key_gets_the_same_answer(household: Household) -> None:
    first = register(household)
    again = register(household)

    assert first == again
    assert (BirthEntry.objects.count(), OutboxEvent.objects.count()) == (1, 1)


def test_the_same_key_with_another_birth_is_refused(household: Household) -> None:
    register(household)

    with pytest.raises(Rejected, match="idempotency-key-reused"):
        register(household, given_name="بهار")


def test_another_key_for_an_entered_notice_is_refused(household: Household) -> None:
    register(household)

    with pytest.raises(Rejected) as refusal:
        register(household, key="case-2")
    assert (refusal.value.code, refusal.value.status) == ("notice-entered", 409)
    assert Person.objects.filter(mother=household.mother).count() == 1


def test_without_a_key_nothing_is_entered(household: Household, gateway: Gateway) -> None:
    answer = gateway.call("civil-registry", "register-birth", household.birth())

    assert answer.status_code == 400
    assert json.loads(answer.content)["code"] == "idempotency-key-missing"
    assert BirthEntry.objects.count() == 0


def test_an_unknown_mother_is_refused(household: Household) -> None:
    assert refusal_of(household, mother_national_id="0012345679") == "parent-unknown"


def test_parents_in_each_others_place_are_refused(household: Household) -> None:
    swapped = {
        "mother_national_id": household.father.pk,
        "father_national_id": household.mother.pk,
    }
    assert refusal_of(household, **swapped) == "parent-unknown"


def test_parents_without_a_marriage_are_refused(household: Household) -> None:
    Marriage.objects.all().delete()

    assert refusal_of(household) == "parents-not-married"


def test_a_mother_who_died_before_is_refused(household: Household) -> None:
    household.mother.died_on = date(2025, 1, 1)
    household.mother.save()

    assert refusal_of(household) == "parent-deceased"


def test_a_child_born_after_the_fathers_death_is_entered(household: Household) -> None:
    # Civil Code art 1159: within ten months of the end of the marriage.
    died_on = localdate(clock.now()) - timedelta(days=90)
    Person.objects.filter(pk=household.father.pk).update(died_on=died_on)
    Marriage.objects.update(ended_on=died_on)

    assert register(household).child.father_name == "آرش"


def test_a_child_born_long_after_the_marriage_is_refused(household: Household) -> None:
    Marriage.objects.update(ended_on=localdate(clock.now()) - timedelta(days=400))

    assert refusal_of(household) == "parents-not-married"


@pytest.mark.parametrize("days", [-2, 15_000])
def test_a_birth_tomorrow_or_before_the_mother_is_refused(household: Household, days: int) -> None:
    born_on = (localdate(clock.now()) - timedelta(days=days)).isoformat()

    assert refusal_of(household, born_on=born_on) == "birth-date-impossible"


def test_a_place_without_an_office_is_refused(household: Household) -> None:
    assert refusal_of(household, birth_place="ناکجاآباد") == "birth-place-unknown"


@pytest.mark.parametrize("name", ["", "x" * 61, "نام1", "<b>", "  "])
def test_a_name_that_is_no_name_is_refused(
    household: Household, gateway: Gateway, name: str
) -> None:
    body = household.birth(given_name=name)

    answer = gateway.call("civil-registry", "register-birth", body, key="case-1")

    assert (answer.status_code, json.loads(answer.content)["code"]) == (422, "body-invalid")


def test_when_the_event_cannot_be_written_no_child_is_entered(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(notice_id: str) -> None:
        raise ConnectionError

    monkeypatch.setattr(actions, "birth_entered", fails)
    with pytest.raises(ConnectionError):
        actions.register_birth(birth_of(household), key="case-1")

    assert Person.objects.filter(mother=household.mother).count() == 0
    assert (BirthEntry.objects.count(), OutboxEvent.objects.count()) == (0, 0)


def birth_of(household: Household, **changes: Any) -> actions.Birth:
    body = household.birth(**changes)
    return actions.Birth(**{**body, "born_on": date.fromisoformat(body["born_on"])})


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """Results of deeds that start together, each on a connection of its own."""
    start = Barrier(len(deeds))

    def run(deed: Callable[[], Any]) -> Any:
        try:
            start.wait()
            return deed()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


@pytest.mark.django_db(transaction=True)
def test_two_who_enter_one_notice_at_once_make_one_child(household: Household) -> None:
    birth = birth_of(household)

    results = at_once(
        *(lambda k=k: actions.register_birth(birth, key=k) for k in ("a", "b", "c", "d"))
    )

    assert sorted(getattr(r, "code", "entered") for r in results) == [
        "entered",
        *["notice-entered"] * 3,
    ]
    assert Person.objects.filter(mother=household.mother).count() == 1
    assert OutboxEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_key_sent_twice_at_once_gets_one_answer(household: Household) -> None:
    birth = birth_of(household)

    first, second = at_once(*[lambda: actions.register_birth(birth, key="a")] * 2)

    assert first.child_id == second.child_id
    assert (BirthEntry.objects.count(), OutboxEvent.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_one_key_for_two_newborns_at_once_enters_one(household: Household) -> None:
    births = [birth_of(household, notice_id=notice) for notice in ("N1", "N2")]

    results = at_once(*(lambda b=b: actions.register_birth(b, key="a") for b in births))

    codes = sorted(getattr(result, "code", "entered") for result in results)
    assert codes == ["entered", "idempotency-key-reused"]


@pytest.mark.django_db(transaction=True)
def test_twins_entered_at_once_get_ids_of_their_own(household: Household) -> None:
    births = [birth_of(household, notice_id=f"N{n}", given_name=g) for n, g in enumerate("ابپ")]

    entries = at_once(*(lambda b=b: actions.register_birth(b, key=b.notice_id) for b in births))

    assert len({entry.child_id for entry in entries}) == 3
