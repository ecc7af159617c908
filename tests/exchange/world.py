"""Who takes part in the tests, and how they speak to the gateway."""

import http.client
import itertools
import json
import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection
from nacl.signing import SigningKey

from panjereh.common.http_signatures import content_digest, ed25519_signer, sign
from panjereh.exchange import actions
from panjereh.exchange.approvals.actions.grants import approve_grant
from panjereh.exchange.approvals.keys import make_secretariat_key
from panjereh.exchange.approvals.terms import Terms
from panjereh.exchange.directory import actions as directory
from panjereh.exchange.gateway.attest import make_attestation_key
from panjereh.exchange.models import Grant, Member, Operator, PolicyState, Service, System
from panjereh.runtime.environment import DOORS, PORTS
from panjereh.runtime.ports import free_ports
from panjereh.sandbox.channel_keys import make_channel_keys

PROVIDER_KEY = bytes(range(32))
NAMES = {"fa": "نمونه", "en": "Sample"}
PURPOSE: dict[str, Any] = {"code": "testing", "name": NAMES, "legal_basis": "002 art 10"}
APPROVAL: dict[str, Any] = {"number": "1", "date": "2026-01-01", "body": NAMES, "row": ""}
TERMS = {field.name for field in fields(Terms)}
_numbers = itertools.count(1)


def suite_database_url(name: str = "") -> str:
    params = connection.get_connection_params()
    name = name or connection.settings_dict["NAME"]
    return f"postgresql:///{name}?host={params['host']}&user={params['user']}"


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> str:
        return self.headers.get("x-road-error", "")


@dataclass
class World:
    home: Path
    operator: Operator
    member: Member
    provider: System
    provider_url: str
    keys: dict[str, SigningKey]

    @classmethod
    def build(cls, home: Path, provider_url: str) -> "World":
        keys = home / "keys" / "providers"
        keys.mkdir(parents=True, exist_ok=True)
        (keys / "provider.hmac").write_text(PROVIDER_KEY.hex())
        operator = actions.appoint_first_operator(national_id="0012345679", name="Tester")
        member = actions.register_member(
            actor=operator,
            instance="IR-TEST",
            member_class="GOV",
            code="14003778990",
            name=NAMES,
        )
        system = actions.register_system(
            actor=operator,
            member=member,
            code="provider",
            name=NAMES,
            base_url=f"{provider_url}/provider",
        )
        make_secretariat_key(home / "keys")
        make_attestation_key(home / "keys")
        (home / "keys" / "systems").mkdir(exist_ok=True)
        make_channel_keys(home / "keys", [])
        world = cls(home, operator, member, system, provider_url, {})
        world.give_key(system)
        return world

    def give_key(self, system: System) -> SigningKey:
        key = SigningKey.generate()
        actions.add_key(
            actor=self.operator, system=system, public_key=key.verify_key.encode().hex()
        )
        self.keys[system.x_road_id] = key
        return key

    def speaks_for(self, member_class: str, code: str) -> None:
        """The member becomes an exchange through which this body calls."""
        self.member.kind, self.member.approval_number = Member.Kind.EXCHANGE, "1"
        self.member.approval_date = date(2026, 1, 1)
        self.member.save()
        directory.register_sub_member(
            actor=self.operator,
            through=self.member,
            member_class=member_class,
            code=code,
            name=NAMES,
            kind=Member.Kind.MUNICIPALITY,
        )

    def new_system(self, *, base_url: str = "", member: Member | None = None) -> "Caller":
        system = actions.register_system(
            actor=self.operator,
            member=member or self.member,
            code=f"system-{next(_numbers)}",
            name=NAMES,
            base_url=base_url,
        )
        return Caller(system, self.give_key(system))

    def new_service(self, *, system: System | None = None, **more: Any) -> Service:
        return actions.register_service(
            actor=self.operator,
            system=system or self.provider,
            code=f"service-{next(_numbers)}",
            title=NAMES,
            **more,
        )

    def grant(
        self, caller: "Caller", service: Service, items: Sequence[str] = (), **more: Any
    ) -> Grant:
        """`more` changes the terms, or is for the deed itself."""
        terms = {"purpose": PURPOSE, "approval": APPROVAL, "quota_per_minute": 100_000}
        terms |= {name: more.pop(name) for name in TERMS & more.keys()}
        return approve_grant(
            actor=more.pop("actor", self.operator),
            consumer=caller.system,
            service=service,
            terms=Terms(items, **terms),
            key_of=lambda system: self.keys[system.x_road_id],
            **more,
        )

    def allowed(self, items: Sequence[str] = ("/ok",), **more: Any) -> tuple["Caller", Service]:
        """A new consumer with a grant for a new service."""
        caller, service = self.new_system(), self.new_service()
        self.grant(caller, service, items, **more)
        return caller, service


