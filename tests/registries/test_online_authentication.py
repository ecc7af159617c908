"""Agencies authenticate persons and legal persons over the exchange (001 bylaw 11 n2-3).

What comes back is cut by the gateway's own code with the sandbox's own grants, so an agency sees
here exactly what it sees in the sandbox.
"""

import json
from typing import Any

import pytest
from callers import Gateway

from panjereh.common.identifiers import legal_id_check_digit
from panjereh.exchange.gateway.fields import compile_items, cut
from panjereh.registries.civil.amendments import issue_card
from panjereh.registries.legal.models import Company, Signatory
from panjereh.sandbox.keys import exchange_description

pytestmark = [pytest.mark.django_db, pytest.mark.req("SSO-20")]

AGENCY = "energy-services"
LEGAL_ID = "1490000000" + legal_id_check_digit("1490000000")
CHIEF, SIGNING, STRANGER = "9002718284", "9006592498", "9002718292"
WRONG = "1A00000000"


def items_of(service: str) -> list[str]:
    (grant,) = [
        grant
        for grant in exchange_description()["grants"]
        if (grant["consumer"], grant["service"]) == (AGENCY, service)
    ]
    return list(grant["items"])


def asked(gateway: Gateway, service: str, body: dict[str, Any]) -> Any:
    """What arrives at the agency."""
    system, _, code = service.partition("/")
    answer = gateway.call(system, code, body)
    assert answer.status_code == 200, answer.content
    tree = compile_items(items_of(service))
    assert tree is not None
    return json.loads(cut(answer.content, tree)[0])


@pytest.fixture
def company() -> Company:
    found = Company.objects.create(
        legal_id=LEGAL_ID,
        name="بازرگانی نمونه",
        kind="سهامی خاص",
        status="active",
        chief_executive_national_id=CHIEF,
        postal_code="1417768950",
    )
    Signatory.objects.create(company=found, national_id=SIGNING, position=1)
    return found


def test_the_sandbox_offers_both_and_grants_them_for_that_purpose() -> None:
    described = exchange_description()
    for service in ("civil-registry/authenticate", "legal-persons-registry/authenticate"):
        system, _, code = service.partition("/")
        assert code in described["systems"][system]["services"]
        grants = [
            grant
            for grant in described["grants"]
            if (grant["consumer"], grant["service"]) == (AGENCY, service)
        ]
        assert [grant["purpose"] for grant in grants] == ["online-authentication"]
    assert "11 n2-3" in described["purposes"]["online-authentication"]["legal_basis"]


def test_about_a_person_an_agency_gets_yes_or_no(gateway: Gateway, new_person: Any) -> None:
    person = new_person()
    serial = issue_card(person).serial
    for typed, yes in ((serial, True), (WRONG, False)):
        body = {"national_id": person.pk, "card_serial": typed}
        told = asked(gateway, "civil-registry/authenticate", body)
        assert told.keys() == {"authenticated", "reference", "method"}
        assert told["authenticated"] is yes
        assert person.given_name not in str(told)


@pytest.mark.parametrize(
    ("person", "role", "state", "yes"),
    [
        (CHIEF, "chief-executive", "active", True),
        (CHIEF, "chief-executive", "in-liquidation", True),
        (CHIEF, "chief-executive", "dissolved", False),
        (CHIEF, "chief-executive", "struck-off", False),
        (SIGNING, "chief-executive", "active", False),
        (SIGNING, "signatory", "active", True),
        (SIGNING, "signatory", "dissolved", False),
        (CHIEF, "signatory", "active", False),
    ],
)
def test_about_a_legal_person_an_agency_gets_yes_or_no(
    gateway: Gateway, company: Company, person: str, role: str, state: str, yes: bool
) -> None:
    Company.objects.update(status=state)
    body = {"legal_id": LEGAL_ID, "national_id": person, "role": role}
    told = asked(gateway, "legal-persons-registry/authenticate", body)
    assert told.keys() == {"authenticated", "reference"}
    assert told["authenticated"] is yes


def test_what_is_unknown_and_what_is_anothers_look_the_same(
    gateway: Gateway, company: Company
) -> None:
    other = "1490000001" + legal_id_check_digit("1490000001")
    answers = [
        asked(
            gateway,
            "legal-persons-registry/authenticate",
            {"legal_id": legal_id, "national_id": CHIEF, "role": "signatory"},
        )
        for legal_id in (other, LEGAL_ID)
    ]
    assert [told["authenticated"] for told in answers] == [False, False]
    assert answers[0].keys() == answers[1].keys()


def test_about_a_legal_person_an_agency_gets_the_granted_items_and_nothing_else(
    gateway: Gateway, company: Company
) -> None:
    told = asked(gateway, "legal-persons-registry/company", {"legal_id": LEGAL_ID})
    assert told == {"legal_id": LEGAL_ID, "name": "بازرگانی نمونه", "status": "active"}
