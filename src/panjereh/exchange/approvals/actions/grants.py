"""The deeds about grants. A grant is entered when consumer, provider and secretariat have signed
its contract, and in no other way; it never changes, a change is a new version."""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from nacl.signing import SigningKey

from panjereh.common import clock
from panjereh.common.outbox.actions import emit
from panjereh.exchange.actions import Actor, new_version, require_role
from panjereh.exchange.approvals.contract import (
    Contract,
    ContractRefused,
    Keys,
    Signatures,
    by_thumbprint,
    content_hash,
    sign,
    thumbprint,
    verify,
)
from panjereh.exchange.approvals.keys import secretariat_key, secretariat_public_keys
from panjereh.exchange.approvals.terms import Party, Place, Terms, columns, draft
from panjereh.exchange.gateway.fields import parse_pointer
from panjereh.exchange.models import Grant, Operator, Service, System, SystemKey

DECIDERS = (Operator.Role.OPERATOR, Operator.Role.SECRETARIAT)


def draft_contract(
    *,
    consumer: System,
    service: Service,
    terms: Terms,
    not_before: datetime | None = None,
    not_after: datetime | None = None,
) -> Contract:
    """The next version of the grant between the two, for the parties to sign.

    Raises `ValueError` when a data item is no JSON pointer, `ContractRefused` when a system has no
    key to sign with.
    """
    for item in terms.data_items:
        parse_pointer(item)
    series, version = _next_version(consumer, service)
    begin = (not_before or clock.now()).replace(microsecond=0)
    return draft(
        consumer=_party(consumer),
        provider=_party(service.system),
        service=service.code,
        terms=terms,
        place=Place(series, version, begin, not_after and not_after.replace(microsecond=0)),
    )


def approve_grant(
    *,
    actor: Operator,
    consumer: System,
    service: Service,
    terms: Terms,
    key_of: Callable[[System], SigningKey],
    not_before: datetime | None = None,
    not_after: datetime | None = None,
) -> Grant:
    """Draft, sign and enter at one go, where the keys of both members are at hand: the sandbox."""
    require_role(actor, *DECIDERS)
    contract = draft_contract(
        consumer=consumer,
        service=service,
        terms=terms,
        not_before=not_before,
        not_after=not_after,
    )
    hashed, at = content_hash(contract), int(clock.now().timestamp())
    keys = {"consumer": key_of(consumer), "provider": key_of(service.system)}
    keys["secretariat"] = secretariat_key(settings.KEYS)
    signatures = {
        party: sign(hashed, key, verdict="accept", signed_at=at) for party, key in keys.items()
    }
    return activate_grant(actor=actor, contract=contract, signatures=signatures)


def activate_grant(*, actor: Actor, contract: Contract, signatures: Signatures) -> Grant:
    """Enter what all three signed. A grant that stands between the two becomes obsolete by it.

    The signatures are the permission. Raises `ContractRefused` when they do not hold.
    """
    if not actor.active:
        raise PermissionDenied("only who is active enters a grant")
    said = columns(contract)
    consumer, service = _system(said.pop("consumer")), _service(said.pop("service"))
    verify(contract, signatures, keys_for(consumer, service))
    with transaction.atomic():
        _replace_active(consumer, service, said)
        grant = Grant.objects.create(
            consumer=consumer,
            service=service,
            contract=contract,
            content_hash=content_hash(contract),
            signatures=dict(signatures),
            **said,
        )
        new_version(actor, "grant.approved", str(grant))
        _tell(grant, "exchange.grant.approved")
    return grant


def revoke_grant(*, actor: Operator, grant: Grant) -> None:
    """It stops working in every gateway within two seconds. The secretariat signs that it did."""
    require_role(actor, *DECIDERS)
    with transaction.atomic():
        revoke_signed(grant)
        new_version(actor, "grant.revoked", str(grant))


def revoke_signed(grant: Grant) -> None:
    """What every revocation has in common; inside its transaction."""
    key, at = secretariat_key(settings.KEYS), int(clock.now().timestamp())
    revocation = sign(grant.content_hash, key, verdict="revoke", signed_at=at)
    _active(grant).update(state=Grant.State.REVOKED, ended_at=clock.now(), revocation=revocation)
    _tell(grant, "exchange.grant.revoked")


def suspend_grant(*, actor: Operator, grant: Grant) -> None:
    """It does not work until the suspension is lifted; nothing needs to be signed anew."""
    require_role(actor, *DECIDERS)
    with transaction.atomic():
        _active(grant).filter(suspended_at=None).update(suspended_at=clock.now())
        new_version(actor, "grant.suspended", str(grant))
        _tell(grant, "exchange.grant.suspended")


def lift_suspension(*, actor: Operator, grant: Grant) -> None:
    require_role(actor, *DECIDERS)
    with transaction.atomic():
        _active(grant).update(suspended_at=None)
        new_version(actor, "grant.suspension-lifted", str(grant))
        _tell(grant, "exchange.grant.suspension-lifted")


def expire_grants() -> int:
    """Those whose last moment has passed; gateways close them at that moment by themselves."""
    passed = Grant.objects.filter(state=Grant.State.ACTIVE, not_after__lte=clock.now())
    expired = list(passed.select_related("consumer__member", "service__system__member"))
    for grant in expired:
        with transaction.atomic():
            _active(grant).update(state=Grant.State.EXPIRED, ended_at=clock.now())
            new_version(None, "grant.expired", str(grant))
            _tell(grant, "exchange.grant.expired")
    return len(expired)


def keys_for(consumer: System, service: Service) -> Keys:
    """All keys the two systems ever had: a contract signed by a key that was withdrawn later
    stands, for the secretariat saw it signed."""
    systems = [consumer.pk, service.system_id]
    known = SystemKey.objects.filter(system__in=systems, use=SystemKey.Use.SIGNATURE).values_list(
        "public_key", flat=True
    )
    return Keys(by_thumbprint(*known), secretariat_public_keys(settings.KEYS))


def _next_version(consumer: System, service: Service) -> tuple[uuid.UUID, int]:
    newest = Grant.objects.filter(consumer=consumer, service=service, state=Grant.State.ACTIVE)
    if standing := newest.first():
        return standing.series, standing.version + 1
    return uuid.uuid4(), 1


def _replace_active(consumer: System, service: Service, said: dict[str, Any]) -> None:
    """The version before no longer stands. Another one may have come since this was drafted."""
    standing = Grant.objects.select_for_update().filter(
        consumer=consumer, service=service, state=Grant.State.ACTIVE
    )
    if found := standing.first():
        if (found.series, found.version + 1) != (said["series"], said["version"]):
            raise ContractRefused("another version was approved meanwhile; draft and sign anew")
        standing.update(state=Grant.State.OBSOLETE, ended_at=clock.now())


def _active(grant: Grant) -> Any:
    return Grant.objects.filter(pk=grant.pk, state=Grant.State.ACTIVE)


def _party(system: System) -> Party:
    signing = system.keys.filter(withdrawn_at=None, use=SystemKey.Use.SIGNATURE)
    key = signing.order_by("-added_at", "-pk").first()
    if key is None:
        raise ContractRefused(f"{system.x_road_id} has no key to sign with")
    return Party(system.x_road_id, thumbprint(key.public_key))


def _system(x_road_id: str) -> System:
    instance, member_class, member, code = x_road_id.split("/")
    return System.objects.select_related("member").get(
        member__instance=instance, member__member_class=member_class, member__code=member, code=code
    )


def _service(x_road_id: str) -> Service:
    system, _, code = x_road_id.rpartition("/")
    return Service.objects.select_related("system__member").get(system=_system(system), code=code)


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
