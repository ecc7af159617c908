"""The registry of foreign nationals, and Shahkar for their numbers (SSO-21)."""

from datetime import date
from typing import Any

import pytest
from callers import Gateway

from panjereh.registries.foreigners.models import AccessRecord, Foreigner
from panjereh.registries.telecom.models import Sim
from panjereh.sdk import exchange, foreigners, shahkar

pytestmark = [pytest.mark.django_db, pytest.mark.req("SSO-21")]

CODE, BORN = "900000000017", date(1991, 10, 9)


@pytest.fixture(autouse=True)
def _over_the_exchange(over_the_exchange: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreigners, "call", over_the_exchange)


@pytest.fixture
def worker() -> Foreigner:
    return Foreigner.objects.create(
        fida_code=CODE,
        given_name="نجیب‌الله",
        family_name="نورزی",
        father_name="میرویس",
        latin_given_name="Najibullah",
        latin_family_name="Noorzai",
        nationality="AFG",
        birth_date=BORN,
        sex="male",
        permit_until=date(2030, 1, 1),
    )


def test_a_person_is_found_by_code_and_birth_date(worker: Foreigner) -> None:
    told = foreigners.person("۹۰۰۰ ۰۰۰۰ ۰۰۱۷", birth_date=BORN)
    assert (told.fida_code, told.latin_family_name, told.nationality) == (CODE, "Noorzai", "AFG")
    assert (told.permit_until, told.vital_status) == (date(2030, 1, 1), "alive")


@pytest.mark.parametrize(
    ("code", "born", "refusal"),
    [("900000000025", BORN, "person-unknown"), (CODE, date(1991, 1, 1), "birth-date-differs")],
)
def test_a_refusal_does_not_say_what_is_right(
    worker: Foreigner, code: str, born: date, refusal: str
) -> None:
    with pytest.raises(exchange.Rejected, match=refusal) as refused:
        foreigners.person(code, birth_date=born)
    assert "1991-10-09" not in refused.value.detail


def test_shahkar_knows_the_numbers_of_foreign_nationals(worker: Foreigner) -> None:
    Sim.objects.create(mobile="+989696000001", owner_national_id=CODE)
    assert shahkar.owns_mobile(CODE, "09696000001")
    assert not shahkar.owns_mobile(CODE, "09696000002")
    assert not shahkar.owns_mobile("900000000025", "09696000001")


@pytest.mark.parametrize(
    "about",
    [{}, {"national_id": "9002718284", "fida_code": CODE}, {"national_id": CODE}],
    ids=["nobody", "two", "a code as national id"],
)
def test_shahkar_is_asked_about_one_person_by_the_own_kind(
    gateway: Gateway, about: dict[str, str]
) -> None:
    answer = gateway.call("shahkar", "ownership", about | {"mobile": "09696000001"})
    assert answer.status_code == 422


def test_each_look_is_written_down(worker: Foreigner) -> None:
    foreigners.person(CODE, user="9002718284")
    look = AccessRecord.objects.get()
    assert (look.subject, look.acting_person, look.service) == (CODE, "9002718284", "person")


def test_a_foreign_national_may_be_who_acts(worker: Foreigner) -> None:
    """The id of who is in front of the screen travels in X-Road-UserId, whatever its kind."""
    foreigners.person(CODE, user=CODE)
    assert AccessRecord.objects.get().acting_person == CODE
