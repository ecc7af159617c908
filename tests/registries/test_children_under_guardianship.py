"""Who acts for which child today, as the civil registry tells the sign-on (SSO-22)."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.utils.timezone import localdate

from panjereh.common import clock
from panjereh.registries.civil.models import CourtGuardian
from panjereh.registries.civil.queries import wards
from panjereh.sdk import civil_registry, exchange

pytestmark = [pytest.mark.req("SSO-22"), pytest.mark.usefixtures("over_the_exchange")]

NewPerson = Callable[..., Any]


def child_of(new_person: NewPerson, father: Any, mother: Any = None, **facts: Any) -> Any:
    born = localdate(clock.now()) - timedelta(days=3000)
    return new_person(**({"father": father, "mother": mother, "birth_date": born} | facts))


def grounds(guardian: Any) -> list[tuple[str, str]]:
    return [(one.ground, one.child.national_id) for one in civil_registry.wards(guardian.pk)]


def test_a_father_acts_for_his_children_under_age_eldest_first(new_person: NewPerson) -> None:
    father, mother = new_person(sex="male"), new_person()
    today = localdate(clock.now())
    young = child_of(new_person, father, mother, birth_date=today)
    older = child_of(new_person, father, mother, birth_date=today - timedelta(days=17 * 365))
    child_of(new_person, father, mother, birth_date=today - timedelta(days=19 * 366))
    child_of(new_person, father, mother, died_on=today)
    assert grounds(father) == [("father", older.pk), ("father", young.pk)]
    assert grounds(mother) == []


def test_the_answer_tells_what_the_account_needs(new_person: NewPerson) -> None:
    father = new_person(sex="male")
    child = child_of(new_person, father, given_name="کیان")
    told = civil_registry.wards(father.pk)[0].child
    assert (told.national_id, told.given_name, told.vital_status) == (child.pk, "کیان", "alive")


def test_without_a_father_the_paternal_grandfather_acts(new_person: NewPerson) -> None:
    grandfather, today = new_person(sex="male"), localdate(clock.now())
    father = new_person(sex="male", father=grandfather)
    child = child_of(new_person, father)
    assert grounds(grandfather) == [], "while the father lives"
    father.died_on = today
    father.save()
    assert grounds(father) == []
    assert grounds(grandfather) == [("paternal-grandfather", child.pk)]


def test_without_both_the_guardian_whom_a_court_named_acts_until_it_ends(
    new_person: NewPerson,
) -> None:
    today = localdate(clock.now())
    grandfather = new_person(sex="male")
    father = new_person(sex="male", father=grandfather, died_on=today)
    mother = new_person()
    child = child_of(new_person, father, mother)
    named = CourtGuardian.objects.create(
        child=child, guardian=mother, order_number="1", named_on=today
    )
    assert grounds(mother) == [], "the grandfather comes first"
    grandfather.died_on = today
    grandfather.save()
    assert grounds(mother) == [("court", child.pk)]
    named.ended_on = today
    named.save()
    assert grounds(mother) == []


def test_a_court_names_one_guardian_at_a_time(new_person: NewPerson) -> None:
    child, today = child_of(new_person, None), localdate(clock.now())
    CourtGuardian.objects.create(
        child=child, guardian=new_person(), order_number="1", named_on=today
    )
    with pytest.raises(IntegrityError):
        CourtGuardian.objects.create(
            child=child, guardian=new_person(), order_number="2", named_on=today
        )


@pytest.mark.parametrize(("day", "acts"), [(7, True), (8, False)])
def test_on_the_day_itself_the_guardian_acts_no_more(
    new_person: NewPerson, monkeypatch: pytest.MonkeyPatch, day: int, acts: bool
) -> None:
    father = new_person(sex="male")
    child_of(new_person, father, birth_date=date(2010, 10, 9))  # 17 Mehr 1389
    noon = datetime(2028, 10, day, 12, tzinfo=UTC)  # the 8th is 17 Mehr 1407
    monkeypatch.setattr("panjereh.registries.civil.queries.clock.now", lambda: noon)
    assert bool(wards(father.pk)) == acts


def test_nobody_unknown_acts(db: None) -> None:
    with pytest.raises(exchange.Rejected, match="person-unknown"):
        civil_registry.wards("9002718284")
