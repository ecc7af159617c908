"""Whoever writes into the database opens nothing: the gateway checks what was signed."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from exchange.world import NAMES, GatewayProcess, World
from nacl.signing import SigningKey

from panjereh.exchange import actions
from panjereh.exchange.approvals import keys
from panjereh.exchange.approvals.actions import grants
from panjereh.exchange.approvals.contract import ContractRefused, content_hash, sign
from panjereh.exchange.approvals.terms import Terms
from panjereh.exchange.models import Grant, Operator, PolicyState

DENIED = "server.serverproxy.access_denied"


@contextmanager
def guard_off() -> Iterator[None]:
    """As one who owns the database could."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE exchange_grant DISABLE TRIGGER USER")
        try:
            yield
        finally:
            cursor.execute("ALTER TABLE exchange_grant ENABLE TRIGGER USER")


def tamper(grant: Grant, **columns: Any) -> None:
    with guard_off():
        Grant.objects.filter(pk=grant.pk).update(**columns)
    PolicyState.objects.update(version=PolicyState.objects.get().version + 1)


@pytest.mark.req("NIX-05", "NIX-06")
@pytest.mark.parametrize(
    "columns",
    [
        {"data_items": ["/ok", "/secret"]},
        {"quota_per_minute": 10**6},
        {"conditions": [{"kind": "listed", "list": "x", "pointer": "/id"}]},
        {"approval_number": "2"},
        {"legal_basis": "none"},
        {"confidential": True},
        {"not_after": "2999-01-01T00:00:00Z"},
    ],
    ids=lambda columns: next(iter(columns)),
)
def test_a_row_that_says_more_than_was_signed_is_closed(
    world: World, gateway: GatewayProcess, columns: dict[str, Any]
) -> None:
    caller, service = world.new_system(), world.new_service()
    grant = world.grant(caller, service, ["/ok"])
    tamper(grant, **columns)

    answer = gateway.call(caller, service)

    assert answer.error == DENIED
    assert "contract" in answer.json["message"]


def test_a_grant_that_worked_is_closed_when_its_row_is_changed(
    world: World, gateway: GatewayProcess
) -> None:
    caller, service = world.allowed(["/ok"])
    assert gateway.call(caller, service).status == 200

    tamper(Grant.objects.get(consumer=caller.system), data_items=["/ok", "/secret"])

    assert gateway.call(caller, service).error == DENIED


def test_a_grant_lent_to_another_consumer_is_closed(world: World, gateway: GatewayProcess) -> None:
    caller, service = world.allowed(["/ok"])
    thief = world.new_system()
    tamper(Grant.objects.get(consumer=caller.system), consumer=thief.system)

    assert gateway.call(thief, service).error == DENIED


def test_a_contract_forged_with_keys_put_into_the_database_is_closed(
    world: World, gateway: GatewayProcess
) -> None:
    """Both members' keys can be replaced there; the secretariat's stands in a file."""
    caller, service = world.allowed(["/ok"])
    grant = Grant.objects.get(consumer=caller.system)
    contract = grant.contract
    contract["grants"][0]["data"]["properties"]["fields"] = ["/ok", "/secret"]
    hashed = content_hash(contract)
    forger = SigningKey.generate()
    signatures = {
        "consumer": sign(hashed, caller.key, verdict="accept", signed_at=1),
        "provider": sign(
            hashed, world.keys[world.provider.x_road_id], verdict="accept", signed_at=1
        ),
        "secretariat": sign(hashed, forger, verdict="accept", signed_at=1),
    }
    columns = {"contract": contract, "content_hash": hashed, "signatures": signatures}
    tamper(grant, data_items=["/ok", "/secret"], **columns)

    assert gateway.call(caller, service).error == DENIED


def test_a_revoked_grant_set_active_again_stays_closed(
    world: World, gateway: GatewayProcess
) -> None:
    caller, service = world.allowed(["/ok"])
    grant = Grant.objects.get(consumer=caller.system)
    grants.revoke_grant(actor=world.operator, grant=grant)
    tamper(grant, state="active", ended_at=None)

    assert gateway.call(caller, service).error == DENIED


