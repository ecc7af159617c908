"""The exchange of the sandbox with its real grants and keys, a gateway process, and the sites that
publishers and the exchange itself answer at."""

import asyncio
import http.client
import itertools
import os
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import nats
import psycopg
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.test.testcases import LiveServerThread
from noting import noted
from psycopg.errors import DeadlockDetected

from panjereh.common.events import Event, subscriptions
from panjereh.common.outbox.actions import deliver
from panjereh.common.outbox.models import InboxEvent, OutboxEvent
from panjereh.exchange.feeds.actions import tell_subscribers
from panjereh.exchange.jobs import collect_batch, database_dsn, subscribe
from panjereh.exchange.models import PolicyState
from panjereh.registries.civil import amendments
from panjereh.registries.civil.models import Person
from panjereh.registries.civil.numbers import national_id
from panjereh.runtime.environment import environment
from panjereh.sandbox.feeds import open_feeds
from panjereh.sandbox.seed import exchange as seed
from panjereh.sdk import exchange as sdk
from panjereh.sdk.feeds.following import index
from panjereh.sdk.feeds.following.jobs import follow_all
from panjereh.sdk.feeds.following.queries import opened
from panjereh.sdk.feeds.publishing.actions import publish_waiting

CHANGED, DECEASED = "civil-registry/changed-identity", "civil-registry/deceased"
OF_FEEDS = ("feed_", "feeds_", "noted", "outbox_", "civil_", "privatisation_", "exchange_callrec")
_people = itertools.count(1)


class Country:
    def __init__(self, nats_url: str) -> None:
        self.env, self.nats_url = environment(), nats_url
        self.log = self.env.home / "gateway.log"
        self.gateway: subprocess.Popen[bytes] | None = None
        self.sites: list[LiveServerThread] = []

    def __enter__(self) -> "Country":
        self.env.home.mkdir(parents=True, exist_ok=True)
        seed.seed(0)
        for site in ("registries", "operator"):
            self.sites.append(_served(self.env.port(site)))
        self._start_gateway()
        return self

    def __exit__(self, *_: object) -> None:
        for site in self.sites:
            site.terminate()
        if self.gateway:
            self.gateway.terminate()
            self.gateway.wait(20)

    def _start_gateway(self) -> None:
        with self.log.open("wb") as output:
            self.gateway = subprocess.Popen(
                [sys.executable, "-m", "panjereh.runtime.serve", "exchange"],
                env=self.outside(),
                stdout=output,
                stderr=output,
            )
        self.gateway_knows_all()

    def outside(self) -> dict[str, str]:
        """Surroundings of a process that works on this database and this gateway."""
        params = connection.get_connection_params()
        url = f"postgresql:///{params['dbname']}?host={params['host']}&user={params['user']}"
        return {
            **os.environ,
            "PANJEREH_EXCHANGE_DATABASE_URL": url,
            "PANJEREH_NATS_URL": self.nats_url,
        }

    def gateway_knows_all(self) -> None:
        wanted, deadline = PolicyState.objects.get().version, time.monotonic() + 20
        while self._policy() < wanted:
            assert time.monotonic() < deadline, self.log.read_text()[-3000:]
            time.sleep(0.05)

    def _policy(self) -> int:
        wire = http.client.HTTPConnection("127.0.0.1", self.env.port("exchange"), timeout=5)
        try:
            wire.request("GET", "/health")
            answer = wire.getresponse()
            body = msgspec.json.decode(answer.read())
            return int(body["policy"]) if answer.status == 200 else -1
        except (OSError, ValueError):
            return -1
        finally:
            wire.close()

    def open_feeds(self) -> None:
        open_feeds()
        carry()
        tell_subscribers()
        carry()

    def speak_as(self, system: str) -> None:
        """The subscriber of this process is that system from now on."""
        settings.EXCHANGE_SYSTEM = system
        for known in (sdk._identity, sdk._client, sdk._directory, opened):
            known.cache_clear()

    def follow(self) -> bool:
        """The subscriber catches up; the exchange hears how far it came."""
        well = follow_all()
        carry()
        return well

    def records(self, at_least: int) -> None:
        """Wait until the collector would have kept so many records, and keep them."""
        asyncio.run(_collected(self.nats_url, at_least))


def _served(port: int) -> LiveServerThread:
    server = LiveServerThread("127.0.0.1", static_handler=lambda handler: handler, port=port)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    return server


async def _collected(url: str, at_least: int) -> None:
    client = await nats.connect(url)
    consumer = await subscribe(client.jetstream())
    async with await psycopg.AsyncConnection.connect(database_dsn()) as wire:
        kept, deadline = 0, time.monotonic() + 10
        while kept < at_least and time.monotonic() < deadline:
            kept += await collect_batch(wire, consumer)
    await client.close()


def carry() -> list[str]:
    """Bring every event of the outbox to its handlers, as relay and stream would; their types."""
    carried = []
    while rows := list(OutboxEvent.objects.filter(published_at=None).order_by("pk")):
        for row in rows:
            event = msgspec.json.decode(bytes(row.body), type=Event)
            for subscription in subscriptions():
                if subscription.event_type == event.type:
                    deliver(subscription, event)
            OutboxEvent.objects.filter(pk=row.pk).update(published_at=event.time)
            carried.append(event.type)
    return carried


def empty() -> None:
    """Nobody lives here, nobody has changed, nobody was told of."""
    with connection.cursor() as cursor:
        tables = [t for t in connection.introspection.table_names(cursor) if t.startswith(OF_FEEDS)]
        _truncate(cursor, tables)
    InboxEvent.objects.all().delete()


def _truncate(cursor: CursorWrapper, tables: list[str]) -> None:
    """A gateway that reads its policy locks the same tables in another order; one of the two has
    to begin again, and PostgreSQL says which."""
    for _ in range(10):
        try:
            cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")
        except OperationalError as error:
            if not isinstance(error.__cause__, DeadlockDetected):
                raise
        else:
            return
    raise AssertionError("the tables of the feeds are never free")


def person(**facts: Any) -> Person:
    defaults = {
        "national_id": national_id("992", next(_people)),
        "given_name": "سپیده",
        "family_name": "مهرجو",
        "father_name": "کاوه",
        "birth_date": date(1995, 4, 3),
        "birth_place": "تهران",
        "sex": "female",
    }
    return Person.objects.create(**(defaults | facts))


def customer(**facts: Any) -> Person:
    """A person whom the subscriber serves."""
    found = person(**facts)
    index.know_customer(found.pk)
    return found


def change(who: Person, **data: Any) -> None:
    amendments.record_identity_change(
        national_id=who.pk,
        data=data or {"family_name": f"نام {next(_people)}"},
        actor="office 17",
        reason="decision 12",
    )


def publish(feed: str = CHANGED) -> int:
    """Close a file of what waits; its number."""
    page = publish_waiting(feed)
    carry()
    return page.sequence if page else 0


def told() -> list[str]:
    return [who for who, _ in noted()]


def commit_outside(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


HERE = Path(__file__).parent
