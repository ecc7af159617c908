"""Session 26 of the working group, enforced as it was written: each permission with its items and
conditions, over a real gateway and the real registries of a small nation (NIX-42)."""

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from exchange.world import Answer, Caller, GatewayProcess
from pytest_django import DjangoDbBlocker

from panjereh.common import clock
from panjereh.exchange.actions import hash_national_id
from panjereh.exchange.approvals.actions.grants import keys_for
from panjereh.exchange.approvals.contract import verify
from panjereh.exchange.approvals.models import Approval, ApprovedSeries
from panjereh.exchange.feeds.actions import Period, publish_period
from panjereh.exchange.feeds.models import Publication, PublishedList
from panjereh.exchange.models import Grant, Operator, Service, System
from panjereh.runtime.ports import free_port
from panjereh.sandbox.keys import exchange_description, system_key
from panjereh.sandbox.nation.facts import facts
from panjereh.sandbox.seed import exchange as seed

DECIDED = facts("approvals_session26")
ITEMS = {item["id"]: item for item in DECIDED["items"]}
DENIED = "server.serverproxy.access_denied"
PUBLIC_BUS = 8  # its port lies so many behind that of the private bus
LIST = "privatisation-list"
HOME = Path(os.environ["PANJEREH_HOME"])

# row -> consumer, service, question, items that come back
CALLS: dict[str, tuple[str, str, dict[str, str], set[str]]] = {
    "26-1-1": (
        "red-crescent",
        "postal-registry/address",
        {"postal_code": "postal_code"},
        {"postal_code", "description"},
    ),
    "26-1-2a": (
        "relief-committee",
        "skill-certificates/skill-certificate",
        {"national_id": "person"},
        {"certificates"},
    ),
    "26-1-2b": (
        "relief-committee",
        "judicial-certificates/criminal-record-certificate",
        {"national_id": "holder", "certificate_number": "certificate"},
        {"authentic", "issued_on", "valid_until"},
    ),
    "26-1-2c": (
        "relief-committee",
        "higher-education/last-degree",
        {"national_id": "graduate"},
        {"level", "field", "university", "graduated_on"},
    ),
    "26-1-2d": (
        "relief-committee",
        "higher-education/student-status",
        {"national_id": "person"},
        {"student", "level", "field", "university", "began_on"},
    ),
    "26-1-2e": (
        "relief-committee",
        "conscription/military-service",
        {"national_id": "person"},
        {"standing", "since", "card_number"},
    ),
    "26-1-3": (
        "energy-services",
        "shahkar/ownership",
        {"national_id": "owner", "mobile": "mobile"},
        {"match"},
    ),
    "26-1-4": (
        "health-insurance",
        "shahkar/ownership",
        {"national_id": "owner", "mobile": "mobile"},
        {"match"},
    ),
}
INSURANCE = {
    "enterprise_national_id": "enterprise",
    "workshop_code": "workshop",
    "branch_code": "branch",
    "payment_year_month": "month",
}


@pytest.fixture(scope="module")
def nation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The registries' process; what a caller knows of the people there."""
    socket = os.environ["PANJEREH_TEST_POSTGRES"]
    _new_database(socket)
    known, port = tmp_path_factory.mktemp("nation") / "known.json", free_port()
    environment = os.environ | {
        "PANJEREH_REGISTRIES_DATABASE_URL": f"postgresql:///session26?host={socket}&user=postgres",
        "PANJEREH_HOME": str(HOME),
    }
    program = str(Path(__file__).with_name("registries_site.py"))
    log = known.with_name("log")
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, program, str(known), str(port)],
            env=environment,
            stdout=output,
            stderr=output,
        )
    deadline = time.monotonic() + 60
    while not known.exists():
        assert process.poll() is None and time.monotonic() < deadline, log.read_text()[-3000:]
        time.sleep(0.1)
    yield json.loads(known.read_text()) | {"url": f"http://127.0.0.1:{port}"}
    process.terminate()
    process.wait()


@pytest.fixture(scope="module")
def sandbox(
    nation: dict[str, str], gateway: GatewayProcess, django_db_blocker: DjangoDbBlocker
) -> Iterator[dict[str, str]]:
    """The sandbox's exchange as it is seeded, with the registries where they are now."""
    with django_db_blocker.unblock():
        kept = hash_national_id(seed.operator_national_id())
        Operator.objects.get_or_create(national_id_hash=kept, defaults={"name": "Seed"})
        seed.seed(10)
        for system in System.objects.exclude(base_url=""):
            if system.code in exchange_description()["systems"]:
                System.objects.filter(pk=system.pk).update(
                    base_url=f"{nation['url']}/{system.code}"
                )
        seed.actions.enable_system(
            actor=Operator.objects.get(national_id_hash=kept),
            system=System.objects.get(code="shahkar"),
        )
        yield nation