def test_broken_grants_are_told_before_anybody_calls(world: World, gateway: GatewayProcess) -> None:
    caller, service = world.new_system(), world.new_service()
    grant = world.grant(caller, service, ["/ok"])
    tamper(grant, data_items=["/secret"])

    wait_for(lambda: f"exchange.grant.broken grant={grant.pk}" in gateway.log.read_text())


@pytest.mark.req("NIX-05")
def test_a_suspended_grant_does_not_work_until_it_is_lifted(
    world: World, gateway: GatewayProcess
) -> None:
    caller, service = world.allowed(["/ok"])
    grant = Grant.objects.get(consumer=caller.system)

    grants.suspend_grant(actor=world.operator, grant=grant)
    assert gateway.call(caller, service).error == DENIED
    grants.lift_suspension(actor=world.operator, grant=grant)
    assert gateway.call(caller, service).status == 200


def test_the_deed_enters_nothing_that_is_not_fully_signed(world: World) -> None:
    caller, service = world.new_system(), world.new_service()
    contract = grants.draft_contract(consumer=caller.system, service=service, terms=some_terms())
    hashed = content_hash(contract)
    secretariat = keys.secretariat_key(settings.KEYS)
    two = {
        "consumer": sign(hashed, caller.key, verdict="accept", signed_at=1),
        "secretariat": sign(hashed, secretariat, verdict="accept", signed_at=1),
    }

    with pytest.raises(ContractRefused, match="provider has not signed"):
        grants.activate_grant(actor=world.operator, contract=contract, signatures=two)
    assert not Grant.objects.filter(consumer=caller.system).exists()


def test_a_version_drafted_before_another_was_approved_is_refused(world: World) -> None:
    caller, service = world.new_system(), world.new_service()
    world.grant(caller, service, ["/a"])
    late = grants.draft_contract(consumer=caller.system, service=service, terms=some_terms())
    world.grant(caller, service, ["/b"])

    with pytest.raises(ContractRefused, match="meanwhile"):
        grants.activate_grant(
            actor=world.operator, contract=late, signatures=sign_all(world, late, caller.key)
        )


def test_a_system_without_a_key_takes_part_in_no_contract(world: World) -> None:
    caller = world.new_system()
    keyless = actions.register_system(
        actor=world.operator, member=world.member, code="keyless", name=NAMES
    )
    service = world.new_service(system=keyless)

    with pytest.raises(ContractRefused, match="no key"):
        world.grant(caller, service, ["/a"])


def test_a_contract_outlives_the_keys_that_signed_it(world: World, gateway: GatewayProcess) -> None:
    """Keys change (PRV-13); what was signed by the old one before stands."""
    caller, service = world.allowed(["/ok"])
    old = caller.system.keys.get()
    new = world.give_key(caller.system)
    actions.withdraw_key(actor=world.operator, key=old)
    caller.key = new

    assert gateway.call(caller, service).status == 200


def test_only_decision_makers_revoke_and_suspend(world: World) -> None:
    caller, _ = world.allowed()
    grant = Grant.objects.get(consumer=caller.system)
    auditor = Operator(name="Auditor", roles=["auditor"])
    for deed in (grants.revoke_grant, grants.suspend_grant, grants.lift_suspension):
        with pytest.raises(PermissionDenied), transaction.atomic():
            deed(actor=auditor, grant=grant)


def some_terms() -> Terms:
    return Terms(
        ["/a"],
        purpose={"code": "testing", "name": NAMES, "legal_basis": "002 art 10"},
        approval={"number": "1", "date": "2026-01-01", "body": NAMES, "row": ""},
        quota_per_minute=60,
    )


def sign_all(world: World, contract: dict[str, Any], consumer: SigningKey) -> dict[str, str]:
    hashed = content_hash(contract)
    held = {
        "consumer": consumer,
        "provider": world.keys[world.provider.x_road_id],
        "secretariat": keys.secretariat_key(settings.KEYS),
    }
    return {p: sign(hashed, k, verdict="accept", signed_at=1) for p, k in held.items()}


def wait_for(told: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not told():
        assert time.monotonic() < deadline
        time.sleep(0.05)
