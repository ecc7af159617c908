"""The state of a service is told by its calls, its switch and, without calls, its provider."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from parties import Parties
from traffic import DENIED, TIMEOUT, Books, failed, record

from panjereh.common import clock
from panjereh.exchange.evidence.outside import build_client
from panjereh.exchange.models import Service
from panjereh.exchange.monitoring import actions, jobs
from panjereh.exchange.monitoring.boards import grants_in_use, services_of
from panjereh.exchange.monitoring.live import State, live
from panjereh.exchange.monitoring.models import Probe
from panjereh.exchange.monitoring.periods import midnight, period

BROKEN = "server.serverproxy.service_failed.not_json"


def state_of(service: Service) -> State:
    found = {one.service.pk: one for one in live(services_of(), clock.now())}
    return found[service.pk].state


def calls(nation: Parties, good: int = 0, code: str = "", bad: int = 0, **facts: Any) -> list[Any]:
    who = {"consumer": nation.window.x_road_id, "provider": nation.registry.x_road_id}
    cause = "consumer" if code == DENIED else "provider"
    spoilt = [failed(cause, code, **who) for _ in range(bad)]
    return [record(**who, **facts) for _ in range(good)] + spoilt


@pytest.mark.req("NIX-24", "NIX-40")
@pytest.mark.parametrize(
    ("good", "code", "bad", "milliseconds", "state"),
    [
        (10, "", 0, 5, State.UP),
        (10, "", 0, 3000, State.SLOW),  # two seconds are promised
        (7, BROKEN, 3, 5, State.FAILING),
        (3, BROKEN, 1, 5, State.UP),  # too few to say so
        (0, TIMEOUT, 2, 5, State.AWAY),
        (5, "server.serverproxy.service_failed.circuit_open", 2, 5, State.CIRCUIT_OPEN),
        (10, DENIED, 90, 5, State.UP),  # the consumer's own mistakes
        (0, DENIED, 9, 5, State.QUIET),
        (0, "", 0, 5, State.QUIET),
    ],
)
def test_a_services_state_follows_its_calls(
    books: Books,
    nation: Parties,
    good: int,
    code: str,
    bad: int,
    milliseconds: int,
    state: State,
) -> None:
    books.keep(calls(nation, good, code, bad, milliseconds=milliseconds))

    assert state_of(nation.person) == state


@pytest.mark.req("NIX-24")
def test_what_was_switched_off_is_told_so_whatever_its_calls_say(
    books: Books, nation: Parties
) -> None:
    books.keep(calls(nation, 10))
    Service.objects.filter(pk=nation.person.pk).update(enabled=False, notice="Back on Saturday")

    assert state_of(nation.person) == State.OFF


def test_calls_of_an_hour_ago_say_nothing_of_this_moment(books: Books, nation: Parties) -> None:
    hour_ago = clock.now() - timedelta(hours=1)
    who = {"consumer": nation.window.x_road_id, "provider": nation.registry.x_road_id}
    books.keep([failed("provider", TIMEOUT, hour_ago, **who) for _ in range(9)])

    assert state_of(nation.person) == State.QUIET


@pytest.mark.req("NIX-38", "NIX-40")
def test_a_promise_counts_what_was_never_answered_as_broken(books: Books, nation: Parties) -> None:
    books.keep(calls(nation, 8, TIMEOUT, 2, milliseconds=10))

    (one,) = [x for x in live(services_of(), clock.now()) if x.service == nation.person]
    assert one.promise == 2000
    assert one.kept_promise == pytest.approx(0.8)
    assert one.figures.unanswered == 2


@contextmanager
def provider_that_answers(status: int) -> Iterator[str]:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/health" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/registry"
        server.shutdown()
        thread.join()


def ask(*probes: Probe) -> list[actions.Told]:
    urls = [probe.url for probe in probes]

    async def asked() -> list[actions.Told]:
        async with build_client() as client:
            return [await jobs._ask(client, url) for url in urls]

    told = asyncio.run(asked())
    for probe, one in zip(probes, told, strict=True):
        actions.note_health(probe, one, clock.now())
    return told


@pytest.mark.req("NIX-24")
@pytest.mark.parametrize(
    ("status", "healthy", "state"), [(200, True, State.QUIET), (503, False, State.AWAY)]
)
def test_without_calls_the_provider_itself_is_asked(
    nation: Parties, status: int, healthy: bool, state: State
) -> None:
    with provider_that_answers(status) as url:
        nation.registry.base_url = url
        nation.registry.save()
        probe = actions.offer_health(actor=nation.operator, system=nation.registry, path="/health")
        ask(probe)

    assert Probe.objects.get().healthy is healthy
    assert state_of(nation.person) == state


def test_a_provider_that_cannot_be_reached_is_away(nation: Parties) -> None:
    probe = actions.offer_health(actor=nation.operator, system=nation.registry, path="/health")
    ask(probe)

    assert state_of(nation.person) == State.AWAY


def test_since_when_stays_while_the_provider_tells_the_same(nation: Parties) -> None:
    probe = actions.offer_health(actor=nation.operator, system=nation.registry, path="/health")
    ask(probe)
    first = Probe.objects.get()
    ask(first)

    assert Probe.objects.get().since == first.since
    assert Probe.objects.get().asked_at > first.asked_at


@pytest.mark.req("PRV-01")
def test_a_member_names_the_health_page_of_its_own_system_only(nation: Parties) -> None:
    own = actions.offer_health(actor=nation.provider_side, system=nation.registry, path="/health")
    assert own.url == "http://127.0.0.1:9/health"

    for deed in (
        lambda: actions.offer_health(
            actor=nation.consumer_side, system=nation.registry, path="/health"
        ),
        lambda: actions.withdraw_health(actor=nation.consumer_side, system=nation.registry),
    ):
        with pytest.raises(PermissionDenied):
            deed()
    actions.withdraw_health(actor=nation.provider_side, system=nation.registry)
    assert not Probe.objects.exists()


@pytest.mark.parametrize(
    "path", ["health", "//evil.example/", "/a b", "/x?y=1", "/a\n", "http://evil.example/", ""]
)
def test_the_exchange_is_not_sent_elsewhere_by_a_path(nation: Parties, path: str) -> None:
    with pytest.raises(actions.PathRefused):
        actions.offer_health(actor=nation.operator, system=nation.registry, path=path)


@pytest.mark.req("NIX-24")
def test_the_use_of_a_quota_is_the_busiest_minute_and_the_day(
    books: Books, nation: Parties
) -> None:
    who = {"consumer": nation.window.x_road_id, "provider": nation.registry.x_road_id}
    minute = clock.now().replace(second=10)
    earlier = minute - timedelta(minutes=5)
    books.keep([record(at, **who, grant_id=nation.grant.pk) for at in [minute] * 7 + [earlier] * 3])

    today = midnight(clock.now())
    (use,) = grants_in_use(period("day", clock.now()), today, nation.window.member)
    assert (use.busiest_minute, use.minute_share) == (7, 0.07)
    assert use.figures.calls == 10
    assert grants_in_use(period("day", clock.now()), today, nation.foreign.member) == []