def _new_database(socket: str) -> None:
    url = f"postgresql:///postgres?host={socket}&user=postgres"
    with psycopg.connect(url, autocommit=True) as wire:
        wire.execute("DROP DATABASE IF EXISTS session26 WITH (FORCE)")
        wire.execute("CREATE DATABASE session26")


def caller(code: str) -> Caller:
    system = System.objects.select_related("member").get(code=code)
    return Caller(system, system_key(HOME, code))


def service(code: str) -> Service:
    system, _, name = code.partition("/")
    return Service.objects.select_related("system__member").get(system__code=system, code=name)


def ask(gateway: GatewayProcess, consumer: str, code: str, asked: dict[str, str]) -> Answer:
    """On the bus where members of the consumer's class call."""
    gateway.catch_up()
    who, target = caller(consumer), f"/r1/{service(code).x_road_id}"
    body = json.dumps(asked).encode()
    port = gateway.port if who.system.member.member_class == "GOV" else gateway.port + PUBLIC_BUS
    wire = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
    wire.request("POST", target, body, who.signed("POST", target, body))
    got = wire.getresponse()
    named = {name.lower(): value for name, value in got.getheaders()}
    answer = Answer(got.status, named, got.read())
    wire.close()
    return answer


def question(nation: dict[str, str], named: dict[str, str]) -> dict[str, str]:
    return {field: nation[known] for field, known in named.items()}


@pytest.mark.req("NIX-42")
@pytest.mark.parametrize("row", ITEMS)
def test_every_item_is_in_the_register_as_it_was_decided(sandbox: dict[str, str], row: str) -> None:
    item = ITEMS[row]
    approval = Approval.objects.get(number=DECIDED["meta"]["letter"]["number"], row=row)

    assert approval.date.isoformat() == DECIDED["meta"]["date"]["iso"]
    assert (approval.session_number, approval.kind) == (26, item["type"])
    assert (approval.service_fa, approval.service_en) == (item["service_fa"], item["service_en"])
    assert [body["code"] for body in approval.consumers] == item["consumers"]
    assert [body["code"] for body in approval.providers] == item["providers"]
    assert (approval.inputs, approval.outputs) == (item["inputs"], item["outputs"])
    assert [condition["en"] for condition in approval.conditions] == item["conditions"]
    assert all(condition["fa"] for condition in approval.conditions)


@pytest.mark.req("NIX-42", "NIX-05")
@pytest.mark.parametrize("row", ITEMS)
def test_every_item_has_its_grants_signed_by_all_three(sandbox: dict[str, str], row: str) -> None:
    approval = Approval.objects.get(number=DECIDED["meta"]["letter"]["number"], row=row)
    series = ApprovedSeries.objects.filter(approval=approval).values("series")
    made = Grant.objects.filter(series__in=series, state=Grant.State.ACTIVE)

    assert made.exists()
    for grant in made:
        verify(grant.contract, grant.signatures, keys_for(grant.consumer, grant.service))


@pytest.mark.req("NIX-14", "NIX-42")
def test_the_first_phase_of_changed_identity_are_the_ten_listed(sandbox: dict[str, str]) -> None:
    named = {agency["slug"]: agency["fa"] for agency in facts("agencies")["items"]}
    listed = {named[slug] for slug in ITEMS["26-4-2"]["consumers"]} - {named["banks"]}

    granted = Grant.objects.filter(approval_row="26-4-2", state=Grant.State.ACTIVE)
    members = {grant.consumer.member.name_fa for grant in granted}

    assert listed <= members
    assert members - listed == {"بانک نمونه"}  # stands for the licensed banks
    for grant in granted:
        assert {i for i in grant.data_items if i.startswith("/changes/")} == {
            "/changes/national_id_token",
            "/changes/change_date",
        }


@pytest.mark.req("NIX-42", "NIX-06")
@pytest.mark.parametrize("row", CALLS)
def test_a_permitted_inquiry_brings_exactly_the_granted_items(
    sandbox: dict[str, str], gateway: GatewayProcess, row: str
) -> None:
    consumer, code, asked, items = CALLS[row]

    answer = ask(gateway, consumer, code, question(sandbox, asked))

    assert answer.status == 200, answer.body
    assert answer.json.keys() == items


