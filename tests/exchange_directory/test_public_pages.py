"""What everybody may read and try: directory, catalogue, framework; and the operator's part."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from furnished import CARD, Furnished
from jsonschema import Draft202012Validator
from parties import OURS, STRANGER, Parties, sign_in

from panjereh.common import clock
from panjereh.common.events import Event, subscriptions
from panjereh.common.identifiers import InvalidIdentifier
from panjereh.exchange.actions import register_member
from panjereh.exchange.directory import actions, queries
from panjereh.exchange.directory.egif.values import TYPES
from panjereh.exchange.directory.egif.vocabulary import vocabulary
from panjereh.exchange.directory.models import Inquiry
from panjereh.exchange.models import Member, Representative

TEXT = {"fa": "دلیل", "en": "Because"}


@pytest.fixture
def visitor(furnished: Furnished) -> Client:
    return Client()


def try_it(client: Client, furnished: Furnished, question: Any, path: str = "") -> Any:
    at = reverse("try-service", args=[furnished.system.code, furnished.service.code]) + path
    body = question if isinstance(question, bytes) else json.dumps(question).encode()
    return client.post(at, body, content_type="application/json")


@pytest.mark.req("NIX-33")
@pytest.mark.parametrize("language", ["fa", "en"])
def test_the_catalogue_tells_what_a_consumer_needs_to_know(
    visitor: Client, furnished: Furnished, language: str
) -> None:
    at = reverse("catalogue-service", args=[furnished.system.code, furnished.service.code])
    body = visitor.get(at.replace("/en/", f"/{language}/")).content.decode()

    for words in (
        "/vehicles/model",
        "001 art 21",
        "tech@example.org",
        furnished.service.x_road_id,
        "curl -X POST",
        {"fa": "۴۰۰ میلی‌ثانیه", "en": "400 milliseconds"}[language],
        {"fa": "شخص مورد پرسش", "en": "Person asked about"}[language],
    ):
        assert words in body


@pytest.mark.req("NIX-33")
@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("خودرو", True),
        ("خودروها", True),
        ("vehicle", True),
        ("Vehical", True),  # spelled alike
        ("پلاک", True),
        ("001 art 21", True),
        ("زعفران", False),
    ],
)
def test_the_catalogue_is_searched_as_people_write(
    furnished: Furnished, visitor: Client, words: str, found: bool
) -> None:
    body = visitor.get(reverse("catalogue"), {"q": words}).content.decode()
    assert ("Inquiry of a vehicle" in body or "استعلام خودرو" in body) is found

    listed = visitor.get(reverse("catalogue-json"), {"q": words}).json()["services"]
    assert bool(listed) is found


@pytest.mark.req("NIX-33", "NIX-36")
def test_programs_get_the_same_facts(furnished: Furnished, visitor: Client) -> None:
    (told,) = visitor.get(reverse("catalogue-json")).json()["services"]

    assert told["id"] == furnished.service.x_road_id
    assert told["response_time_ms"] == 400
    assert [i["place"] for i in told["inputs"] if i["subject"]] == ["/national_id"]
    assert told["ends_at"].startswith(str(furnished.withdrawal.ends_at.date())[:7])
    at = reverse("catalogue-openapi", args=[furnished.system.code, furnished.service.code])
    described = visitor.get(at).json()
    assert list(described["paths"]) == ["/vehicle"]
    assert described["servers"] == [{"url": f"/r1/{furnished.system.x_road_id}"}]


@pytest.mark.req("NIX-33")
def test_a_service_is_tried_without_a_key(furnished: Furnished, visitor: Client) -> None:
    known = try_it(visitor, furnished, furnished.example.question)
    assert (known.status_code, known.json()) == (200, furnished.example.answer)

    other = try_it(visitor, furnished, {"national_id": "0012345679", "plate": "x"})
    assert other.status_code == 200 and "vehicles" in other.json()


@pytest.mark.parametrize(
    ("question", "status"),
    [
        ({"national_id": "0012345679"}, 422),
        ({"national_id": 12345, "plate": "x"}, 422),
        ([], 422),
        (b"{", 400),
        (b"[" * 5000, 400),
        (b'"' + b"x" * 70_000 + b'"', 400),
    ],
)
def test_a_wrong_question_is_refused_without_an_echo(
    furnished: Furnished, visitor: Client, question: Any, status: int
) -> None:
    answer = try_it(visitor, furnished, question)

    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert b"12345" not in answer.content


def test_what_is_not_offered_cannot_be_tried(furnished: Furnished, visitor: Client) -> None:
    assert try_it(visitor, furnished, {}, "elsewhere").status_code == 404
    assert visitor.get(reverse("try-service", args=["nothing", "here"])).status_code == 404
    for name in ("catalogue-service", "catalogue-openapi"):
        assert visitor.get(reverse(name, args=["nothing", "here"])).status_code == 404


def test_the_page_shows_what_would_be_answered(furnished: Furnished, visitor: Client) -> None:
    at = reverse("catalogue-service", args=[furnished.system.code, furnished.service.code])
    good = visitor.post(at, {"question": json.dumps(furnished.example.question)})
    assert good.context["tried"].status == 200
    wrong = visitor.post(at, {"question": "{"}).content.decode()
    assert "This is no JSON" in wrong


@pytest.mark.req("WIN-12")
def test_a_member_shows_its_state_with_date_and_reason(
    furnished: Furnished, visitor: Client
) -> None:
    at = reverse("directory-member", args=["GOV", furnished.parties.ours.code])
    actions.enter_connection(
        actor=furnished.parties.operator,
        member=furnished.parties.ours,
        state="no-case",
        since=date(2026, 9, 1),
        reason=TEXT,
    )
    body = visitor.get(at).content.decode()

    assert "No case for a connection" in body and "Because" in body and "1 September 2026" in body
    assert "All systems are connected" in body  # stays as history


@pytest.mark.req("WIN-13")
def test_kinds_of_members_are_counted_apart(furnished: Furnished, visitor: Client) -> None:
    counted = {row["kind"].value: row["members"] for row in queries.counts_by_kind()}
    assert counted == {"agency": 1, "exchange": 1, "municipality": 1}

    listed = visitor.get(reverse("directory"), {"kind": "municipality"}).context["members"]
    assert [member.kind for member in listed] == ["municipality"]
    connected = visitor.get(reverse("directory"), {"state": "connected"}).context["members"]
    assert [member.pk for member in connected] == [furnished.parties.ours.pk]


@pytest.mark.req("PRV-07")
def test_the_security_adviser_is_not_told_to_everybody(
    furnished: Furnished, visitor: Client, operator: Client
) -> None:
    ours = furnished.parties.ours
    public = visitor.get(reverse("directory-member", args=["GOV", ours.code])).content.decode()
    assert "tech@example.org" in public and "secret-adviser" not in public

    own = operator.get(reverse("operator-member", args=[ours.pk])).content.decode()
    assert "secret-adviser@example.org" in own and "A-77" in own


@pytest.mark.req("NIX-35")
@pytest.mark.parametrize("value", TYPES.values(), ids=lambda value: value.name)
def test_published_schemas_agree_with_the_code_that_checks(visitor: Client, value: Any) -> None:
    answer = visitor.get(reverse("egif-schema", args=["1.0.0", value.name]))
    schema = answer.json()

    assert answer["Content-Type"] == "application/schema+json"
    assert schema["$id"].endswith(f"/egif/1.0.0/{value.name}.json")
    Draft202012Validator.check_schema(schema)
    check = Draft202012Validator(schema)
    assert check.is_valid(value.example)
    value.check(value.example)
    assert not check.is_valid({"no": "such"})


@pytest.mark.req("NIX-35")
def test_what_a_published_schema_lets_pass_and_the_check_digit_does_not() -> None:
    assert Draft202012Validator(TYPES["national-id"].schema).is_valid("0012345678")
    with pytest.raises(InvalidIdentifier):
        TYPES["national-id"].check("0012345678")


@pytest.mark.req("NIX-35")
def test_vocabulary_and_rules_are_published(visitor: Client) -> None:
    terms = visitor.get(reverse("egif-vocabulary")).json()["terms"]
    assert terms.keys() == vocabulary().keys()
    assert terms["national_id"] == {"fa": "کد ملی", "en": "national id", "type": "national-id"}
    rules = visitor.get(reverse("egif-rules")).json()
    assert rules["notice_days"] == 90 and any(rule["breaking"] for rule in rules["changes"])
    assert visitor.get("/egif/9.9.9/date.json").status_code == 404


@pytest.mark.req("NIX-28")
def test_an_approved_card_names_the_inquiries_of_its_agency(parties: Parties) -> None:
    wanted = {"system": "cars", "service": "vehicle", "name": TEXT}
    event = Event(
        id="1",
        source="/national",
        type="catalogue.card.approved",
        time=clock.now(),
        subject="sample.card",
        data={"card": CARD | {"registry_inputs": [wanted]}, "member": parties.ours.x_road_id},
    )
    handlers = [s.handler for s in subscriptions() if s.event_type == event.type]
    for handler in handlers * 2:  # delivered again
        handler(event)

    inquiry = Inquiry.objects.get(member=parties.ours)
    assert (inquiry.wanted, inquiry.service) == ("cars/vehicle", None)
    assert queries.inquiry_report()[0]["missing"] == 1


@pytest.mark.req("NIX-27", "NIX-28")
def test_a_new_service_answers_the_inquiries_that_waited_for_it(parties: Parties) -> None:
    system = parties.system(base_url="http://127.0.0.1:9")
    wanted = {"system": system.code, "service": "vehicle", "name": TEXT}
    actions.enter_card(member=parties.ours, card=CARD | {"registry_inputs": [wanted]})

    service = parties.described_at(system)

    assert Inquiry.objects.get().service == service
    report = queries.inquiry_report()[0]
    assert (report["all"], report["matched"], report["missing"]) == (1, 1, 0)

    actions.enter_card(member=parties.ours, card=CARD | {"registry_inputs": []})
    assert not Inquiry.objects.exists()


OPERATORS_PAGES = {
    "new-member": [],
    "operator-member": ["member"],
    "operator-appoint": ["member"],
    "operator-dismiss": ["member", "representative"],
    "gaps": [],
}


@pytest.mark.req("PRV-01")
@pytest.mark.parametrize("name", OPERATORS_PAGES)
def test_only_operators_do_the_operators_part(furnished: Furnished, name: str) -> None:
    known = {
        "member": furnished.parties.ours.pk,
        "representative": furnished.parties.representative.pk,
    }
    at = reverse(name, args=[known[part] for part in OPERATORS_PAGES[name]])
    for person in (OURS, STRANGER):
        client = sign_in(Client(), person)
        assert client.get(at).status_code in {403, 405}
        assert client.post(at, {}).status_code in {403, 405}
    assert Client().post(at).status_code in {303, 405}


@pytest.mark.req("WIN-12", "WIN-13", "NIX-22")
def test_an_operator_registers_a_member_and_its_state(
    furnished: Furnished, operator: Client
) -> None:
    told = {
        "name_fa": "بانک",
        "name_en": "Bank",
        "code": "10861697123",
        "member_class": "COM",
        "kind": "bank",
    }
    answer = operator.post(reverse("new-member"), told)
    bank = Member.objects.get(code="10861697123")
    assert answer.url == reverse("operator-member", args=[bank.pk])
    assert "already" in operator.post(reverse("new-member"), told).content.decode()

    between = told | {"code": "14003142876", "kind": "operator"}
    assert "made by an approval" in operator.post(reverse("new-member"), between).content.decode()
    assert not Member.objects.filter(code="14003142876").exists()

    since = {"since_0": "1", "since_1": "1", "since_2": "1405"}
    state = {"state": "not-connected", "reason_fa": "الف", "reason_en": "No line yet"}
    operator.post(answer.url, since | state)
    connection = queries.connection_of(bank)
    assert connection and (connection.state, str(connection.since)) == (
        "not-connected",
        "2026-03-21",
    )


def test_an_operator_appoints_and_dismisses_representatives(
    furnished: Furnished, operator: Client
) -> None:
    ours = furnished.parties.ours
    at = reverse("operator-appoint", args=[ours.pk])
    operator.post(at, {"national_id": "0067890121", "name": "New"})
    appointed = Representative.objects.get(name="New")
    again = operator.post(at, {"national_id": "0067890121", "name": "New"}).content.decode()
    assert "acts for a member already" in again

    operator.post(reverse("operator-dismiss", args=[ours.pk, appointed.pk]))
    appointed.refresh_from_db()
    assert not appointed.active


@pytest.mark.req("NIX-27", "NIX-28", "NIX-34", "NIX-36")
def test_an_operator_sees_what_still_goes_past_the_exchange(
    furnished: Furnished, operator: Client
) -> None:
    body = operator.get(reverse("gaps")).content.decode()
    for words in ("Inquiry A", "Balances", "Inquiry of a vehicle"):
        assert words in body


@pytest.mark.req("NIX-20")
def test_the_database_refuses_an_exchange_without_an_approval(parties: Parties) -> None:
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError, match="go_between"), transaction.atomic():
        register_member(
            actor=parties.operator,
            instance="IR-TEST",
            member_class="GOV",
            code="14003142876",
            name=TEXT,
            kind="exchange",
        )


def test_a_warning_comes_a_month_before_a_certificate_ends(furnished: Furnished) -> None:
    assert list(queries.keys_that_expire(furnished.parties.ours)) == [furnished.key]
    furnished.key.expires_at = clock.now() + timedelta(days=60)
    furnished.key.save()
    assert not queries.keys_that_expire(furnished.parties.ours).exists()