@dataclass
class Caller:
    system: System
    key: SigningKey

    @property
    def x_road_id(self) -> str:
        return self.system.x_road_id

    def signed(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        *,
        key: SigningKey | None = None,
        created: int | None = None,
        **headers: str,
    ) -> dict[str, str]:
        """The headers of a good message; `headers` adds to them, and None takes one away."""
        named: dict[str, Any] = {"x-road-client": self.x_road_id, "x-road-id": str(uuid.uuid4())}
        if body:
            named |= {"content-type": "application/json", "content-digest": content_digest(body)}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        kept = {name: value for name, value in named.items() if value is not None}
        return kept | sign(
            method,
            target,
            kept,
            keyid=self.x_road_id,
            algorithm="ed25519",
            signer=ed25519_signer(key or self.key),
            created=created,
        )


@dataclass
class GatewayProcess:
    home: Path
    database_url: str
    nats_url: str
    settings: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.port = free_ports(PORTS) + DOORS["gsb"]
        self.log = self.home / f"gateway-{self.port}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "GatewayProcess":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            assert self.process.wait(20) == 0, "the gateway does not stop cleanly"

    def start(self, *, healthy: bool = True) -> None:
        run = (
            "from panjereh.exchange.gateway.serve import run;"
            "from panjereh.runtime.environment import environment; run(environment())"
        )
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", run], env=self._environment(), stdout=output, stderr=output
            )
        if healthy:
            self.wait_until(200)

    def kill(self) -> None:
        assert self.process
        self.process.kill()
        self.process.wait()

    def wait_until(self, status: int, seconds: float = 20) -> None:
        deadline = time.monotonic() + seconds
        while self.health() != status:
            assert time.monotonic() < deadline, self.log.read_text()[-2000:]
            time.sleep(0.05)

    def health(self) -> int:
        try:
            return self.send("GET", "/health").status
        except OSError:
            return 0

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "PANJEREH_HOME": str(self.home),
            "PANJEREH_PORT": str(self.port - DOORS["gsb"]),
            "PANJEREH_EXCHANGE_DATABASE_URL": self.database_url,
            "PANJEREH_NATS_URL": self.nats_url,
            **self.settings,
        }

    def call(
        self,
        caller: Caller,
        service: Service,
        body: Mapping[str, Any] | bytes | None = None,
        *,
        path: str = "",
        **headers: Any,
    ) -> Answer:
        """Send it when the gateway has every change of the policy that was made before."""
        self.catch_up()
        return self.call_at_once(caller, service, body, path=path, **headers)

    def call_at_once(
        self,
        caller: Caller,
        service: Service,
        body: Mapping[str, Any] | bytes | None = None,
        *,
        path: str = "",
        **headers: Any,
    ) -> Answer:
        payload = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
        target = f"/r1/{service.x_road_id}{path}"
        return self.send("POST", target, payload, caller.signed("POST", target, payload, **headers))

    def catch_up(self) -> None:
        wanted, deadline = PolicyState.objects.get().version, time.monotonic() + 2
        while self.send("GET", "/health").json["policy"] < wanted:
            assert time.monotonic() < deadline, "the gateway does not refresh its policy"
            time.sleep(0.01)

    def get(self, target: str, **headers: str) -> Answer:
        return self.send("GET", target, b"", headers)

    def door_port(self, door: str) -> int:
        return self.port - DOORS["gsb"] + DOORS[door]

    def send(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        door: str = "gsb",
    ) -> Answer:
        wire = http.client.HTTPConnection("127.0.0.1", self.door_port(door), timeout=15)
        try:
            wire.request(method, target, body or None, dict(headers or {}))
            got = wire.getresponse()
            named = {name.lower(): value for name, value in got.getheaders()}
            return Answer(got.status, named, got.read())
        finally:
            wire.close()

    def send_raw_and_leave(self, octets: bytes) -> None:
        with socket.create_connection(("127.0.0.1", self.port), timeout=15) as wire:
            wire.sendall(octets)

    def send_raw(self, octets: bytes) -> Answer:
        """What no honest HTTP client would send."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=15) as wire:
            wire.sendall(octets)
            got = http.client.HTTPResponse(wire)
            got.begin()
            named = {name.lower(): value for name, value in got.getheaders()}
            return Answer(got.status, named, got.read())
