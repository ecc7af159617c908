"""What X-Road's metadata services tell: who is here, what they offer, what this client may call.

GET only, and no access right is needed. `allowedMethods` needs to know the client, so it is signed.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs
from xml.etree import ElementTree

import msgspec

from panjereh.common.http_signatures import content_digest
from panjereh.exchange.gateway import faults, plain
from panjereh.exchange.gateway.caller import Doorkeeper
from panjereh.exchange.gateway.messages import Answer, Request, json_answer
from panjereh.exchange.gateway.paths import parse_ids
from panjereh.exchange.gateway.policy import Listed, Offer, Permission, Policy
from panjereh.exchange.gateway.provider import Providers
from panjereh.exchange.gateway.snapshot import PolicyKeeper

SERVICES = frozenset({"listMethods", "allowedMethods", "getOpenAPI"})
CACHE_SECONDS = 60.0
# Metadata needs no grant; what all callers share a minute keeps it from crowding out the calls.
OPEN_TO_ALL = Permission(0, None, quota_per_minute=6000, not_before=0, not_after=None)
_XROAD = "http://x-road.eu/xsd/xroad.xsd"
_IDENTIFIERS = "http://x-road.eu/xsd/identifiers"
_XML_NAMES = {
    "xroad_instance": "xRoadInstance",
    "member_class": "memberClass",
    "member_code": "memberCode",
    "subsystem_code": "subsystemCode",
}
_ID_NAMES = ("object_type", "xroad_instance", "member_class", "member_code", "subsystem_code")


def is_metadata(path: str) -> bool:
    """`/r1/{instance}/{class}/{member}/{system}/listMethods` and its kin, or /listClients. The
    plain face leaves the instance out."""
    if path.rpartition("/")[2] not in SERVICES:
        return path == "/listClients"
    parts = path.split("/")
    length = 6 if parts[1:2] == ["v1"] else 7
    return len(parts) == length


@dataclass
class Metadata:
    keeper: PolicyKeeper
    doorkeeper: Doorkeeper
    providers: Providers
    _descriptions: dict[str, tuple[float, bytes]] = field(default_factory=dict)

    async def answer(self, request: Request) -> Answer:
        if not self.keeper.fresh:
            raise faults.policy_unavailable()
        if request.method != "GET":
            raise faults.bad_request("metadata services answer GET only")
        policy = self.keeper.policy
        if request.path == "/listClients":
            return _list_clients(policy, request)
        path = plain.r1_path(request.path, policy.instance)
        *provider, name = parse_ids(path, request.query)
        system = "/".join(provider)
        if name == "getOpenAPI":
            return await self._openapi(policy, system, request)
        wanted = self._allowed_to(policy, request) if name == "allowedMethods" else _anything
        return _methods(policy.offers_of(system, wanted, request.bus))

    def _allowed_to(self, policy: Policy, request: Request) -> Callable[[Offer], bool]:
        request.check_repeats()
        client = self.doorkeeper.identify(policy, request)
        return lambda offer: (client.x_road_id, offer.x_road_id) in policy.permissions

    async def _openapi(self, policy: Policy, system: str, request: Request) -> Answer:
        """The description of a service, with the provider's own address taken out."""
        wanted = parse_qs(request.query).get("serviceCode", [""])
        if len(wanted) != 1 or not wanted[0]:
            raise faults.bad_request("getOpenAPI needs one serviceCode")
        offer = policy.offers.get(f"{system}/{wanted[0]}")
        if offer is None or not offer.enabled or not offer.base_url:
            raise faults.unknown_service()
        return json_answer(200, await self._description(offer))

    async def _description(self, offer: Offer) -> bytes:
        kept = self._descriptions.get(offer.provider)
        if kept and kept[0] > time.monotonic():
            return kept[1]
        headers = {"accept": "application/json", "content-digest": content_digest(b"")}
        reply = await self.providers.call(offer, "GET", "/openapi.json", headers, b"")
        if reply.status != 200:
            raise faults.service_failed("description", "the provider has no OpenAPI description")
        described = _anonymised(reply.body, offer.provider)
        self._descriptions[offer.provider] = (time.monotonic() + CACHE_SECONDS, described)
        return described


def _anything(_: Offer) -> bool:
    return True


def _anonymised(description: bytes, provider: str) -> bytes:
    """The only way to a provider is the exchange, so that is the server its description names."""
    try:
        described: dict[str, Any] = msgspec.json.decode(description, type=dict[str, Any])
    except msgspec.MsgspecError as error:
        message = "the provider's description is not JSON"
        raise faults.service_failed("description", message) from error
    return msgspec.json.encode(described | {"servers": [{"url": f"/r1/{provider}"}]})


def _methods(offers: Sequence[Offer]) -> Answer:
    return json_answer(200, msgspec.json.encode({"service": [_method(offer) for offer in offers]}))


def _method(offer: Offer) -> dict[str, Any]:
    ids = dict(zip(_ID_NAMES[1:], offer.provider.split("/"), strict=True))
    return {
        "object_type": "SERVICE",
        "service_type": "OPENAPI",
        **ids,
        "service_code": offer.code,
        "endpoint_list": [{"method": e.method, "path": e.path} for e in offer.endpoints],
    }


def _list_clients(policy: Policy, request: Request) -> Answer:
    instance = parse_qs(request.query).get("xRoadInstance", [""])[0]
    listed = [item for item in policy.directory if instance in {"", item.member.instance}]
    if "application/json" in request.headers.get("accept", ""):
        return json_answer(200, msgspec.json.encode({"member": [_listed(item) for item in listed]}))
    return Answer(200, [("content-type", "text/xml;charset=utf-8")], _clients_xml(listed))


def _listed(item: Listed) -> dict[str, Any]:
    described: dict[str, Any] = {"id": _ids(item), "name": item.member.name}
    return described | ({"subsystem_name": item.system_name} if item.system else {})


def _ids(item: Listed) -> dict[str, str]:
    member = item.member
    values = (member.instance, member.member_class, member.code, item.system)
    kind = "SUBSYSTEM" if item.system else "MEMBER"
    pairs = zip(_ID_NAMES, (kind, *values), strict=True)
    return {name: value for name, value in pairs if value}


def _clients_xml(listed: Sequence[Listed]) -> bytes:
    root = ElementTree.Element("clientList", {"xmlns": _XROAD, "xmlns:id": _IDENTIFIERS})
    for item in listed:
        member = ElementTree.SubElement(root, "member")
        ids = _ids(item)
        kind = {"id:objectType": ids.pop("object_type")}
        identifier = ElementTree.SubElement(member, "id", kind)
        for name, value in ids.items():
            ElementTree.SubElement(identifier, f"id:{_XML_NAMES[name]}").text = value
        ElementTree.SubElement(member, "name").text = item.member.name
    octets: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return octets
