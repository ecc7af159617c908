"""Two members with something in every drawer, so that every page has something to show."""

from dataclasses import dataclass
from datetime import date, timedelta

from nacl.signing import SigningKey
from parties import DESCRIPTION, NAMES, Parties

from panjereh.common import clock
from panjereh.exchange.actions import add_key
from panjereh.exchange.directory import actions
from panjereh.exchange.directory.models import (
    Contact,
    Example,
    Extension,
    Inquiry,
    SideConnection,
    Withdrawal,
)
from panjereh.exchange.models import Grant, Member, Representative, Service, System, SystemKey

NOTICE = {"fa": "نسخه دوم را به کار ببرید.", "en": "Use the second version."}
CARD = {
    "id": "sample.card",
    "title": {"fa": "کارت نمونه", "en": "Sample card"},
    "registry_inputs": [
        {"system": "nowhere", "service": "x", "name": {"fa": "استعلام الف", "en": "Inquiry A"}}
    ],
}


@dataclass
class Furnished:
    """Of our member; `consumer` is the other member's system that uses our service."""

    parties: Parties
    service: Service
    system: System
    consumer: System
    key: SystemKey
    withdrawal: Withdrawal
    extension: Extension
    example: Example
    inquiry: Inquiry
    side: SideConnection
    contact: Contact
    sub_member: Member
    colleague: Representative

    @classmethod
    def build(cls) -> "Furnished":
        parties = Parties.enter()
        us = parties.representative
        parties.ours.kind, parties.ours.approval_number = Member.Kind.EXCHANGE, "17"
        parties.ours.approval_date = date(2026, 1, 1)
        parties.ours.save()
        service = parties.described()
        consumer = parties.system(parties.others)
        grant(service, consumer)
        withdrawal = actions.announce_withdrawal(
            actor=us, service=service, ends_at=clock.now() + timedelta(days=100), notice=NOTICE
        )
        actions.describe(actor=us, system=service.system, octets=DESCRIPTION)
        actions.enter_connection(
            actor=parties.operator,
            member=parties.ours,
            state="connected",
            since=date(2026, 3, 1),
            reason={"fa": "همه سامانه‌ها متصل است", "en": "All systems are connected"},
        )
        return cls(
            parties,
            service,
            service.system,
            consumer,
            _key(parties, service.system),
            withdrawal,
            actions.ask_extension(
                actor=parties.other_representative,
                withdrawal=withdrawal,
                consumer=consumer,
                reason="جابه‌جایی ما یک سال زمان می‌برد.",
            ),
            Example.objects.get(service=service),
            actions.enter_card(member=parties.ours, card=CARD)[0],
            actions.report_side_connection(
                actor=us,
                member=parties.ours,
                other_party="Bank",
                data="Balances",
                remove_by=date(2026, 1, 1),
            ),
            _contact(parties),
            actions.register_sub_member(
                actor=us,
                through=parties.ours,
                member_class="MUN",
                code="14000892142",
                name=NAMES,
                kind="municipality",
            ),
            parties.colleague(),
        )


def grant(service: Service, consumer: System) -> None:
    """As the approvals leave it; how it comes about is not the directory's."""
    Grant.objects.create(
        consumer=consumer,
        service=service,
        data_items=["/owned"],
        purpose="testing",
        purpose_fa="آزمون",
        purpose_en="Test",
        legal_basis="002 art 10",
        approval_number="1",
        approval_date=date(2026, 1, 1),
        approval_body_fa="کارگروه",
        approval_body_en="Group",
        quota_per_minute=60,
        not_before=clock.now(),
        state=Grant.State.ACTIVE,
        contract={"iv": "x"},
        content_hash="$1$1$x",
        signatures={"consumer": "x", "provider": "x", "secretariat": "x"},
    )


def _key(parties: Parties, system: System) -> SystemKey:
    public = SigningKey.generate().verify_key.encode().hex()
    key = add_key(actor=parties.representative, system=system, public_key=public)
    SystemKey.objects.filter(pk=key.pk).update(expires_at=clock.now() + timedelta(days=5))
    return key


def _contact(parties: Parties) -> Contact:
    actions.name_contact(
        actor=parties.representative,
        member=parties.ours,
        role="security-adviser",
        name="مهتاب امین",
        post="مشاور",
        email="secret-adviser@example.org",
        certificate="A-77",
        certificate_until=date(2027, 5, 1),
    )
    return actions.name_contact(
        actor=parties.representative,
        member=parties.ours,
        role="technical",
        name="بهرام کاردان",
        post="مدیر فناوری",
        email="tech@example.org",
        phone="02188776655",
    )
