"""Who takes part: an operator, two members, and a person who acts for each."""

import itertools
from dataclasses import dataclass
from pathlib import Path

from django.test import Client

from panjereh.exchange import actions
from panjereh.exchange.directory import actions as directory
from panjereh.exchange.models import (
    Bus,
    Member,
    Operator,
    PolicyState,
    Representative,
    Service,
    System,
)
from panjereh.sdk.signin.person import SESSION_KEY, Person, as_kept

INSTANCE = "IR-TEST"


def _person(number: int, national_id: str, given_name: str, family_name: str) -> Person:
    return Person(
        sub=f"s-{number}",
        acr="urn:panjereh:level:1",
        national_id=national_id,
        given_name=given_name,
        family_name=family_name,
    )


OPERATOR = _person(1, "0012345679", "نرگس", "راستین")
STRANGER = _person(2, "0023456787", "کاوه", "درستکار")
OURS = _person(3, "0034567887", "هما", "پیشرو")
COLLEAGUE = _person(5, "0056789092", "آرزو", "همکار")
OTHER = _person(4, "0045678987", "سهراب", "آگاه")
NAMES = {"fa": "نمونه", "en": "Sample"}
DESCRIPTION = Path(__file__).with_name("description.yaml").read_bytes()
_numbers = itertools.count(1)


@dataclass
class Parties:
    operator: Operator
    ours: Member
    others: Member
    representative: Representative
    other_representative: Representative

    @classmethod
    def enter(cls) -> "Parties":
        PolicyState.objects.get_or_create()  # a test of the site begins with empty tables
        for code in ("gsb", "pgsb"):
            Bus.objects.get_or_create(code=code, defaults={"member_classes": ["*"]})
        operator = actions.appoint_first_operator(national_id=OPERATOR.national_id, name="Tester")
        ours = _member(operator, "14003778990", "سازمان نمونه", "Sample organisation")
        others = _member(operator, "14000280017", "وزارت دیگر", "Other ministry")
        return cls(
            operator,
            ours,
            others,
            _appoint(operator, ours, OURS),
            _appoint(operator, others, OTHER),
        )

    def colleague(self) -> Representative:
        return _appoint(self.operator, self.ours, COLLEAGUE)

    def described(self, member: Member | None = None, text: bytes = DESCRIPTION) -> Service:
        """A service out of a description, of our member unless another is named."""
        return self.described_at(self.system(member, base_url="http://127.0.0.1:9"), text)

    def described_at(self, system: System, text: bytes = DESCRIPTION) -> Service:
        draft = directory.describe(actor=self.operator, system=system, octets=text)
        return directory.take_draft(actor=self.operator, draft=draft)[0]

    def system(self, member: Member | None = None, **more: str) -> System:
        return actions.register_system(
            actor=self.operator,
            member=member or self.ours,
            code=f"system-{next(_numbers)}",
            name=NAMES,
            **more,
        )


def _member(operator: Operator, code: str, name_fa: str, name_en: str) -> Member:
    return actions.register_member(
        actor=operator,
        instance=INSTANCE,
        member_class="GOV",
        code=code,
        name={"fa": name_fa, "en": name_en},
    )


def _appoint(operator: Operator, member: Member, person: Person) -> Representative:
    return actions.appoint_representative(
        actor=operator,
        member=member,
        national_id=person.national_id,
        name=f"{person.given_name} {person.family_name}",
    )


def sign_in(client: Client, person: Person) -> Client:
    session = client.session
    session[SESSION_KEY] = {"person": as_kept(person)}
    session.save()
    return client
