"""X-Road's metadata services: who is here, what is offered, what may be called."""

from xml.etree import ElementTree

from provider import Provider, says_json
from world import GatewayProcess, World

IDS = "{http://x-road.eu/xsd/identifiers}"
XROAD = "{http://x-road.eu/xsd/xroad.xsd}"


def test_clients_are_listed_as_json_and_as_xml(world: World, gateway: GatewayProcess) -> None:
    caller = world.new_system()
    gateway.catch_up()

    listed = gateway.get("/listClients", Accept="application/json").json["member"]
    xml = ElementTree.fromstring(gateway.get("/listClients").body)

    member = {"xroad_instance": "IR-TEST", "member_class": "GOV", "member_code": "14003778990"}
    assert {"id": {"object_type": "MEMBER", **member}, "name": "Sample"} in listed
    subsystem = {"object_type": "SUBSYSTEM", **member, "subsystem_code": caller.system.code}
    assert {"id": subsystem, "name": "Sample", "subsystem_name": "Sample"} in listed
    codes = [node.text for node in xml.iter(f"{IDS}subsystemCode")]
    assert caller.system.code in codes
    assert xml.tag == f"{XROAD}clientList"
    assert gateway.get("/listClients?xRoadInstance=XX", Accept="application/json").json == {
        "member": []
    }


def test_methods_are_listed_and_those_that_this_client_may_call(
    world: World, gateway: GatewayProcess
) -> None:
    caller, service = world.allowed()
    other = world.new_service()
    gateway.catch_up()
    target = f"/r1/{world.provider.x_road_id}"

    all_of_them = gateway.get(f"{target}/listMethods").json["service"]
    headers = caller.signed("GET", f"{target}/allowedMethods")
    allowed = gateway.get(f"{target}/allowedMethods", **headers).json["service"]

    assert {service.code, other.code} <= {one["service_code"] for one in all_of_them}
    assert allowed == [
        {
            "object_type": "SERVICE",
            "service_type": "OPENAPI",
            "xroad_instance": "IR-TEST",
            "member_class": "GOV",
            "member_code": "14003778990",
            "subsystem_code": "provider",
            "service_code": service.code,
            "endpoint_list": [{"method": "POST", "path": "/"}],
        }
    ]


def test_what_is_allowed_is_told_to_the_client_only(world: World, gateway: GatewayProcess) -> None:
    caller, _ = world.allowed()
    gateway.catch_up()
    target = f"/r1/{world.provider.x_road_id}/allowedMethods"

    assert gateway.get(target).error == "client.bad_request"
    named = gateway.get(target, **{"x-road-client": caller.x_road_id})
    assert named.error == "client.authentication_failed"


def test_a_description_names_the_exchange_and_not_the_provider(
    world: World, gateway: GatewayProcess, provider: Provider
) -> None:
    system = world.new_system(base_url=f"{world.provider_url}/described").system
    (world.home / "keys" / "providers" / f"{system.code}.hmac").write_text("00" * 32)
    service = world.new_service(system=system)
    gateway.catch_up()
    described = {"openapi": "3.1.0", "servers": [{"url": "http://10.0.0.1/"}], "paths": {}}
    provider.behave(says_json(described))
    target = f"/r1/{system.x_road_id}/getOpenAPI"

    answers = [gateway.get(f"{target}?serviceCode={service.code}") for _ in range(2)]

    assert answers[0].json["servers"] == [{"url": f"/r1/{system.x_road_id}"}]
    assert "10.0.0.1" not in answers[0].body.decode()
    assert answers[0].body == answers[1].body
    assert [asked.target for asked in provider.asked] == ["/described/openapi.json"]
    assert gateway.get(target).error == "client.bad_request"
    unknown = gateway.get(f"{target}?serviceCode=nothing")
    assert unknown.error == "server.serverproxy.unknown_service"


def test_a_provider_without_a_description_is_told_so(
    world: World, gateway: GatewayProcess, provider: Provider
) -> None:
    service = world.new_service()
    gateway.catch_up()
    provider.behave(says_json({}, status=404))

    answer = gateway.get(f"/r1/{world.provider.x_road_id}/getOpenAPI?serviceCode={service.code}")

    assert answer.error == "server.serverproxy.service_failed.description"


def test_metadata_is_read_with_get_only(world: World, gateway: GatewayProcess) -> None:
    target = f"/r1/{world.provider.x_road_id}/listMethods"

    assert gateway.send("POST", target, b"{}").error == "client.bad_request"


def test_health_tells_version_floor_and_policy(world: World, gateway: GatewayProcess) -> None:
    answer = gateway.get("/health")

    assert answer.status == 200
    keys = {"status", "version", "floor", "policy", "circuits", "waiting"}
    assert answer.json.keys() == keys
    assert (answer.json["status"], answer.json["floor"]) == ("ok", "exchange")
