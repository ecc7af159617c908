"""The custodians of session 26: skills, certificates, degrees, military service, insurance."""

import json
from typing import Any

import pytest
from callers import Gateway
from django.db import IntegrityError, connection, transaction

from panjereh.registries.civil.models import Person
from panjereh.registries.conscription.models import Service
from panjereh.registries.education.models import Degree, Enrolment
from panjereh.registries.insurance.models import Insured, SentList, Workshop
from panjereh.registries.judiciary import models as judiciary
from panjereh.registries.legal.models import Company
from panjereh.registries.skills import models as skills
from panjereh.registries.systems import SYSTEMS
from panjereh.sandbox.custodians import fill_registries
from panjereh.sandbox.seed.registries import seed

pytestmark = pytest.mark.django_db

PEOPLE = 1500
NEW_ROOMS = ("skills", "judiciary", "education", "conscription", "insurance")


@pytest.fixture
def nation(db: None) -> None:
    seed(PEOPLE)


def asked(gateway: Gateway, system: str, service: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = gateway.call(system, service, body)
    assert answer.status_code == 200, answer.content
    content: dict[str, Any] = json.loads(answer.content)
    return content


def test_every_registry_of_session_26_is_filled_and_stays_so(nation: None) -> None:
    models = (skills.Certificate, judiciary.Certificate, Degree, Enrolment, Service, Insured)
    before = [model.objects.count() for model in models]
    assert all(before), before

    fill_registries()

    assert [model.objects.count() for model in models] == before


def test_the_dead_and_children_have_no_part_in_it(nation: None) -> None:
    gone = set(Person.objects.exclude(died_on=None).values_list("pk", flat=True))
    for model in (skills.Certificate, Degree, Service, Insured):
        assert not gone & set(model.objects.values_list("national_id", flat=True))


def test_skill_certificates_of_a_person(nation: None, gateway: Gateway) -> None:
    one = skills.Certificate.objects.earliest("number")
    body = {"national_id": one.national_id}

    (told,) = asked(gateway, "skill-certificates", "skill-certificate", body)["certificates"]

    assert (told["number"], told["trade"]) == (one.number, one.trade)


def test_only_the_holder_s_certificate_is_authentic(nation: None, gateway: Gateway) -> None:
    one, other = judiciary.Certificate.objects.order_by("number")[:2]
    question = {"national_id": one.national_id, "certificate_number": one.number}
    service = ("judicial-certificates", "criminal-record-certificate")

    assert asked(gateway, *service, question)["authentic"] is True
    foreign = question | {"national_id": other.national_id}
    nothing = {"authentic": False, "issued_on": None, "valid_until": None}
    assert asked(gateway, *service, foreign) == nothing
    assert asked(gateway, *service, question | {"certificate_number": "NONE"}) == nothing


def test_degree_and_student_status(nation: None, gateway: Gateway) -> None:
    degree, study = Degree.objects.earliest("pk"), Enrolment.objects.earliest("pk")

    told = asked(gateway, "higher-education", "last-degree", {"national_id": degree.pk})
    assert (told["level"], told["university"]) == (degree.level, degree.university)
    told = asked(gateway, "higher-education", "student-status", {"national_id": study.pk})
    assert (told["student"], told["field"]) == (True, study.field)
    nobody = Person.objects.exclude(pk__in=Degree.objects.values("pk")).earliest("pk")
    answer = gateway.call("higher-education", "last-degree", {"national_id": nobody.pk})
    assert (answer.status_code, json.loads(answer.content)["code"]) == (404, "degree-unknown")


def test_military_service_is_not_asked_of_women(nation: None, gateway: Gateway) -> None:
    woman = Person.objects.filter(sex="female").earliest("pk")
    man = Service.objects.filter(standing="completed").earliest("pk")

    told = asked(gateway, "conscription", "military-service", {"national_id": woman.pk})
    assert told == {"standing": "not-liable", "since": None, "card_number": None}
    told = asked(gateway, "conscription", "military-service", {"national_id": man.pk})
    assert (told["standing"], told["card_number"]) == ("completed", man.card_number)


@pytest.mark.req("NIX-42")
def test_an_insurance_list_has_one_row_for_each_person(nation: None, gateway: Gateway) -> None:
    sent = SentList.objects.filter(rows__isnull=False).select_related("workshop").first()
    assert sent is not None
    question = {
        "enterprise_national_id": sent.workshop.enterprise_id,
        "workshop_code": sent.workshop_id,
        "branch_code": sent.workshop.branch_code,
        "payment_year_month": sent.month,
    }

    rows = asked(gateway, "social-insurance", "insurance-list", question)["rows"]

    assert len(rows) == len({row["national_id"] for row in rows}) == sent.rows.count()
    assert rows[0].keys() == {
        "full_name",
        "national_id",
        "insurance_number",
        "days_worked",
        "sso_share",
        "premium_year_month",
        "list_sent_date",
    }
    with pytest.raises(IntegrityError, match="insurance_person_once"), transaction.atomic():
        one = sent.rows.earliest("pk")
        one.pk = None
        one.save(force_insert=True)


def test_another_enterprise_s_workshop_is_unknown(nation: None, gateway: Gateway) -> None:
    sent = SentList.objects.select_related("workshop").earliest("pk")
    other = Company.objects.exclude(pk=sent.workshop.enterprise_id).earliest("pk")
    question = {
        "enterprise_national_id": other.pk,
        "workshop_code": sent.workshop_id,
        "branch_code": sent.workshop.branch_code,
        "payment_year_month": sent.month,
    }

    answer = gateway.call("social-insurance", "insurance-list", question)

    assert (answer.status_code, json.loads(answer.content)["code"]) == (404, "list-unknown")


def test_everybody_works_at_one_workshop_also_after_the_nation_grew(nation: None) -> None:
    seed(PEOPLE * 2)

    months = SentList.objects.values_list("month", flat=True).distinct()
    for month in months:
        people = list(
            Insured.objects.filter(sent__month=month).values_list("national_id", flat=True)
        )
        assert len(people) == len(set(people))
    assert Workshop.objects.count() >= Company.objects.count() * 0.99


@pytest.mark.parametrize("room", NEW_ROOMS)
def test_each_look_is_written_down_before_it_is_answered(
    nation: None, gateway: Gateway, room: str
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {room}_accessrecord")
        (before,) = cursor.fetchone()
        person = Person.objects.earliest("pk").pk
        system, service, body = {
            "skills": ("skill-certificates", "skill-certificate", {}),
            "judiciary": (
                "judicial-certificates",
                "criminal-record-certificate",
                {"certificate_number": "X"},
            ),
            "education": ("higher-education", "student-status", {}),
            "conscription": ("conscription", "military-service", {}),
            "insurance": ("social-insurance", "insurance-list", None),
        }[room]
        if body is None:
            company = Company.objects.earliest("pk").pk
            body = {
                "enterprise_national_id": company,
                "workshop_code": "0000000000",
                "branch_code": "0000",
                "payment_year_month": "1405-01",
            }
        else:
            body = {"national_id": person} | body
        gateway.call(system, service, body)
        cursor.execute(f"SELECT count(*) FROM {room}_accessrecord")
        assert cursor.fetchone() == (before + 1,)


def test_each_new_room_belongs_to_an_agency_that_exists() -> None:
    from panjereh.sandbox.nation.facts import facts

    known = {agency["slug"] for agency in facts("agencies")["items"]}
    for system in SYSTEMS.values():
        if system.room in NEW_ROOMS:
            assert system.custodian in known


def test_what_is_no_month_is_refused(nation: None, gateway: Gateway) -> None:
    body = {
        "enterprise_national_id": Company.objects.earliest("pk").pk,
        "workshop_code": "1",
        "branch_code": "0000",
        "payment_year_month": "2026-13",
    }

    assert gateway.call("social-insurance", "insurance-list", body).status_code == 422
