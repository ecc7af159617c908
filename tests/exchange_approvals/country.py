"""Two members that ask one another, the offices that decide, and a service with a description."""

import itertools
from dataclasses import dataclass
from typing import Any

from exchange.world import NAMES, World
from nacl.signing import SigningKey

from panjereh.exchange import actions
from panjereh.exchange.approvals.actions import requests, signing, trying
from panjereh.exchange.approvals.models import AccessRequest
from panjereh.exchange.directory.models import Example, Item, Sheet
from panjereh.exchange.models import Member, Operator, Representative, Service, System

ANSWER = {"full_name": "آرش نمونه", "days_worked": 30, "secret": "x"}
QUESTION = {"workshop_code": "1234567890"}
WRITTEN: dict[str, Any] = {
    "data_items": ["/full_name", "/days_worked"],
    "purpose": "supervision",
    "purpose_fa": "نظارت",
    "purpose_en": "Supervision",
    "legal_basis": "002 art 10",
    "justification": "We are asked by law to supervise.",
    "per_minute": 60,
}
_numbers = itertools.count(1)
_people = itertools.count(1)


@dataclass
class Country:
    world: World
    secretariat: Operator
    group: Operator
    consumer: Member
    asker: Representative
    answerer: Representative

    @classmethod
    def found(cls, world: World) -> "Country":
        (world.home / "keys" / "SANDBOX").write_text("for tests\n")
        (world.home / "keys" / "systems").mkdir(exist_ok=True)
        member = actions.register_member(
            actor=world.operator,
            instance="IR-TEST",
            member_class="GOV",
            code="14000186508",
            name={"fa": "وزارت نمونه", "en": "Ministry of Samples"},
        )
        country = cls(
            world,
            _office(world, "secretariat"),
            _office(world, "working-group"),
            member,
            representative(world, member),
            representative(world, world.member),
        )
        country.hold(world.provider, world.keys[world.provider.x_road_id])
        return country

    def hold(self, system: System, key: SigningKey) -> None:
        """The sandbox holds the keys of its members' systems."""
        path = self.world.home / "keys" / "systems" / f"{system.code}.ed25519"
        path.write_text(key.encode().hex())

    def system(self, member: Member | None = None) -> System:
        system = actions.register_system(
            actor=self.world.operator,
            member=member or self.consumer,
            code=f"asking-{next(_numbers)}",
            name=NAMES,
        )
        self.hold(system, self.world.give_key(system))
        return system

    def service(self) -> Service:
        """Of the provider, with its description and test data."""
        service = self.world.new_service()
        for order, (place, kind) in enumerate(
            [("/full_name", "string"), ("/days_worked", "integer"), ("/secret", "string")]
        ):
            Item.objects.create(
                service=service,
                direction="out",
                place=place,
                name_fa=place,
                name_en=place,
                type=kind,
                required=True,
                order=order,
            )
        Example.objects.create(
            service=service, name_fa="نمونه", name_en="Sample", question=QUESTION, answer=ANSWER
        )
        Sheet.objects.create(service=service, family=service.code, openapi=openapi(service.code))
        return service

    def begin(self, **written: Any) -> AccessRequest:
        request = requests.begin_request(
            actor=self.asker, consumer=self.system(), service=self.service()
        )
        requests.write_request(actor=self.asker, request=request, **WRITTEN | written)
        return request

    def submitted(self, **written: Any) -> AccessRequest:
        request = self.begin(**written)
        requests.submit_request(actor=self.asker, request=request)
        return request

    def agreed(self, **written: Any) -> AccessRequest:
        request = self.submitted(**written)
        requests.answer_request(actor=self.answerer, request=request, answer="agreed")
        return request

    def approved(self, **written: Any) -> AccessRequest:
        request = self.agreed(**written)
        requests.consent(actor=self.secretariat, request=request, number=f"C-{next(_numbers)}")
        return request

    def sign(self, request: AccessRequest) -> None:
        signing.sign_in_sandbox(actor=self.asker, request=request, party="consumer")
        signing.sign_in_sandbox(actor=self.answerer, request=request, party="provider")

    def granted(self, **written: Any) -> AccessRequest:
        request = self.approved(**written)
        self.sign(request)
        run = trying.run_conformance(actor=self.asker, request=request)
        assert run.passed, run.checks
        request.refresh_from_db()
        return request


def openapi(code: str) -> dict[str, Any]:
    kinds = {"full_name": "string", "days_worked": "integer", "secret": "string"}
    schema = {
        "type": "object",
        "required": list(kinds),
        "properties": {name: {"type": kind} for name, kind in kinds.items()},
    }
    answer = {"description": "ok", "content": {"application/json": {"schema": schema}}}
    return {"openapi": "3.1.0", "paths": {f"/{code}": {"post": {"responses": {"200": answer}}}}}


def national_id() -> str:
    digits = f"{next(_people) + 1_000_000:09d}"
    rest = sum(int(d) * (10 - i) for i, d in enumerate(digits)) % 11
    return digits + str(rest if rest < 2 else 11 - rest)


def representative(world: World, member: Member) -> Representative:
    return actions.appoint_representative(
        actor=world.operator, member=member, national_id=national_id(), name="نماینده نمونه"
    )


def _office(world: World, role: str) -> Operator:
    return actions.appoint_operator(
        actor=world.operator, national_id=national_id(), name=f"Office {role}", roles=[role]
    )
