"""Loading the nation: quick, once, all or nothing, and it can grow."""

from collections.abc import Callable

import pytest
from births import enter
from django.test import override_settings

from panjereh.registries.civil.models import Marriage, Person, RegistrationOffice
from panjereh.registries.custody.models import BulkLoad
from panjereh.registries.foreigners.models import Foreigner
from panjereh.registries.health.models import BirthNotice, Hospital
from panjereh.registries.legal.models import Company, Signatory
from panjereh.registries.postal.models import Address
from panjereh.registries.residence.models import Residence
from panjereh.registries.telecom.models import Sim
from panjereh.sandbox.nation import generate
from panjereh.sandbox.nation.foreigners import BESIDE_EACH
from panjereh.sandbox.people import next_mother
from panjereh.sandbox.registrants import ROLES
from panjereh.sandbox.seed import registries
from panjereh.sandbox.seed.registries import SeedRefused, seed

pytestmark = pytest.mark.django_db

OF_FOREIGNERS = {"mobile__startswith": "+98969"}
TABLES = {
    "persons": Person,
    "marriages": Marriage,
    "sims": Sim,
    "addresses": Address,
    "residences": Residence,
    "notices": BirthNotice,
    "companies": Company,
    "signatories": Signatory,
}


def test_every_row_of_the_nation_arrives() -> None:
    result = seed(600)

    nation = list(generate(600))
    for name, model in TABLES.items():
        rows = model.objects.exclude(**OF_FOREIGNERS) if model is Sim else model.objects.all()
        assert rows.count() == sum(len(getattr(c, name)) for c in nation), name
    assert result.people == result.added == Person.objects.count() >= 600
    sample = nation[1].persons[-1]
    person = Person.objects.get(pk=sample.national_id)
    assert (person.given_name, person.birth_date) == (sample.given_name, sample.birth_date)
    assert person.mother_id == sample.mother_id


def test_a_loaded_nation_is_left_alone() -> None:
    first = seed(600)
    again = seed(600)
    fewer = seed(100)

    assert (again.people, again.added, fewer.added) == (first.people, 0, 0)


def test_a_nation_grows_and_keeps_who_was_born_meanwhile() -> None:
    small = seed(600)
    child = enter(next_mother())

    large = seed(1_200)

    assert large.people >= 1_200 and large.added == large.people - small.people
    assert Person.objects.count() == large.people + 1
    assert Person.objects.filter(pk=child.national_id).exists()
    nation = list(generate(1_200))
    sims = Sim.objects.exclude(**OF_FOREIGNERS)
    assert sims.count() == sum(len(c.sims) for c in nation)
    assert Foreigner.objects.count() == BESIDE_EACH * len(nation)


@pytest.mark.req("SSO-21")
def test_foreign_nationals_come_to_a_nation_that_stood_before_them() -> None:
    seed(600)
    before = list(Foreigner.objects.order_by("pk").values_list("pk", "latin_family_name"))
    Foreigner.objects.all().delete()
    Sim.objects.filter(**OF_FOREIGNERS).delete()

    seed(600)

    assert list(Foreigner.objects.order_by("pk").values_list("pk", "latin_family_name")) == before
    owners = set(Sim.objects.filter(**OF_FOREIGNERS).values_list("owner_national_id", flat=True))
    assert owners == {code for code, _ in before}


@pytest.mark.req("SSO-21", "SSO-22", "SSO-06")
def test_who_registers_in_another_way_is_there_to_try() -> None:
    seed(600)

    assert (
        ROLES["foreigner"]()["permit_until"] > ROLES["foreigner-without-permit"]()["permit_until"]
    )
    assert ROLES["guardian"]()["child"]["father_name"] == ROLES["guardian"]()["given_name"]
    assert ROLES["chief-executive"]()["company"]["signatories"]
    assert all(role()["mobile"] for role in ROLES.values())


def test_progress_is_told() -> None:
    told: list[int] = []

    seed(600, progress=told.append)

    assert told and told[-1] == Person.objects.count()


def test_another_seed_is_refused() -> None:
    seed(300)

    with pytest.raises(SeedRefused, match="seed 1405"):
        seed(300, nation_seed=7)


def test_production_takes_no_sandbox_people() -> None:
    with override_settings(PROFILE="production"), pytest.raises(SeedRefused):
        seed(300)

    assert not BulkLoad.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_load_that_breaks_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    copy_rows: Callable[..., None] = registries._copy_rows

    def breaks_at_companies(model: type, *rest: object) -> None:
        if model is Company:
            raise ConnectionError
        copy_rows(model, *rest)

    monkeypatch.setattr(registries, "_copy_rows", breaks_at_companies)
    with pytest.raises(ConnectionError):
        seed(300)

    for model in (*TABLES.values(), BulkLoad, Hospital, RegistrationOffice):
        assert model.objects.count() == 0
