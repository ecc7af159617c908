"""Promise 1: the exchange keeps nothing of what was exchanged. A canary sent through is searched
for in every table, the stream's files and every log (001 art 31(4), 002 art 10(3))."""

import asyncio
from pathlib import Path
from typing import Any

import nats as nats_client
import pytest
from collecting import Collected
from django.apps import apps
from django.db import connection
from provider import Provider, says_json
from world import GatewayProcess, World, suite_database_url

from panjereh.runtime.embedded import Nats

CANARY = "canary-6f1d"


@pytest.mark.req("NIX-03", "PRV-01")
def test_a_canary_is_found_in_no_table_stream_or_log(
    world: World, nats: Nats, provider: Provider, tmp_path: Path
) -> None:
    seen: list[bytes] = []
    with GatewayProcess(world.home, suite_database_url(), nats.url) as gateway:
        listener = Listener(nats.url, seen)
        calls_with_canary(world, gateway, provider)
        listener.stop()
        stream = b"".join(seen)
        files = [gateway.log.read_bytes()] + [
            file.read_bytes() for file in nats.folder.rglob("*") if file.is_file()
        ]
    Collected(nats.url).of(world.new_system())

    assert stream.count(b"request_id") >= 5  # it is the records that were looked at
    for place in (stream, *files, *tables()):
        assert CANARY.encode() not in place


def calls_with_canary(world: World, gateway: GatewayProcess, provider: Provider) -> None:
    """In the body, the answer, the path, the query, the user, a refused call, and every error."""
    endpoints = [{"method": "POST", "path": "/{id}"}, {"method": "POST", "path": "/"}]
    caller, service = world.new_system(), world.new_service(endpoints=endpoints)
    world.grant(caller, service, ["/secret"])
    body = {"q": CANARY}
    headers = {"x_road_userid": f"IR{CANARY}", "idempotency_key": CANARY, "accept": CANARY}
    provider.behave(says_json({"secret": CANARY, "cut": CANARY}))
    good = gateway.call(caller, service, body, path=f"/{CANARY}?q={CANARY}", **headers)
    assert CANARY in good.body.decode()
    provider.behave(says_json({"code": CANARY, "detail": CANARY}, status=409))
    assert gateway.call(caller, service, body, **headers).status == 409
    provider.behave(says_json(CANARY))
    assert gateway.call(caller, service, body, **headers).status == 500
    assert gateway.call(caller, service, CANARY.encode(), **headers).status == 500
    refused = gateway.call(caller, service, body, path=f"/{CANARY}/{CANARY}", **headers)
    assert refused.status == 500
    assert gateway.call(caller, service, body, created=1, **headers).status == 400
    unsigned = {"x-road-client": CANARY, "x-road-id": CANARY}
    assert gateway.send("POST", f"/r1/{CANARY}?{CANARY}", b"{}", unsigned).status == 400


class Listener:
    """Sees every message on the stream as it passes, for those kept are soon collected."""

    def __init__(self, url: str, seen: list[bytes]) -> None:
        self._loop = asyncio.new_event_loop()
        self._client: Any = None
        self._loop.run_until_complete(self._start(url, seen))

    async def _start(self, url: str, seen: list[bytes]) -> None:
        self._client = await nats_client.connect(url)

        async def keep(message: Any) -> None:
            seen.append(message.data)

        await self._client.subscribe("records.>", cb=keep)
        await self._client.flush()

    def stop(self) -> None:
        async def drain() -> None:
            await self._client.flush()
            await self._client.drain()

        self._loop.run_until_complete(drain())
        self._loop.close()


def tables() -> list[bytes]:
    with connection.cursor() as cursor:
        texts = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT t::text FROM {connection.ops.quote_name(table)} t")
            texts.append("\n".join(row[0] for row in cursor.fetchall()).encode())
    assert any(b"system-" in text for text in texts)
    return texts


@pytest.mark.req("NIX-03")
def test_every_column_says_what_it_holds() -> None:
    silent = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_app_config("exchange").get_models()
        for field in model._meta.get_fields()
        if field.concrete and not field.auto_created and not getattr(field, "help_text", "")
    ]
    assert silent == []
