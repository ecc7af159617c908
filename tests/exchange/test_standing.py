"""A service that ends tells so, ends on its day, and lasts longer for who was given more time."""

from datetime import timedelta

import pytest
from django.db import transaction
from provider import Provider
from world import Caller, GatewayProcess, World

from panjereh.common import clock
from panjereh.exchange.actions import new_version
from panjereh.exchange.directory import actions
from panjereh.exchange.directory.models import Withdrawal
from panjereh.exchange.models import Service

NOTICE = {"fa": "نسخه دوم را به کار ببرید.", "en": "use the second version"}


def announce(world: World, service: Service, successor: Service | None = None) -> Withdrawal:
    return actions.announce_withdrawal(
        actor=world.operator,
        service=service,
        ends_at=clock.now() + timedelta(days=100),
        notice=NOTICE,
        successor=successor,
    )


def let_the_day_come(world: World, withdrawal: Withdrawal) -> None:
    now = clock.now()
    with transaction.atomic():
        Withdrawal.objects.filter(pk=withdrawal.pk).update(
            announced_at=now - timedelta(days=100), ends_at=now - timedelta(seconds=1)
        )
        new_version(world.operator, "test.day-came", "the clock of the test")


@pytest.fixture
def used(world: World, provider: Provider) -> tuple[Caller, Caller, Service]:
    """Two consumers of one service."""
    provider.behave()
    service = world.new_service()
    first, second = world.new_system(), world.new_system()
    for caller in (first, second):
        world.grant(caller, service, ["/ok"])
    return first, second, service


@pytest.mark.req("NIX-36")
def test_every_answer_tells_that_the_service_ends_and_what_comes_instead(
    world: World, gateway: GatewayProcess, used: tuple[Caller, Caller, Service]
) -> None:
    caller, _, service = used
    assert "sunset" not in gateway.call(caller, service).headers

    successor = world.new_service()
    withdrawal = announce(world, service, successor)
    headers = gateway.call(caller, service).headers

    assert headers["deprecation"] == f"@{int(withdrawal.announced_at.timestamp())}"
    assert headers["sunset"].endswith("GMT")
    assert headers["link"] == f'</r1/{successor.x_road_id}>; rel="successor-version"'


@pytest.mark.req("NIX-36")
def test_after_its_day_it_answers_only_whom_it_was_extended_for(
    world: World, gateway: GatewayProcess, used: tuple[Caller, Caller, Service]
) -> None:
    first, second, service = used
    withdrawal = announce(world, service)
    extension = actions.ask_extension(
        actor=world.operator, withdrawal=withdrawal, consumer=second.system, reason="Not ready"
    )
    actions.answer_extension(
        actor=world.operator, extension=extension, until=clock.now() + timedelta(days=300)
    )
    let_the_day_come(world, withdrawal)

    ended = gateway.call(first, service)
    assert ended.error == "server.serverproxy.service_disabled"
    assert NOTICE["en"] in ended.json["message"]
    assert gateway.call(second, service).status == 200


@pytest.mark.req("NIX-36")
def test_a_withdrawal_that_is_cancelled_leaves_no_trace_on_the_wire(
    world: World, gateway: GatewayProcess, used: tuple[Caller, Caller, Service]
) -> None:
    caller, _, service = used
    withdrawal = announce(world, service)
    actions.cancel_withdrawal(actor=world.operator, withdrawal=withdrawal)

    assert "sunset" not in gateway.call(caller, service).headers
