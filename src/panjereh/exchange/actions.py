"""The deeds of the exchange operator. Each is one transaction that ends in a new policy version.

The version row is locked until commit, so versions come in order and a gateway that has version n
has every change up to n. The NOTIFY travels with the commit: gateways hear of a revoked grant at
once.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.crypto import salted_hmac
from nacl.signing import VerifyKey

from panjereh.common import clock
from panjereh.common.identifiers import parse_legal_id
from panjereh.common.outbox.actions import emit
from panjereh.exchange.gateway.fields import parse_pointer
from panjereh.exchange.gateway.snapshot import CHANNEL
from panjereh.exchange.models import (
    Grant,
    Member,
    Operator,
    PolicyChange,
    PolicyState,
    Service,
    System,
    SystemKey,
)

Names = Mapping[str, str]  # language -> text
POST_TO_ROOT = ({"method": "POST", "path": "/"},)


class Approval(TypedDict):
    """The act that made a grant; no grant is entered without it (NIX-05, 07)."""

    number: str
    date: Any
    body: Names
    row: str


class Purpose(TypedDict):
    code: str
    name: Names
    legal_basis: str


def appoint_first_operator(*, national_id: str, name: str) -> Operator:
    """Open an empty exchange: the first operator is appointed by who installs it."""
    with transaction.atomic():
        operator, fresh = Operator.objects.get_or_create(
            national_id_hash=hash_national_id(national_id), defaults={"name": name}
        )
        if fresh and Operator.objects.exclude(pk=operator.pk).exists():
            raise PermissionDenied("operators are appointed by an operator")
    return operator


def appoint_operator(*, actor: Operator, national_id: str, name: str) -> Operator:
    _require_active(actor)
    with transaction.atomic():
        operator = Operator.objects.create(
            national_id_hash=hash_national_id(national_id), name=name
        )
        _new_version(actor, "operator.appointed", name)
    return operator


def hash_national_id(national_id: str) -> str:
    """What is kept of an operator's national id: enough to recognise it, no more."""
    salt = "panjereh.exchange.operator"
    return salted_hmac(salt, national_id, algorithm="sha256").hexdigest()


def register_member(
    *, actor: Operator, instance: str, member_class: str, code: str, name: Names
) -> Member:
    """Raises `InvalidIdentifier` when the legal id is wrong."""
    _require_active(actor)
    with transaction.atomic():
        member = Member.objects.create(
            instance=instance,
            member_class=member_class,
            code=parse_legal_id(code),
            name_fa=name["fa"],
            name_en=name["en"],
        )
        _new_version(actor, "member.registered", member.x_road_id)
    return member


def register_system(
    *, actor: Operator, member: Member, code: str, name: Names, base_url: str = ""
) -> System:
    _require_active(actor)
    with transaction.atomic():
        system = System.objects.create(
            member=member,
            code=code,
            name_fa=name["fa"],
            name_en=name["en"],
            base_url=base_url,
        )
        _new_version(actor, "system.registered", system.x_road_id)
    return system


def move_system(*, actor: Operator, system: System, base_url: str) -> None:
    """The provider answers at another address from now on."""
    _require_active(actor)
    with transaction.atomic():
        System.objects.filter(pk=system.pk).update(base_url=base_url)
        _new_version(actor, "system.moved", system.x_road_id)


def disable_system(*, actor: Operator, system: System) -> None:
    """It can neither call nor answer until it is enabled again."""
    _require_active(actor)
    with transaction.atomic():
        System.objects.filter(pk=system.pk).update(enabled=False)
        _new_version(actor, "system.disabled", system.x_road_id)


def enable_system(*, actor: Operator, system: System) -> None:
    _require_active(actor)
    with transaction.atomic():
        System.objects.filter(pk=system.pk).update(enabled=True)
        _new_version(actor, "system.enabled", system.x_road_id)


def add_key(*, actor: Operator, system: System, public_key: str) -> SystemKey:
    """Accept one more key. Rotation: add the new one, let the system change over, withdraw the
    old one (PRV-13). Raises `ValueError` when it is no Ed25519 public key in hex."""
    _require_active(actor)
    VerifyKey(bytes.fromhex(public_key))
    with transaction.atomic():
        key = SystemKey.objects.create(system=system, public_key=public_key.lower())
        _new_version(actor, "key.added", system.x_road_id)
    return key


def withdraw_key(*, actor: Operator, key: SystemKey) -> None:
    _require_active(actor)
    with transaction.atomic():
        SystemKey.objects.filter(pk=key.pk, withdrawn_at=None).update(withdrawn_at=clock.now())
        _new_version(actor, "key.withdrawn", key.system.x_road_id)


