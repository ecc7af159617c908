"""What holds for every registry: only through the exchange, noted down, and honest when closed."""

import json
import logging
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from callers import CONSUMER, Gateway
from django.apps import apps
from django.test import Client
from openapi_spec_validator import validate

import panjereh
from panjereh.common.identifiers import legal_id_check_digit
from panjereh.registries.custody.actions import (
    UnknownRegistry,
    pause_registry,
    resume_registry,
)
from panjereh.registries.custody.models import AccessRecord, Outage
from panjereh.registries.systems import SYSTEMS

pytestmark = pytest.mark.django_db

EXCHANGE = Path(panjereh.__file__).parent / "sandbox/exchange.yaml"
PERSON = "9002718284"
LEGAL_ID = "1490000000" + legal_id_check_digit("1490000000")
# system -> service, body, and the identifier it asks about
QUESTIONS: dict[str, tuple[str, dict[str, Any], str]] = {
    "civil-registry": ("person", {"national_id": PERSON}, PERSON),
    "health-registry": ("birth-notices", {"mother_national_id": PERSON}, PERSON),
    "shahkar": ("ownership", {"national_id": PERSON, "mobile": "09601234567"}, PERSON),
    "postal-registry": ("address", {"postal_code": "1417768950"}, "1417768950"),
    "legal-persons-registry": ("company", {"legal_id": LEGAL_ID}, LEGAL_ID),
    "foreigners-registry": ("person", {"fida_code": "900000000017"}, "900000000017"),
    "residence-registry": ("residence", {"national_id": PERSON}, PERSON),
    "privatisation": ("privatisation-list", {}, ""),
    "skill-certificates": ("skill-certificate", {"national_id": PERSON}, PERSON),
    "judicial-certificates": (
        "criminal-record-certificate",
        {"national_id": PERSON, "certificate_number": "02A803F13A0A"},
        PERSON,
    ),
    "higher-education": ("last-degree", {"national_id": PERSON}, PERSON),
    "conscription": ("military-service", {"national_id": PERSON}, PERSON),
    "social-insurance": (
        "insurance-list",
        {
            "enterprise_national_id": LEGAL_ID,
            "workshop_code": "0123456789",
            "branch_code": "0012",
            "payment_year_month": "1400-08",
        },
        LEGAL_ID,
    ),
}
FEED = {"manifest", "pages", "key"}
SERVICES = {
    "civil-registry": {
        *("person", "family", "wards", "register-birth", "authenticate", "face-match"),
        *(f"{feed}/{part}" for feed in ("changed-identity", "deceased") for part in FEED),
    },
    "higher-education": {"last-degree", "student-status"},
    "legal-persons-registry": {"company", "authenticate"},
    **{
        system: {QUESTIONS[system][0]}
        for system in QUESTIONS
        if system not in ("civil-registry", "higher-education", "legal-persons-registry")
    },
}
every_system = pytest.mark.parametrize("system", SYSTEMS)


def ask(gateway: Gateway, system: str, **how: Any) -> Any:
    service, body, _ = QUESTIONS[system]
    return gateway.call(system, service, body, **how)


def log_of(system: str) -> type[AccessRecord]:
    return apps.get_model(SYSTEMS[system].room, "AccessRecord")


@every_system
def test_the_question_is_answered_over_the_exchange(system: str, gateway: Gateway) -> None:
    assert ask(gateway, system).status_code in (200, 404)


@pytest.mark.req("NIX-18")
@every_system
def test_a_call_past_the_exchange_is_refused(system: str, gateway: Gateway) -> None:
    service, body, _ = QUESTIONS[system]

    answer = gateway.post(f"/{system}/{service}", json.dumps(body).encode(), {})

    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert json.loads(answer.content)["code"] == "not-through-the-exchange"


@every_system
def test_the_secret_of_another_provider_opens_nothing(system: str, gateway: Gateway) -> None:
    other = next(code for code in SYSTEMS if code != system)

    assert ask(gateway, system, signed_as=other).status_code == 401


@every_system
def test_an_old_signature_is_refused(system: str, gateway: Gateway) -> None:
    assert ask(gateway, system, created=int(time.time()) - 120).status_code == 401


@every_system
def test_a_changed_body_is_refused(system: str, gateway: Gateway) -> None:
    answer = ask(gateway, system, sent=b'{"national_id":"9006592498"}')

    assert (answer.status_code, json.loads(answer.content)["code"]) == (400, "digest-differs")


@every_system
@pytest.mark.parametrize("sent", [b"{", b"[]", b'"9002718284"', b"\xff"])
def test_a_body_that_is_no_json_object_is_refused(
    system: str, gateway: Gateway, sent: bytes
) -> None:
    answer = gateway.call(system, QUESTIONS[system][0], {}, signed_body=sent)

    assert answer.status_code in (400, 422)
    assert json.loads(answer.content)["code"] == "body-invalid"
    assert PERSON not in answer.content.decode()


@every_system
def test_a_field_that_nobody_knows_is_refused(system: str, gateway: Gateway) -> None:
    service, body, _ = QUESTIONS[system]

    answer = gateway.call(system, service, body | {"everything": True})

    assert (answer.status_code, json.loads(answer.content)["code"]) == (422, "body-invalid")


