"""Shahkar, postal, residence and legal persons: one question each."""

import json
from typing import Any

import pytest
from callers import Gateway

from panjereh.common.identifiers import legal_id_check_digit
from panjereh.registries.legal.models import Company, Signatory
from panjereh.registries.postal.actions import enter_address
from panjereh.registries.residence.models import Residence
from panjereh.registries.telecom.models import Sim
from panjereh.sdk import legal_persons, postal, residence, shahkar
from panjereh.sdk.exchange import Rejected

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("over_the_exchange")]

OWNER, OTHER = "9002718284", "9006592498"
LEGAL_ID = "1490000000" + legal_id_check_digit("1490000000")
ADDRESS = {
    "postal_code": "1417768950",
    "province": "تهران",
    "county": "تهران",
    "city": "تهران",
    "description": "تهران، شهرستان تهران، شهر تهران، محله گلستان، خیابان سعدی، پلاک ۱۲",
}


@pytest.fixture
def sim() -> Sim:
    return Sim.objects.create(mobile="+989601234567", owner_national_id=OWNER)


@pytest.mark.parametrize("mobile", ["09601234567", "+989601234567", "۰۹۶۰ ۱۲۳ ۴۵۶۷"])
def test_the_owner_is_confirmed_in_every_spelling_of_the_number(sim: Sim, mobile: str) -> None:
    assert shahkar.owns_mobile(OWNER, mobile)


@pytest.mark.parametrize(
    ("national_id", "mobile"), [(OTHER, "09601234567"), (OWNER, "09601234568")]
)
def test_anothers_number_and_an_unknown_number_get_the_same_answer(
    sim: Sim, gateway: Gateway, national_id: str, mobile: str
) -> None:
    body = {"national_id": national_id, "mobile": mobile}

    answer = gateway.call("shahkar", "ownership", body)

    assert (answer.status_code, json.loads(answer.content)) == (200, {"match": False})


def test_something_that_is_no_mobile_is_refused(gateway: Gateway) -> None:
    body = {"national_id": OWNER, "mobile": "02188888888"}

    assert gateway.call("shahkar", "ownership", body).status_code == 422


@pytest.mark.req("REG-08")
def test_a_postal_code_gives_the_address_that_was_entered_last() -> None:
    enter_address(**ADDRESS)
    assert postal.address("14177-68950") == postal.Address(**ADDRESS)

    enter_address(**ADDRESS | {"description": "تهران، خیابان حافظ، پلاک ۳"})

    assert postal.address("1417768950").description == "تهران، خیابان حافظ، پلاک ۳"


@pytest.mark.req("REG-08")
def test_a_new_postal_code_takes_effect_for_later_requests() -> None:
    with pytest.raises(Rejected) as refusal:
        postal.address("1417768950")
    assert (refusal.value.code, refusal.value.status) == ("postal-code-unknown", 404)

    enter_address(**ADDRESS)

    assert postal.address("1417768950").city == "تهران"


@pytest.mark.parametrize("code", ["1417268950", "141776895", "abcdefghij", ""])
def test_something_that_is_no_postal_code_is_refused(gateway: Gateway, code: str) -> None:
    answer = gateway.call("postal-registry", "address", {"postal_code": code})

    assert (answer.status_code, json.loads(answer.content)["code"]) == (422, "body-invalid")


def test_the_residence_is_a_postal_code() -> None:
    Residence.objects.create(national_id=OWNER, postal_code="1417768950")

    assert residence.postal_code(OWNER) == "1417768950"


def test_a_person_without_a_residence_is_refused() -> None:
    with pytest.raises(Rejected) as refusal:
        residence.postal_code(OWNER)

    assert (refusal.value.code, refusal.value.status) == ("residence-unknown", 404)


@pytest.mark.req("REG-10", "SSO-20")
def test_a_company_is_told_with_status_and_who_signs_for_it() -> None:
    facts: dict[str, Any] = {
        "legal_id": LEGAL_ID,
        "name": "داده‌پردازی سپهر مهر ۱۰۷",
        "kind": "سهامی خاص",
        "status": "active",
        "chief_executive_national_id": OWNER,
        "postal_code": "1417768950",
    }
    Company.objects.create(**facts)
    Signatory.objects.create(company_id=LEGAL_ID, national_id=OTHER, position=2)
    Signatory.objects.create(company_id=LEGAL_ID, national_id=OWNER, position=1)

    assert legal_persons.company(LEGAL_ID) == legal_persons.Company(
        **facts, signatories=[OWNER, OTHER], signing_rule="each"
    )


def test_an_unknown_company_is_refused() -> None:
    with pytest.raises(Rejected) as refusal:
        legal_persons.company(LEGAL_ID)

    assert (refusal.value.code, refusal.value.status) == ("company-unknown", 404)
