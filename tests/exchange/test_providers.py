"""Providers that are down, slow, wrong or dishonest: whose fault it is, and nothing let through."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from collecting import Collected
from provider import Provider, Reply, breaks_off_after, hangs, http, says
from world import GatewayProcess, World

from panjereh.common.http_signatures import hmac_verifier, parse
from panjereh.exchange.directory.provider_keys import provider_key
from panjereh.exchange.gateway.lines import MAX_ANSWER
from panjereh.runtime.ports import free_port

FAILED = "server.serverproxy.service_failed"
SECRET = json.dumps({"ok": "secret"}).encode()


@pytest.mark.req("NIX-24")
@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (says(http(b"<html>secret</html>", content_type="text/html")), "content_type"),
        (says(http(b"<html>secret</html>")), "not_json"),
        (says(http(b'"secret"')), "not_json"),
        (says(http(b"null")), "not_json"),
        (says(http(b'{"ok": "secret"')), "not_json"),
        (says(http(b'{"ok": "\xff secret"}')), "not_json"),
        (says(http(b"[" * 100_000)), "not_json"),
        (says(http(b"secret", status=500, content_type="text/plain")), "content_type"),
        (says(http(b"", status=404)), "not_json"),
        (says(http(b"", status=302, location="http://elsewhere/")), "redirect"),
        (says(http(SECRET, content_encoding="gzip")), "encoding"),
        (says(http(SECRET, content_digest="sha-256=:AAAA:")), "digest"),
        (says(http(b"x" * 200_000, content_length=str(MAX_ANSWER + 1))), "answer_too_large"),
        (says(http(SECRET, Content_Length="7")), "invalid_http"),
        (says(b"secret, and no HTTP\r\n\r\n"), "invalid_http"),
        (says(http(SECRET, content_length="7")), "not_json"),
        (breaks_off_after(http(SECRET, content_length="700")), ""),
        (breaks_off_after(b""), ""),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_answer_that_is_not_what_it_should_be_is_withheld(
    world: World,
    gateway: GatewayProcess,
    provider: Provider,
    collected: Collected,
    reply: Reply,
    kind: str,
) -> None:
    caller, service = world.allowed(["/ok"])
    provider.behave(reply)

    answer = gateway.call(caller, service)

    assert answer.status == 500
    assert answer.error.startswith(f"{FAILED}.{kind}")
    assert answer.json["cause"] == "provider"
    assert b"secret" not in answer.body
    record = collected.one(caller)
    assert (record.status, record.cause, record.error_code) == (500, "provider", answer.error)
    assert record.response_digest == ""


@pytest.mark.req("NIX-24")
def test_a_provider_that_is_down(
    world: World, gateway: GatewayProcess, collected: Collected
) -> None:
    down = world.new_system(base_url=f"http://127.0.0.1:{free_port()}")
    key_of(world, down.system.code)
    service = world.new_service(system=down.system)
    caller = world.new_system()
    world.grant(caller, service, ["/ok"])

    answer = gateway.call(caller, service)

    assert answer.error == f"{FAILED}.network_error"
    assert collected.one(caller).cause == "provider"


@pytest.mark.req("NIX-24")
def test_a_provider_that_hangs_is_left_at_the_deadline_of_its_service(
    world: World, gateway: GatewayProcess, provider: Provider, collected: Collected
) -> None:
    caller, service = world.new_system(), world.new_service(deadline_seconds=0.3)
    world.grant(caller, service, ["/ok"])
    provider.behave(hangs(2))
    began = time.monotonic()

    answer = gateway.call(caller, service)

    assert time.monotonic() - began < 1.5
    assert answer.error == f"{FAILED}.timeout"
    record = collected.one(caller)
    assert record.cause == "provider"
    assert (record.finished_at - record.received_at).total_seconds() >= 0.3


def test_a_provider_that_drips_its_answer_is_left_at_the_deadline_too(
    world: World, gateway: GatewayProcess, provider: Provider
) -> None:
    caller, service = world.new_system(), world.new_service(deadline_seconds=0.5)
    world.grant(caller, service, ["/ok"])

    def drip(wire: Any) -> None:
        for octet in http(SECRET, content_length="100"):
            time.sleep(0.05)
            wire.sendall(bytes([octet]))

    provider.behave(drip)
    began = time.monotonic()

    assert gateway.call(caller, service).error == f"{FAILED}.timeout"
    assert time.monotonic() - began < 2


@pytest.mark.req("NIX-31")
def test_a_provider_without_a_file_has_a_key_of_its_own_made_from_the_installations_secret(
    world: World, gateway: GatewayProcess, provider: Provider
) -> None:
    newcomer = world.new_system(base_url=provider.url)
    service = world.new_service(system=newcomer.system)
    caller = world.new_system()
    world.grant(caller, service, ["/ok"])
    provider.behave()

    gateway.call(caller, service)

    key = provider_key(world.home / "keys", newcomer.system.code)
    assert key != provider_key(world.home / "keys", caller.system.code)
    seen = provider.asked[-1]
    claim = parse("POST", seen.target, seen.headers)
    assert claim.keyid == newcomer.system.code
    claim.check(hmac_verifier(key))


def test_an_answer_in_chunks_is_cut_like_any_other(
    world: World, gateway: GatewayProcess, provider: Provider
) -> None:
    caller, service = world.allowed(["/ok"])
    head = (
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    provider.behave(says(head + b'7\r\n{"ok":1\r\na\r\n,"more":2}\r\n0\r\n\r\n'))

    assert gateway.call(caller, service).json == {"ok": 1}


def test_retry_after_of_the_provider_reaches_the_caller(
    world: World, gateway: GatewayProcess, provider: Provider
) -> None:
    caller, service = world.allowed(["/ok"])
    busy = http(
        b'{"code":"busy"}', status=503, content_type="application/problem+json", retry_after="7"
    )
    provider.behave(says(busy))

    answer = gateway.call(caller, service)

    assert (answer.status, answer.headers["retry-after"]) == (503, "7")


def test_one_hanging_provider_does_not_hold_up_the_others(
    world: World, gateway: GatewayProcess, provider: Provider, in_threads: Callable[..., list[Any]]
) -> None:
    slow_caller, slow = world.new_system(), world.new_service(deadline_seconds=2)
    world.grant(slow_caller, slow, ["/ok"])
    caller, service = world.allowed(["/ok"])
    gateway.catch_up()
    normal = provider.reply

    def by_service(wire: Any) -> None:
        last = provider.asked[-1]
        (hangs(3) if last.target.endswith(slow.code) else normal)(wire)

    provider.behave(by_service)

    def quick() -> float:
        time.sleep(0.3)
        began = time.monotonic()
        assert gateway.call_at_once(caller, service).status == 200
        return time.monotonic() - began

    slow_call = [lambda: gateway.call_at_once(slow_caller, slow).error] * 20
    outcomes = in_threads(*slow_call, quick)

    assert outcomes[-1] < 1
    assert set(outcomes[:-1]) == {f"{FAILED}.timeout"}


def key_of(world: World, system: str) -> None:
    (world.home / "keys" / "providers" / f"{system}.hmac").write_text("00" * 32)
