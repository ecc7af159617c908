"""Two buses: each has its own callers and its own services, as the policy says (NIX-02, 23)."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from collecting import Collected
from django.core.exceptions import PermissionDenied
from provider import Provider
from tls import certified
from world import NAMES, Answer, Caller, GatewayProcess, World

from panjereh.common.identifiers import legal_id_check_digit
from panjereh.exchange import actions
from panjereh.exchange.models import Bus, Member, Operator, Service

DENIED, WRONG_BUS = "server.serverproxy.access_denied", ".wrong_bus"
_codes = itertools.count(1_400_100_000)


def member_of(world: World, member_class: str) -> Member:
    first_ten = str(next(_codes))
    return actions.register_member(
        actor=world.operator,
        instance="IR-TEST",
        member_class=member_class,
        code=first_ten + legal_id_check_digit(first_ten),
        name=NAMES,
    )


def call(gateway: GatewayProcess, caller: Caller, service: Service, door: str) -> Answer:
    gateway.catch_up()
    target = f"/r1/{service.x_road_id}"
    headers = caller.signed("POST", target, b"{}")
    return gateway.send("POST", target, b"{}", headers, door=door)


@pytest.mark.req("NIX-02", "NIX-23")
@pytest.mark.parametrize(
    ("member_class", "bus"),
    [("GOV", "gsb"), ("MUN", "gsb"), ("COM", "pgsb"), ("PUB", "pgsb"), ("NGO", "pgsb")],
)
def test_members_call_on_the_bus_of_their_class_and_on_no_other(
    world: World,
    gateway: GatewayProcess,
    provider: Provider,
    collected: Collected,
    member_class: str,
    bus: str,
) -> None:
    caller = world.new_system(member=member_of(world, member_class))
    service = world.new_service(buses=["gsb", "pgsb"])
    world.grant(caller, service, ["/ok"])
    other = {"gsb": "pgsb", "pgsb": "gsb"}[bus]
    provider.behave()

    right, wrong = (call(gateway, caller, service, door) for door in (bus, other))

    assert right.status == 200
    assert (wrong.status, wrong.error) == (500, DENIED)
    assert len(provider.asked) == 1
    told = [(r.bus, r.cause, r.error_code) for r in collected.of(caller)]
    assert told == [(bus, "", ""), (other, "consumer", DENIED + WRONG_BUS)]


@pytest.mark.req("NIX-02")
def test_a_service_is_called_on_the_buses_where_it_is_offered(
    world: World, gateway: GatewayProcess, provider: Provider
) -> None:
    company = world.new_system(member=member_of(world, "COM"))
    service = world.new_service()
    world.grant(company, service, ["/ok"])
    provider.behave()

    refused = call(gateway, company, service, "pgsb")
    actions.offer_on(actor=world.operator, service=service, buses=["pgsb"])
    accepted = call(gateway, company, service, "pgsb")
    agency = world.new_system()
    world.grant(agency, service, ["/ok"])

    assert (refused.error, accepted.status) == (DENIED, 200)
    assert "not offered" in refused.json["message"]
    assert call(gateway, agency, service, "gsb").error == DENIED


def test_what_is_offered_on_a_bus_is_listed_there(world: World, gateway: GatewayProcess) -> None:
    system = world.new_system(base_url=world.provider_url).system
    both = world.new_service(system=system, buses=["gsb", "pgsb"])
    private = world.new_service(system=system)
    gateway.catch_up()
    target = f"/r1/{system.x_road_id}/listMethods"

    listed = {
        door: {s["service_code"] for s in gateway.send("GET", target, door=door).json["service"]}
        for door in ("gsb", "pgsb")
    }

    assert listed == {"gsb": {both.code, private.code}, "pgsb": {both.code}}


@pytest.mark.req("NIX-02", "NIX-31")
def test_each_bus_has_a_door_of_mutual_tls(
    world: World, gateway: GatewayProcess, tmp_path: Path, collected: Collected, provider: Provider
) -> None:
    caller = world.new_system(member=member_of(world, "COM"))
    service = world.new_service(buses=["pgsb"])
    world.grant(caller, service, ["/ok"])
    channel = certified(world, caller, tmp_path)
    provider.behave()

    answers = [channel.call(gateway, service, door=door) for door in ("pgsb-tls", "gsb-tls")]

    assert [answer.status for answer in answers] == [200, 500]
    assert [record.bus for record in collected.of(caller)] == ["pgsb", "gsb"]


@pytest.fixture
def private_bus(world: World) -> Iterator[Bus]:
    bus = Bus.objects.get(code="gsb")
    yield bus
    actions.admit_classes(actor=world.operator, bus=bus, member_classes=bus.member_classes)


def test_which_classes_call_on_a_bus_is_said_by_the_operator(
    world: World, gateway: GatewayProcess, private_bus: Bus, provider: Provider
) -> None:
    caller = world.new_system(member=member_of(world, "UNI"))
    service = world.new_service()
    world.grant(caller, service, ["/ok"])
    provider.behave()
    assert call(gateway, caller, service, "gsb").error == DENIED

    classes = [*private_bus.member_classes, "UNI"]
    actions.admit_classes(actor=world.operator, bus=private_bus, member_classes=classes)

    assert call(gateway, caller, service, "gsb").status == 200


def test_only_the_operator_changes_the_buses(world: World) -> None:
    auditor = Operator.objects.create(
        national_id_hash="auditor of buses", name="Auditor", roles=["auditor"]
    )
    service = world.new_service()

    with pytest.raises(PermissionDenied):
        actions.offer_on(actor=auditor, service=service, buses=["pgsb"])
    with pytest.raises(PermissionDenied):
        actions.admit_classes(
            actor=auditor, bus=Bus.objects.get(code="pgsb"), member_classes=["GOV"]
        )
    with pytest.raises(ValueError, match="no bus"):
        actions.offer_on(actor=world.operator, service=service, buses=["third"])
