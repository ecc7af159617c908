"""Members: how they stand to the exchange, whom to turn to, through whom they call."""

from datetime import date
from pathlib import Path

from django.core.exceptions import PermissionDenied
from django.db import transaction

from panjereh.common import clock
from panjereh.common.identifiers import parse_legal_id
from panjereh.exchange.actions import (
    Actor,
    Names,
    new_version,
    require_rights_over,
    require_role,
    signature,
)
from panjereh.exchange.directory.models import Connection, Contact
from panjereh.exchange.directory.provider_keys import provider_key
from panjereh.exchange.models import Member, Operator, System


def enter_connection(
    *, actor: Operator, member: Member, state: str, since: date, reason: Names
) -> Connection:
    """WIN-12: with date and reason. What was entered before stays as history."""
    require_role(actor, Operator.Role.OPERATOR)
    with transaction.atomic():
        connection = Connection.objects.create(
            member=member,
            state=Connection.State(state),
            since=since,
            reason_fa=reason["fa"],
            reason_en=reason["en"],
            entered_by=signature(actor),
        )
        new_version(actor, f"member.{state}", member.x_road_id)
    return connection


def name_contact(
    *,
    actor: Actor,
    member: Member,
    role: str,
    name: str,
    post: str,
    email: str,
    phone: str = "",
    certificate: str = "",
    certificate_until: date | None = None,
) -> Contact:
    """Whoever had the role before has it no more (002 art 23 notes 1 and 3)."""
    require_rights_over(actor, member)
    with transaction.atomic():
        new_version(actor, "contact.named", f"{member.x_road_id} {role}")
        before = Contact.objects.filter(member=member, role=role, ended_at=None)
        before.update(ended_at=clock.now())
        return Contact.objects.create(
            member=member,
            role=Contact.Role(role),
            name=name,
            post=post,
            email=email,
            phone=phone,
            certificate=certificate,
            certificate_until=certificate_until,
        )


def register_sub_member(
    *, actor: Actor, through: Member, member_class: str, code: str, name: Names, kind: str
) -> Member:
    """NIX-20: an exchange or operator enters a body that calls through it.

    One that is in the directory already joins by its own deed, see `join_through`.
    """
    require_rights_over(actor, through)
    _require_go_between(through)
    if kind in {Member.Kind.EXCHANGE, Member.Kind.OPERATOR}:
        raise PermissionDenied("exchanges and operators are registered by an approval")
    with transaction.atomic():
        member = Member.objects.create(
            instance=through.instance,
            member_class=member_class,
            code=parse_legal_id(code),
            name_fa=name["fa"],
            name_en=name["en"],
            kind=Member.Kind(kind),
            through=through,
        )
        new_version(actor, "member.registered", f"{member.x_road_id} {through.x_road_id}")
    return member


def join_through(*, actor: Actor, member: Member, through: Member) -> None:
    """The member lets this exchange or operator call for it."""
    require_rights_over(actor, member)
    _require_go_between(through)
    if member.speaks_for_others:
        raise PermissionDenied("traffic between exchanges passes the national one only")
    with transaction.atomic():
        Member.objects.filter(pk=member.pk).update(through=through)
        new_version(actor, "member.joined", f"{member.x_road_id} {through.x_road_id}")


def leave_exchange(*, actor: Actor, member: Member) -> None:
    """Nobody calls for the member any more. Either side may end it."""
    through = member.through
    if through is None:
        return
    if not _acts_for(actor, through):
        require_rights_over(actor, member)
    with transaction.atomic():
        Member.objects.filter(pk=member.pk).update(through=None)
        new_version(actor, "member.left", f"{member.x_road_id} {through.x_road_id}")


def show_provider_key(*, actor: Actor, system: System, keys: Path) -> str:
    """The key by which the system knows the exchange, in hex; that it was shown is written down."""
    require_rights_over(actor, system.member)
    with transaction.atomic():
        new_version(actor, "provider-key.shown", system.x_road_id)
        return provider_key(keys, system.code).hex()


def _require_go_between(member: Member) -> None:
    if not member.speaks_for_others:
        raise PermissionDenied("only an exchange or an operator calls for others")


def _acts_for(actor: Actor, member: Member) -> bool:
    try:
        require_rights_over(actor, member)
    except PermissionDenied:
        return False
    return True
