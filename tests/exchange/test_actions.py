"""The operator's deeds: who may, what is checked, and that each is one ordered version."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, connection, transaction
from world import APPROVAL, NAMES, World

from panjereh.common.identifiers import InvalidIdentifier
from panjereh.common.outbox.models import OutboxEvent
from panjereh.exchange import actions
from panjereh.exchange.approvals.actions.grants import revoke_grant
from panjereh.exchange.models import Grant, Operator, PolicyChange, PolicyState


@pytest.fixture
def rolled_back(world: World) -> Any:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.req("NIX-05", "PRV-15")
def test_a_grant_keeps_its_approval_purpose_and_legal_basis(world: World) -> None:
    caller, service = world.new_system(), world.new_service()

    grant = world.grant(caller, service, ["/a"])

    grant.refresh_from_db()
    assert (grant.approval_number, grant.approval_date) == ("1", date(2026, 1, 1))
    assert (grant.purpose, grant.legal_basis) == ("testing", "002 art 10")
    assert (grant.version, grant.state, grant.data_items) == (1, "active", ["/a"])


@pytest.mark.req("NIX-05")
def test_a_grant_without_an_approval_is_refused_by_the_database(
    world: World, rolled_back: None
) -> None:
    caller, service = world.new_system(), world.new_service()

    with pytest.raises(IntegrityError, match="grant_has_approval"):
        world.grant(caller, service, approval={**APPROVAL, "number": ""})


def test_a_data_item_that_is_no_pointer_is_refused(world: World) -> None:
    caller, service = world.new_system(), world.new_service()

    with pytest.raises(ValueError, match="begins with a slash"):
        world.grant(caller, service, ["given_name"])


@pytest.mark.req("NIX-05")
def test_a_change_is_a_new_version_and_the_old_one_stays_as_it_was(world: World) -> None:
    caller, service = world.new_system(), world.new_service()
    first = world.grant(caller, service, ["/a"])

    second = world.grant(caller, service, ["/a", "/b"])

    first.refresh_from_db()
    assert (first.state, first.data_items) == ("obsolete", ["/a"])
    assert first.ended_at is not None
    assert (second.series, second.version) == (first.series, 2)


@pytest.mark.req("NIX-05")
@pytest.mark.parametrize(
    "change",
    [
        {"data_items": ["/a", "/everything"]},
        {"quota_per_minute": 10**6},
        {"approval_number": "2"},
        {"not_after": None, "consumer_id": 1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_database_itself_refuses_to_change_a_grant(
    world: World, rolled_back: None, change: dict[str, Any]
) -> None:
    grant = world.grant(world.new_system(), world.new_service(), ["/a"])

    with pytest.raises(DatabaseError, match="never changed"):
        Grant.objects.filter(pk=grant.pk).update(**change)


def test_the_database_itself_refuses_to_revive_or_delete_a_grant(world: World) -> None:
    grant = world.grant(world.new_system(), world.new_service(), ["/a"])
    revoke_grant(actor=world.operator, grant=grant)

    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Grant.objects.filter(pk=grant.pk).update(state="active")
    with pytest.raises(DatabaseError, match="never deleted"), transaction.atomic():
        Grant.objects.filter(pk=grant.pk).delete()


def test_grants_are_told_as_events_in_the_transaction_that_made_them(world: World) -> None:
    grant = world.grant(world.new_system(), world.new_service(), ["/a"])
    revoke_grant(actor=world.operator, grant=grant)

    told = [bytes(e.body) for e in OutboxEvent.objects.filter(type__startswith="exchange.grant")]

    assert sum(str(grant.series).encode() in body for body in told) == 2


def test_every_deed_says_who_did_it(world: World) -> None:
    system = world.new_system().system
    actions.disable_system(actor=world.operator, system=system)
    actions.enable_system(actor=world.operator, system=system)
    actions.move_system(actor=world.operator, system=system, base_url="http://127.0.0.1:1")

    history = PolicyChange.objects.filter(subject=system.x_road_id).order_by("version")

    assert [change.deed for change in history] == [
        "system.registered",
        "key.added",
        "system.disabled",
        "system.enabled",
        "system.moved",
    ]
    assert {change.actor for change in history} == {"Tester"}


def test_only_an_active_operator_may_act(world: World, rolled_back: None) -> None:
    caller, service = world.allowed()
    grant = Grant.objects.get(consumer=caller.system, service=service)
    dismissed = Operator(name="Dismissed", active=False)
    before = PolicyState.objects.get().version
    deeds: list[Any] = [
        lambda: actions.appoint_operator(actor=dismissed, national_id="1", name="x"),
        lambda: actions.change_roles(actor=dismissed, operator=world.operator, roles=["auditor"]),
        lambda: actions.dismiss_operator(actor=dismissed, operator=world.operator),
        lambda: actions.appoint_representative(
            actor=dismissed, member=world.member, national_id="1", name="x"
        ),
        lambda: actions.register_member(
            actor=dismissed, instance="IR", member_class="GOV", code="14003142876", name=NAMES
        ),
        lambda: actions.register_system(actor=dismissed, member=world.member, code="x", name=NAMES),
        lambda: actions.move_system(actor=dismissed, system=caller.system, base_url=""),
        lambda: actions.disable_system(actor=dismissed, system=caller.system),
        lambda: actions.enable_system(actor=dismissed, system=caller.system),
        lambda: actions.add_key(actor=dismissed, system=caller.system, public_key="00" * 32),
        lambda: actions.withdraw_key(actor=dismissed, key=caller.system.keys.get()),
        lambda: actions.register_service(
            actor=dismissed, system=caller.system, code="x", title=NAMES
        ),
        lambda: actions.disable_service(actor=dismissed, service=service, notice=""),
        lambda: actions.enable_service(actor=dismissed, service=service),
        lambda: world.grant(caller, service, actor=dismissed),
        lambda: revoke_grant(actor=dismissed, grant=grant),
    ]

    for deed in deeds:
        with pytest.raises(PermissionDenied):
            deed()
    assert PolicyState.objects.get().version == before
    grant.refresh_from_db()
    assert grant.state == "active"


def test_the_first_operator_opens_the_exchange_and_nobody_after(world: World) -> None:
    again = actions.appoint_first_operator(national_id="0012345679", name="Tester")
    assert again == world.operator

    with pytest.raises(PermissionDenied):
        actions.appoint_first_operator(national_id="0023456782", name="Intruder")
    assert not Operator.objects.filter(name="Intruder").exists()


def test_an_operator_is_kept_without_the_national_id(world: World) -> None:
    assert "0012345679" not in world.operator.national_id_hash
    assert len(world.operator.national_id_hash) == 64


def test_a_member_needs_a_legal_id_with_its_check_digit(world: World) -> None:
    with pytest.raises(InvalidIdentifier):
        actions.register_member(
            actor=world.operator,
            instance="IR-TEST",
            member_class="GOV",
            code="14003142877",
            name=NAMES,
        )


def test_what_is_no_public_key_is_refused(world: World) -> None:
    for text in ("", "00", "zz" * 32):
        with pytest.raises(ValueError):
            actions.add_key(actor=world.operator, system=world.provider, public_key=text)


def test_deeds_at_the_same_time_make_versions_without_a_gap(world: World) -> None:
    system = world.new_system().system
    before = PolicyState.objects.get().version

    def toggle(_: int) -> None:
        try:
            actions.enable_system(actor=world.operator, system=system)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(toggle, range(18)))

    versions = list(
        PolicyChange.objects.filter(version__gt=before)
        .order_by("version")
        .values_list("version", flat=True)
    )
    assert versions == list(range(before + 1, before + 19))
    assert PolicyState.objects.get().version == before + 18