@every_system
def test_the_openapi_description_is_valid_and_names_the_services(system: str) -> None:
    described = Client().get(f"/{system}/openapi.json").json()

    validate(described)
    assert described["openapi"].startswith("3.1")
    operations = {path.split("/", 2)[2]: verbs for path, verbs in described["paths"].items()}
    assert set(operations) == SERVICES[system]
    for service, verbs in operations.items():
        assert set(verbs) == {"post"}
        assert verbs["post"]["operationId"] == service.replace("/", "-")
        assert {"200", "401", "422", "503"} <= set(verbs["post"]["responses"])


def fields_of(schema: dict[str, Any], components: dict[str, Any], at: str = "") -> set[str]:
    """Pointers to every field of an answer, arrays transparent, as grants name them."""
    if "$ref" in schema:
        schema = components[schema["$ref"].rsplit("/", 1)[1]]
    inner = [*schema.get("anyOf", []), *([schema["items"]] if "items" in schema else [])]
    found = {at} if at else set()
    for part in inner:
        found |= fields_of(part, components, at)
    for name, part in schema.get("properties", {}).items():
        found |= fields_of(part, components, f"{at}/{name}")
    return found


@every_system
def test_every_item_that_the_sandbox_grants_is_in_the_answer(system: str) -> None:
    described = Client().get(f"/{system}/openapi.json").json()
    granted = yaml.safe_load(EXCHANGE.read_text())["grants"]

    for grant in granted:
        provider, service = grant["service"].split("/")
        if provider == system:
            assert set(grant["items"]) <= answered_by(described, system, service), grant["service"]


def answered_by(described: dict[str, Any], system: str, service: str) -> set[str]:
    """Fields of the answers of all parts of a service."""
    place = f"/{system}/{service}"
    found: set[str] = set()
    for path, verbs in described["paths"].items():
        if path == place or path.startswith(f"{place}/"):
            content = verbs["post"]["responses"]["200"]["content"]["application/json"]
            found |= fields_of(content["schema"], described["components"]["schemas"])
    return found


@every_system
def test_who_asked_is_noted_and_no_answer(system: str, gateway: Gateway) -> None:
    ask(gateway, system, case="TR-1", user=f"IR{PERSON}")

    record = log_of(system).objects.get()
    service, _, subject = QUESTIONS[system]
    assert (record.service, record.subject, record.consumer) == (service, subject, CONSUMER)
    assert (record.case, record.acting_person, record.request_id) == ("TR-1", PERSON, "request-7")
    assert {field.name for field in record._meta.get_fields()} == {
        *("id", "at", "service", "subject", "consumer", "acting_person", "case", "request_id")
    }


@every_system
def test_a_refused_caller_leaves_no_note(system: str, gateway: Gateway) -> None:
    ask(gateway, system, created=0)

    assert not log_of(system).objects.exists()


@every_system
def test_a_paused_registry_says_when_to_come_back_and_resumes(
    system: str, gateway: Gateway
) -> None:
    pause_registry(system=system, reason="disk change", actor="custodian", retry_seconds=45)

    closed = ask(gateway, system)

    problem = json.loads(closed.content)
    assert (closed.status_code, problem["code"]) == (503, "registry-paused")
    assert (problem["retry_in"], problem["cause"]) == (45, "provider")
    assert closed["Retry-After"] == "45"
    assert "disk change" not in closed.content.decode()
    assert not log_of(system).objects.exists()

    assert resume_registry(system=system, actor="custodian")
    assert ask(gateway, system).status_code in (200, 404)


def test_a_pause_closes_no_other_registry(gateway: Gateway) -> None:
    pause_registry(system="health-registry", reason="test", actor="custodian")

    assert ask(gateway, "health-registry").status_code == 503
    assert ask(gateway, "shahkar").status_code == 200


def test_pausing_twice_is_one_pause_and_resuming_twice_is_told() -> None:
    first = pause_registry(system="shahkar", reason="first", actor="custodian")
    second = pause_registry(system="shahkar", reason="second", actor="custodian")

    assert first == second
    assert resume_registry(system="shahkar", actor="custodian")
    assert not resume_registry(system="shahkar", actor="custodian")
    ended = Outage.objects.get()
    assert (ended.reason, ended.ended_by) == ("first", "custodian")


def test_an_unknown_registry_can_neither_be_paused_nor_resumed() -> None:
    with pytest.raises(UnknownRegistry, match="no registry is called vehicles"):
        pause_registry(system="vehicles", reason="test", actor="custodian")
    with pytest.raises(UnknownRegistry):
        resume_registry(system="vehicles", actor="custodian")


@pytest.mark.parametrize("system", [s for s, asked in QUESTIONS.items() if asked[2]])
def test_neither_log_lines_nor_refusals_hold_what_was_asked_about(
    system: str, gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    service, body, subject = QUESTIONS[system]
    wrong = {field: value[:-1] + "x" for field, value in body.items()}

    answers = [ask(gateway, system, created=0), gateway.call(system, service, wrong)]

    lines = [r.getMessage() for r in caplog.records if not r.name.startswith("django.db")]
    for text in (*lines, *(a.content.decode() for a in answers)):
        assert subject[:-1] not in text
