"""Civil registry: inquiry of a person and of the family."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from callers import Gateway, Household

from panjereh.common.text import persian_digits
from panjereh.registries.civil.models import Marriage
from panjereh.sdk import civil_registry
from panjereh.sdk.exchange import Rejected

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("over_the_exchange")]


@pytest.mark.req("SSO-20")
def test_a_person_is_told_with_every_field_that_the_client_knows(
    household: Household, gateway: Gateway
) -> None:
    mother = household.mother

    answer = gateway.call("civil-registry", "person", {"national_id": mother.pk})

    assert set(json.loads(answer.content)) == set(civil_registry.Person.__struct_fields__)
    assert civil_registry.person(mother.pk) == civil_registry.Person(
        national_id=mother.pk,
        given_name="سپیده",
        family_name="مهرجو",
        father_name="کاوه",
        birth_date=date(1995, 4, 3),
        birth_place="تهران",
        sex="female",
        vital_status="alive",
    )


def test_a_right_birth_date_is_confirmed(household: Household) -> None:
    found = civil_registry.person(household.mother.pk, birth_date=date(1995, 4, 3))

    assert found.given_name == "سپیده"


def test_a_wrong_birth_date_is_refused_without_a_hint(
    household: Household, gateway: Gateway
) -> None:
    body = {"national_id": household.mother.pk, "birth_date": "1995-04-04"}

    answer = gateway.call("civil-registry", "person", body)

    assert answer.status_code == 409
    assert json.loads(answer.content)["code"] == "birth-date-differs"
    for fact in ("1995", "سپیده", household.mother.pk):
        assert fact not in answer.content.decode()


def test_an_unknown_person_is_refused(household: Household) -> None:
    with pytest.raises(Rejected) as refusal:
        civil_registry.person("0012345679")

    assert (refusal.value.code, refusal.value.status) == ("person-unknown", 404)


def test_a_wrong_check_digit_names_the_field_and_never_the_value(gateway: Gateway) -> None:
    answer = gateway.call("civil-registry", "person", {"national_id": "9900000001"})

    assert answer.status_code == 422
    assert json.loads(answer.content)["code"] == "body-invalid"
    assert "national_id" in answer.content.decode()
    assert "9900000001" not in answer.content.decode()


def test_persian_digits_are_read(household: Household) -> None:
    found = civil_registry.person(persian_digits(household.mother.pk))

    assert found.national_id == household.mother.pk


def test_a_deceased_person_is_told_as_deceased(new_person: Callable[..., Any]) -> None:
    gone = new_person(died_on=date(2020, 1, 1))

    assert civil_registry.person(gone.pk).vital_status == "deceased"


def test_a_family_is_spouse_parents_and_children_eldest_first(
    household: Household, new_person: Callable[..., Any]
) -> None:
    mother, father = household.mother, household.father
    parents = {"mother": mother, "father": father}
    younger = new_person(given_name="کیان", birth_date=date(2022, 2, 2), sex="male", **parents)
    elder = new_person(given_name="بهار", birth_date=date(2019, 2, 2), **parents)

    of_mother = civil_registry.family(mother.pk)
    of_child = civil_registry.family(elder.pk)

    assert of_mother.spouse is not None and of_mother.spouse.national_id == father.pk
    assert [c.national_id for c in of_mother.children] == [elder.pk, younger.pk]
    assert [p.national_id for p in of_child.parents] == [mother.pk, father.pk]
    assert of_child.spouse is None and of_child.children == []


def test_a_marriage_that_has_ended_gives_no_spouse(household: Household) -> None:
    Marriage.objects.update(ended_on=date(2024, 1, 1))

    assert civil_registry.family(household.mother.pk).spouse is None


def test_the_family_of_an_unknown_person_is_refused(household: Household) -> None:
    with pytest.raises(Rejected, match="person-unknown"):
        civil_registry.family("0012345679")