def register_service(
    *,
    actor: Operator,
    system: System,
    code: str,
    title: Names,
    endpoints: Sequence[Mapping[str, str]] = POST_TO_ROOT,
    deadline_seconds: float = 5.0,
) -> Service:
    _require_active(actor)
    with transaction.atomic():
        service = Service.objects.create(
            system=system,
            code=code,
            title_fa=title["fa"],
            title_en=title["en"],
            endpoints=[dict(endpoint) for endpoint in endpoints],
            deadline_seconds=deadline_seconds,
        )
        _new_version(actor, "service.registered", service.x_road_id)
    return service


def disable_service(*, actor: Operator, service: Service, notice: str) -> None:
    """Callers are told the notice until the service is enabled again."""
    _require_active(actor)
    with transaction.atomic():
        Service.objects.filter(pk=service.pk).update(enabled=False, notice=notice)
        _new_version(actor, "service.disabled", service.x_road_id)


def enable_service(*, actor: Operator, service: Service) -> None:
    _require_active(actor)
    with transaction.atomic():
        Service.objects.filter(pk=service.pk).update(enabled=True, notice="")
        _new_version(actor, "service.enabled", service.x_road_id)


def approve_grant(
    *,
    actor: Operator,
    consumer: System,
    service: Service,
    data_items: Sequence[str],
    purpose: Purpose,
    approval: Approval,
    quota_per_minute: int,
    not_before: datetime | None = None,
    not_after: datetime | None = None,
) -> Grant:
    """Enter what was approved. A grant that stands between the two becomes obsolete by it.

    Raises `ValueError` when a data item is no JSON pointer.
    """
    _require_active(actor)
    for item in data_items:
        parse_pointer(item)
    with transaction.atomic():
        before = _replace_active(consumer, service)
        grant = Grant.objects.create(
            **before,
            consumer=consumer,
            service=service,
            data_items=list(data_items),
            **_purpose_columns(purpose),
            **_approval_columns(approval),
            quota_per_minute=quota_per_minute,
            not_before=not_before or clock.now(),
            not_after=not_after,
        )
        _new_version(actor, "grant.approved", str(grant))
        _tell(grant, "exchange.grant.approved")
    return grant


def revoke_grant(*, actor: Operator, grant: Grant) -> None:
    """It stops working in every gateway within two seconds."""
    _require_active(actor)
    with transaction.atomic():
        _end(Grant.objects.filter(pk=grant.pk), Grant.State.REVOKED)
        _new_version(actor, "grant.revoked", str(grant))
        _tell(grant, "exchange.grant.revoked")


def _require_active(actor: Operator) -> None:
    if not actor.active:
        raise PermissionDenied("only an active operator changes the policy")


def _replace_active(consumer: System, service: Service) -> dict[str, UUID | int]:
    """Series and version of the next grant; the one before it no longer stands."""
    standing = Grant.objects.filter(
        consumer=consumer, service=service, state=Grant.State.ACTIVE
    ).first()
    if standing is None:
        return {}
    _end(Grant.objects.filter(pk=standing.pk), Grant.State.OBSOLETE)
    return {"series": standing.series, "version": standing.version + 1}


def _end(grants: Any, state: str) -> None:
    grants.filter(state=Grant.State.ACTIVE).update(state=state, ended_at=clock.now())


def _purpose_columns(purpose: Purpose) -> dict[str, str]:
    return {
        "purpose": purpose["code"],
        "purpose_fa": purpose["name"]["fa"],
        "purpose_en": purpose["name"]["en"],
        "legal_basis": purpose["legal_basis"],
    }


def _approval_columns(approval: Approval) -> dict[str, Any]:
    return {
        "approval_number": approval["number"],
        "approval_date": approval["date"],
        "approval_body_fa": approval["body"]["fa"],
        "approval_body_en": approval["body"]["en"],
        "approval_row": approval["row"],
    }


def _new_version(actor: Operator, deed: str, subject: str) -> int:
    """Write who did what, and wake the gateways at commit. The row lock orders the changes."""
    state = PolicyState.objects.select_for_update().get()
    version = state.version + 1
    PolicyState.objects.filter(pk=state.pk).update(version=version)
    PolicyChange.objects.create(version=version, actor=actor.name, deed=deed, subject=subject)
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {CHANNEL}")
    return version


def _tell(grant: Grant, event_type: str) -> None:
    emit(
        event_type,
        subject=str(grant.series),
        data={
            "grant": str(grant.series),
            "version": grant.version,
            "consumer": grant.consumer.x_road_id,
            "service": grant.service.x_road_id,
        },
    )
