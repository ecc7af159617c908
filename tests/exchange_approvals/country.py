"""Two members that ask one another, the offices that decide, and a service with a description."""

import itertools
from dataclasses import dataclass
from typing import Any

from django.test import Client
from exchange.world import NAMES, World
from nacl.signing import SigningKey

from panjereh.exchange import actions
from panjereh.exchange.approvals.actions import requests, signing, trying
from panjereh.exchange.approvals.actions.grants import approve_grant
from panjereh.exchange.approvals.models import AccessRequest
from panjereh.exchange.approvals.terms import Terms
from panjereh.exchange.directory.models import Example, Item, Sheet
from panjereh.exchange.models import Grant, Member, Operator, Representative, Service, System
from panjereh.sdk.signin.person import SESSION_KEY, Person, as_kept

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
WORDS = {"/full_name": "نام کامل", "/days_worked": "روزهای کارکرد", "/secret": "محرمانه"}
PARTS = ("secretariat", "working-group", "asker", "answerer", "other", "stranger")
NAMES_OF = {"asker": "خواهان", "answerer": "پاسخگو"}
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
    people: dict[str, Person]
    """who signs in, by part: secretariat, working-group, asker, answerer, other, stranger"""

    @classmethod
    def found(cls, world: World) -> "Country":
        (world.home / "keys" / "SANDBOX").write_text("for tests\n")
        (world.home / "keys" / "systems").mkdir(exist_ok=True)
        member = actions.register_member(
            actor=world.operator,
            instance="IR-TEST",
            member_class="GOV",
            code="14007193020",
            name={"fa": "وزارت نمونه", "en": "Ministry of Samples"},
        )
        elsewhere = actions.register_member(
            actor=world.operator,
            instance="IR-TEST",
            member_class="GOV",
            code="14007193016",
            name={"fa": "دستگاه دیگر", "en": "Another agency"},
        )
        people = {part: _person(part) for part in PARTS}
        country = cls(
            world,
            _office(world, "secretariat", people),
            _office(world, "working-group", people),
            member,
            representative(world, member, people["asker"]),
            representative(world, world.member, people["answerer"]),
            people,
        )
        representative(world, elsewhere, people["other"])
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
                name_fa=WORDS[place],
                name_en=place.strip("/").replace("_", " "),
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

    def granted_at_once(self) -> Grant:
        """Entered as the sandbox enters its own, without a request before it."""
        consumer, service = self.system(), self.service()
        purpose = {"code": "x", "name": NAMES, "legal_basis": "002 art 10"}
        approval = {"number": "1", "date": "2026-01-01", "body": NAMES, "row": ""}
        return approve_grant(
            actor=self.world.operator,
            consumer=consumer,
            service=service,
            terms=Terms(["/full_name"], purpose, approval, 60),
            key_of=lambda system: self.world.keys[system.x_road_id],
        )

    def after(self, answer: Any) -> AccessRequest:
        """The request that the page just made."""
        assert answer.status_code == 302, answer.content.decode()
        return AccessRequest.objects.latest("pk")

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


def representative(world: World, member: Member, person: Person) -> Representative:
    return actions.appoint_representative(
        actor=world.operator,
        member=member,
        national_id=person.national_id,
        name=f"{person.given_name} {person.family_name}",
    )


def sign_in(person: Person) -> Client:
    """A browser in which the person is signed in."""
    client = Client()
    session = client.session
    session[SESSION_KEY] = {"person": as_kept(person)}
    session.save()
    return client


def _office(world: World, role: str, people: dict[str, Person]) -> Operator:
    return actions.appoint_operator(
        actor=world.operator,
        national_id=people[role].national_id,
        name=f"Office {role}",
        roles=[role],
    )


def _person(part: str) -> Person:
    return Person(
        sub=part,
        acr="urn:panjereh:level:1",
        national_id=national_id(),
        given_name="نماینده",
        family_name=NAMES_OF.get(part, "نمونه"),
    )