@pytest.mark.req("NIX-42", "NIX-05")
@pytest.mark.parametrize("row", CALLS)
def test_nobody_else_may_ask_it(sandbox: dict[str, str], gateway: GatewayProcess, row: str) -> None:
    _, code, asked, _ = CALLS[row]
    permitted = set(
        Grant.objects.filter(
            service__code=code.partition("/")[2], state=Grant.State.ACTIVE
        ).values_list("consumer__code", flat=True)
    )
    for consumer in ("intelligence", "subsidies", "relief-committee", "red-crescent"):
        if consumer not in permitted:
            answer = ask(gateway, consumer, code, question(sandbox, asked))
            assert answer.error == DENIED


@pytest.mark.req("NIX-42", "NIX-09")
def test_the_insurance_inquiry_waits_for_the_list_and_follows_it(
    sandbox: dict[str, str], gateway: GatewayProcess
) -> None:
    """26-2-1: answered only while the enterprise is on the published list."""
    asked = question(sandbox, INSURANCE)
    inquiry = ("privatisation", "social-insurance/insurance-list")
    publish("1405-06", [])
    assert ask(gateway, *inquiry, asked).error == DENIED

    publish("1405-07", [sandbox["enterprise"]])
    answer = ask(gateway, *inquiry, asked)

    assert answer.status == 200, answer.body
    assert answer.json.keys() == {"rows"}
    assert len(answer.json["rows"]) == int(sandbox["rows"])
    people = [row["national_id"] for row in answer.json["rows"]]
    assert len(people) == len(set(people))
    for row in answer.json["rows"]:
        assert row.keys() == {output["key"] for output in ITEMS["26-2-1"]["outputs"]}

    publish("1405-08", [])
    assert ask(gateway, *inquiry, asked).error == DENIED


@pytest.mark.req("NIX-42", "NIX-09")
@pytest.mark.parametrize("left_out", INSURANCE)
def test_every_input_of_the_insurance_inquiry_is_needed(
    sandbox: dict[str, str], gateway: GatewayProcess, left_out: str
) -> None:
    """The list is asked first: without an id nothing can be on it; the rest the provider wants."""
    publish("1405-09", [sandbox["enterprise"]])
    asked = question(sandbox, INSURANCE)
    del asked[left_out]

    answer = ask(gateway, "privatisation", "social-insurance/insurance-list", asked)

    assert answer.status in {422, 500}
    assert "rows" not in answer.json


def test_nobody_but_the_supervisor_asks_for_insurance_lists(
    sandbox: dict[str, str], gateway: GatewayProcess
) -> None:
    publish("1405-09", [sandbox["enterprise"]])
    for consumer in ("relief-committee", "health-insurance", "social-insurance"):
        inquiry = "social-insurance/insurance-list"
        answer = ask(gateway, consumer, inquiry, question(sandbox, INSURANCE))
        assert answer.error == DENIED


def test_the_register_knows_every_grant_of_the_sandbox(sandbox: dict[str, str]) -> None:
    known = set(ApprovedSeries.objects.values_list("series", flat=True))
    described = exchange_description()
    systems = set(described["systems"])
    for grant in Grant.objects.filter(state=Grant.State.ACTIVE, consumer__code__in=systems):
        assert grant.series in known, grant.service
    before = Approval.objects.count()
    seed.seed(10)
    assert Approval.objects.count() == before


def publish(period: str, ids: list[str]) -> None:
    """As the privatisation organisation does each month."""
    publisher = System.objects.select_related("member").get(code="privatisation")
    publication, _ = Publication.objects.get_or_create(
        system=publisher,
        code=LIST,
        defaults={
            "kind": Publication.Kind.LIST,
            "title_fa": LIST,
            "title_en": LIST,
            "told_fa": "",
            "told_en": "",
            "frequency": Publication.Frequency.MONTHLY,
            "announced_at": clock.now(),
        },
    )
    PublishedList.objects.get_or_create(code=LIST, defaults={"publication": publication})
    publish_period(publisher.x_road_id, Period(**period_of(period, ids)))


def period_of(period: str, ids: list[str]) -> dict[str, Any]:
    return {
        "list_code": LIST,
        "period": period,
        "identifiers": ids,
        "rows": len(ids),
        "digest": f"digest of {period} {len(ids)}",
        "exceptions": 0,
        "exceptions_due_on": None,
    }
