"""Enter the sandbox's exchange: members, systems with keys, services and grants.

Runs at every start: what stands already is left alone, what differs from exchange.yaml is brought
in line by the deeds of the operator, so the history tells it.
"""

from pathlib import Path
from typing import Any

from django.conf import settings

from panjereh.common import clock
from panjereh.exchange import actions
from panjereh.exchange.gateway.certificates import read_certificate
from panjereh.exchange.models import (
    Member,
    Operator,
    Representative,
    Service,
    System,
    SystemKey,
)
from panjereh.runtime.environment import environment
from panjereh.sandbox.appointments import officers, representatives
from panjereh.sandbox.keys import certificate, exchange_description, make_keys, public_key
from panjereh.sandbox.nation import SEED, communities
from panjereh.sandbox.nation.rows import PersonRow
from panjereh.sandbox.seed.directory import enter_members, fill_directory
from panjereh.sandbox.seed.grants import enter_grants
from panjereh.sandbox.seed.register import fill_register
from panjereh.sandbox.seed.watching import watch_providers

OPERATOR_NAME = "Sandbox operator"
KINDS = {"PUB": Member.Kind.PUBLIC_BODY, "MUN": Member.Kind.MUNICIPALITY}


def seed(people: int) -> None:
    """`people` has no bearing on the exchange: its size is that of the state, not of the nation."""
    home = Path(settings.EXCHANGE_DIRECTORY).parent
    make_keys(home)
    operator = actions.appoint_first_operator(
        national_id=operator_national_id(), name=OPERATOR_NAME
    )
    described = exchange_description()
    _enter_members(operator, described)
    enter_members(operator, described["instance"])
    _appoint(operator)
    for code, system in described["systems"].items():
        entered = _enter_system(operator, described, code, system, public_key(home, code))
        _accept_certificate(operator, entered, certificate(home, code))
    fill_directory(operator)
    watch_providers(operator)
    enter_grants(operator, described)
    fill_register(operator, described)


def operator_national_id() -> str:
    """The operator of the sandbox's cast, whose ids are the same on every day."""
    return next(communities(SEED, clock.now().date())).roles["operator"]


def _enter_members(operator: Operator, described: dict[str, Any]) -> None:
    for member in described["members"]:
        if not Member.objects.filter(code=member["code"]).exists():
            actions.register_member(
                actor=operator,
                instance=described["instance"],
                member_class=member["class"],
                code=member["code"],
                name=member["name"],
                kind=KINDS.get(member["class"], Member.Kind.AGENCY),
            )


def _appoint(operator: Operator) -> None:
    """One person for each office and each member; who was dismissed stays so."""
    today = clock.now().date()
    for office, person in officers(today).items():
        kept = actions.hash_national_id(person.national_id)
        if not Operator.objects.filter(national_id_hash=kept).exists():
            actions.appoint_operator(
                actor=operator, national_id=person.national_id, name=_name(person), roles=[office]
            )
    for code, person in representatives(today).items():
        kept = actions.hash_national_id(person.national_id)
        if not Representative.objects.filter(national_id_hash=kept).exists():
            actions.appoint_representative(
                actor=operator,
                member=Member.objects.get(code=code),
                national_id=person.national_id,
                name=_name(person),
            )


def _name(person: PersonRow) -> str:
    return f"{person.given_name} {person.family_name}"


def _enter_system(
    operator: Operator, described: dict[str, Any], code: str, wanted: dict[str, Any], key: str
) -> System:
    base_url = f"{environment().inner_urls[wanted['site']]}/{code}" if "site" in wanted else ""
    system = System.objects.filter(code=code).first()
    if system is None:
        system = actions.register_system(
            actor=operator,
            member=Member.objects.get(code=wanted["member"]),
            code=code,
            name=wanted["name"],
            base_url=base_url,
        )
    elif system.base_url != base_url:
        actions.move_system(actor=operator, system=system, base_url=base_url)
    _accept_key(operator, system, key)
    for service, told in wanted.get("services", {}).items():
        _enter_service(operator, system, service, told)
    return system


def _enter_service(operator: Operator, system: System, code: str, wanted: dict[str, Any]) -> None:
    subjects, buses = wanted.get("subjects", []), wanted.get("buses", ["gsb"])
    service = Service.objects.filter(system=system, code=code).first()
    if service is None:
        actions.register_service(
            actor=operator,
            system=system,
            code=code,
            title=wanted,
            subjects=subjects,
            buses=buses,
            endpoints=wanted.get("endpoints", actions.POST_TO_ROOT),
        )
        return
    if service.subjects != subjects:
        actions.name_subjects(actor=operator, service=service, subjects=subjects)
    if service.buses != buses:
        actions.offer_on(actor=operator, service=service, buses=buses)


def _accept_key(operator: Operator, system: System, key: str) -> None:
    """A home made anew has new keys; the old ones have no owner any more."""
    _withdraw_others(operator, system, SystemKey.Use.SIGNATURE, key)
    if not SystemKey.objects.filter(public_key=key).exists():
        actions.add_key(actor=operator, system=system, public_key=key)


def _accept_certificate(operator: Operator, system: System, certificate: bytes) -> None:
    key = read_certificate(certificate).thumbprint
    _withdraw_others(operator, system, SystemKey.Use.CHANNEL, key)
    if not SystemKey.objects.filter(public_key=key).exists():
        actions.add_certificate(actor=operator, system=system, certificate=certificate)


def _withdraw_others(operator: Operator, system: System, use: str, key: str) -> None:
    standing = SystemKey.objects.filter(system=system, use=use, withdrawn_at=None)
    for old in standing.exclude(public_key=key):
        actions.withdraw_key(actor=operator, key=old)
