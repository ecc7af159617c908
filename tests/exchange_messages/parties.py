"""This process in the role of any system, through the SDK and by hand."""

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import nats
import pytest
from asgiref.sync import sync_to_async
from exchange.world import Answer, Caller, GatewayProcess, World
from nacl.signing import SigningKey
from nats.js.errors import NotFoundError
from pytest_django import Settings

from panjereh.common import clock
from panjereh.exchange import actions
from panjereh.exchange.jobs import collect_records
from panjereh.exchange.messages.jobs import keep_messages
from panjereh.exchange.messages.models import Ending, Message
from panjereh.exchange.models import CallRecord, Service, System
from panjereh.exchange.records import DURABLE, STREAM
from panjereh.sdk import exchange, messages


@dataclass
class Parties:
    world: World
    gateway: GatewayProcess
    settings: Settings
    monkeypatch: pytest.MonkeyPatch

    def __post_init__(self) -> None:
        self.monkeypatch.setattr(exchange, "_directory", self._directory)

    def _directory(self) -> dict[str, str]:
        return {system.code: system.x_road_id for system in System.objects.select_related("member")}

    def be(self, caller: Caller) -> None:
        """From now on the SDK calls as this system."""
        code = caller.system.code
        key: SigningKey = caller.key
        (self.world.home / "keys" / "systems" / f"{code}.ed25519").write_text(key.encode().hex())
        self.settings.EXCHANGE_SYSTEM = code
        self.monkeypatch.setattr(exchange, "_identity", lambda: (caller.x_road_id, key))
        messages._keys.cache_clear()

    def sender_to(self, service: Service, **terms: Any) -> Caller:
        """A new system that may send messages to the service, and is us."""
        caller = self.world.new_system()
        self.world.grant(caller, service, [], form="message", **terms)
        self.be(caller)
        self.gateway.catch_up()
        return caller

    def pulling(self) -> tuple[Caller, Service]:
        """A receiver without an address."""
        receiver = self.world.new_system()
        service = actions.register_service(
            actor=self.world.operator,
            system=receiver.system,
            code="news",
            title={"fa": "خبر", "en": "News"},
        )
        return receiver, service

    def post(self, caller: Caller, target: str, body: Any, **headers: Any) -> Answer:
        payload = json.dumps(body).encode()
        signed = caller.signed("POST", target, payload, **headers)
        return self.gateway.send("POST", target, payload, signed)

    def box(self, caller: Caller, deed: str, body: Any) -> Answer:
        return self.post(caller, f"/v1/messages/{deed}", body)


def until(true: Callable[[], Any], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, true
        time.sleep(0.05)


def leases_end() -> None:
    """As if the time of every lease and pause were over."""
    Message.objects.filter(state=Message.State.WAITING).update(due_at=clock.now())


def records_of(sender: Caller, nats_url: str) -> list[CallRecord]:
    """In the order in which they came in, once everything about messages was told."""
    asyncio.run(_tell_and_collect(nats_url))
    return list(CallRecord.objects.filter(consumer=sender.x_road_id).order_by("finished_at"))


async def _until_all_is_told(nats_url: str) -> None:
    client = await nats.connect(nats_url)
    while await sync_to_async(Ending.objects.filter(published_at=None).exists)():
        await asyncio.sleep(0.05)
    while True:
        await asyncio.sleep(0.1)
        with suppress(NotFoundError):
            info = await client.jetstream().consumer_info(STREAM, DURABLE)
            if not info.num_pending and not info.num_ack_pending:
                break
    await client.close()


async def _tell_and_collect(nats_url: str) -> None:
    from django.test import override_settings

    stop = asyncio.Event()
    with override_settings(NATS_URL=nats_url):
        jobs = [asyncio.create_task(job(stop)) for job in (keep_messages, collect_records)]
        await _until_all_is_told(nats_url)
        stop.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*jobs), 10)
