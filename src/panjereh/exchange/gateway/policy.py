"""The policy as the gateway holds it: everything a call is checked against, in dictionaries.

Nothing here changes after it was built; a new version of the policy is a new `Policy`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from panjereh.common.http_signatures import Verify
from panjereh.exchange.gateway import faults, plain
from panjereh.exchange.gateway.attest import Attestation
from panjereh.exchange.gateway.conditions import Conditions
from panjereh.exchange.gateway.faults import gettext_noop
from panjereh.exchange.gateway.fields import Tree
from panjereh.exchange.gateway.paths import Target, match_template, parse_target
from panjereh.exchange.gateway.standing import Standing
from panjereh.exchange.gateway.subjects import Places


@dataclass(frozen=True)
class Client:
    """A system that may sign calls. More than one key is valid while keys change."""

    x_road_id: str
    keys: Sequence[Verify]
    enabled: bool
    channels: frozenset[str] = frozenset()  # thumbprints of the keys of its certificates
    buses: frozenset[str] = frozenset()  # where its member's class may call

    def verifies(self, base: bytes, signature: bytes) -> bool:
        return any(key(base, signature) for key in self.keys)


@dataclass(frozen=True)
class Endpoint:
    method: str
    path: str


@dataclass(frozen=True)
class Offer:
    """A service and how to reach its provider."""

    x_road_id: str
    provider: str
    code: str
    base_url: str
    endpoints: Sequence[Endpoint]
    deadline_seconds: float
    enabled: bool
    notice: str
    version: str = "1.0.0"
    key_name: str = ""  # the system code under which provider and gateway share a key
    base_path: str = ""  # the path of base_url, which the signature to the provider covers
    places: Places | None = None  # where its requests name persons
    buses: frozenset[str] = frozenset()  # where it is offered

    def template(self, method: str, segments: tuple[str, ...]) -> str:
        for endpoint in self.endpoints:
            if endpoint.method == method and match_template(endpoint.path, segments):
                return endpoint.path
        raise faults.unknown_endpoint()


@dataclass(frozen=True, slots=True)
class Permission:
    """A version of a grant. `tree` is None when it lets the whole answer pass."""

    grant_id: int
    tree: Tree | None
    quota_per_minute: int
    not_before: float
    not_after: float | None
    purpose: str = ""
    quota_per_day: int | None = None
    conditions: Conditions | None = None  # what the request must meet at this moment
    attestation: Attestation | None = None  # yes or no instead of data
    message: bool = False  # kept for its receiver, not passed on as a call
    seal: str = ""  # fingerprint of the row, see `seals`

    def check_validity(self, now: float) -> None:
        if now < self.not_before:
            raise faults.grant_not_valid(gettext_noop("the grant is not valid yet"))
        if self.not_after is not None and now >= self.not_after:
            raise faults.grant_not_valid(gettext_noop("the grant has expired"))


@dataclass(frozen=True)
class Member:
    instance: str
    member_class: str
    code: str
    name: str


@dataclass(frozen=True)
class Listed:
    """A member or system as the directory lists it."""

    member: Member
    system: str = ""
    system_name: str = ""


@dataclass(frozen=True)
class Policy:
    version: int
    clients: dict[str, Client] = field(default_factory=dict)
    offers: dict[str, Offer] = field(default_factory=dict)
    permissions: dict[tuple[str, str], Permission] = field(default_factory=dict)
    directory: Sequence[Listed] = ()
    targets: dict[str, Target] = field(default_factory=dict)  # by a service's path on both faces
    instance: str = ""  # of this exchange, which the plain face leaves out of its paths
    standing: Standing = field(default_factory=Standing)

    def target(self, path: str, query: str) -> Target:
        """Nearly every call is for a service's own path in its one spelling: no need to parse."""
        known = None if query else self.targets.get(path)
        return known or parse_target(plain.r1_path(path, self.instance), query)

    def client(self, x_road_id: str) -> Client:
        found = self.clients.get(x_road_id)
        if found is None:
            raise faults.not_authenticated("X-Road-Client names no system of this exchange")
        return found

    def offer(self, target: Target) -> Offer:
        found = self.offers.get(target.service)
        if found is None:
            raise faults.unknown_service()
        return found

    def permission(self, client: Client, offer: Offer) -> Permission:
        found = self.permissions.get((client.x_road_id, offer.x_road_id))
        if found is None or not client.enabled:
            raise faults.access_denied("no grant allows this system to call this service")
        return found

    def check_bus(self, bus: str, client: Client, offer: Offer) -> None:
        """NIX-02: each bus has its own callers and its own services."""
        if bus not in client.buses:
            raise faults.wrong_bus(gettext_noop("members of this class do not call on this bus"))
        if bus not in offer.buses:
            raise faults.wrong_bus(gettext_noop("the service is not offered on this bus"))

    def offers_of(self, provider: str, wanted: Callable[[Offer], bool], bus: str) -> list[Offer]:
        theirs = [o for o in self.offers.values() if o.provider == provider]
        return [offer for offer in theirs if bus in offer.buses and wanted(offer)]
