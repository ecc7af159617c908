"""Callers known by mutual TLS: whose certificate opens what, and what ends it at once."""

import http.client
import shutil
import ssl
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from collecting import Collected
from cryptography.hazmat.primitives.serialization import Encoding
from nacl.signing import SigningKey
from provider import Provider
from tls import Channel, Key, accept, alert, authority_of, certified, ed, p256, rsa2048
from world import GatewayProcess, World

from panjereh.exchange import actions
from panjereh.exchange.models import Service
from panjereh.sandbox.channel_keys import new_authority, write_certificate, write_key

NOT_AUTHENTICATED = "client.authentication_failed"
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def known(
    world: World, gateway: GatewayProcess, provider: Provider, tmp_path: Path
) -> tuple[Channel, Service]:
    caller, service = world.allowed()
    channel = certified(world, caller, tmp_path)
    gateway.catch_up()
    provider.behave()
    return channel, service


@pytest.mark.req("NIX-31")
def test_a_certificate_tells_who_calls_without_a_signature(
    known: tuple[Channel, Service], gateway: GatewayProcess, collected: Collected
) -> None:
    channel, service = known

    answer = channel.call(gateway, service)

    assert (answer.status, answer.json) == (200, {"ok": True})
    record = collected.one(channel.caller)
    assert (record.bus, record.status) == ("gsb", 200)


@pytest.mark.req("NIX-31")
@pytest.mark.parametrize("make_key", [p256, ed, rsa2048])
def test_keys_of_three_kinds_are_known(
    world: World, gateway: GatewayProcess, tmp_path: Path, make_key: Callable[[], Key]
) -> None:
    caller, service = world.allowed()
    channel = certified(world, caller, tmp_path, make_key())

    assert channel.call(gateway, service).status == 200
    kept = caller.system.keys.get(use="channel")
    wanted = {p256: "p-256", ed: "ed25519", rsa2048: "rsa"}[make_key]
    assert (kept.algorithm, kept.expires_at) == (wanted, channel.certificate.not_valid_after_utc)


@pytest.mark.req("PRV-13")
def test_a_renewed_certificate_of_the_same_key_needs_no_deed(
    known: tuple[Channel, Service], gateway: GatewayProcess, tmp_path: Path
) -> None:
    channel, service = known

    renewed = Channel(channel.caller, tmp_path, channel.authority, channel.key)

    assert renewed.certificate.serial_number != channel.certificate.serial_number
    assert renewed.call(gateway, service).status == 200


@pytest.mark.req("PRV-13")
def test_keys_of_channels_change_without_a_pause(
    world: World, known: tuple[Channel, Service], gateway: GatewayProcess, tmp_path: Path
) -> None:
    old, service = known
    new = certified(world, old.caller, tmp_path)
    assert [c.call(gateway, service).status for c in (old, new)] == [200, 200]

    first = old.caller.system.keys.filter(use="channel").earliest("pk")
    actions.withdraw_key(actor=world.operator, key=first)

    assert old.call(gateway, service).error == NOT_AUTHENTICATED
    assert new.call(gateway, service).status == 200


@pytest.mark.req("NIX-31")
def test_a_withdrawn_key_stops_at_once_on_a_channel_that_is_open(
    world: World, known: tuple[Channel, Service], gateway: GatewayProcess, provider: Provider
) -> None:
    channel, service = known
    with channel.open(gateway) as wire:
        assert channel.call_on(wire, service).status == 200
        actions.withdraw_key(
            actor=world.operator, key=channel.caller.system.keys.get(use="channel")
        )
        gateway.catch_up()
        provider.behave()

        answer = channel.call_on(wire, service)

    assert (answer.status, answer.error) == (400, NOT_AUTHENTICATED)
    assert provider.asked == []


@pytest.mark.req("NIX-31")
def test_a_system_cannot_speak_for_another_on_its_channel(
    world: World, known: tuple[Channel, Service], gateway: GatewayProcess, tmp_path: Path
) -> None:
    channel, service = known
    other = certified(world, world.new_system(), tmp_path)
    gateway.catch_up()

    answer = other.call(gateway, service, x_road_client=channel.caller.x_road_id)

    assert answer.error == NOT_AUTHENTICATED


def test_a_certificate_nobody_entered_opens_nothing(
    world: World, known: tuple[Channel, Service], gateway: GatewayProcess, tmp_path: Path
) -> None:
    channel, service = known
    stranger = Channel(channel.caller, tmp_path, channel.authority, p256())

    assert stranger.call(gateway, service).error == NOT_AUTHENTICATED


@pytest.mark.req("NIX-31")
@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ({"not_before": NOW - timedelta(9), "not_after": NOW - timedelta(1)}, "expired"),
        ({"not_before": NOW + timedelta(1)}, "not yet valid"),
        ({"server": True}, "purpose"),
    ],
    ids=["expired", "not yet valid", "of a server"],
)
def test_an_unfit_certificate_is_refused_by_tls_and_the_log_says_why(
    world: World,
    known: tuple[Channel, Service],
    gateway: GatewayProcess,
    tmp_path: Path,
    terms: dict[str, datetime],
    reason: str,
) -> None:
    channel, _ = known
    unfit = Channel(channel.caller, tmp_path, channel.authority, p256(), terms)
    accept(world, unfit)
    logged = len(gateway.log.read_text())

    said = alert(gateway, unfit.context())

    assert "alert" in said.lower() and "health" not in said
    assert (
        f"exchange.channel.refused reason={'certificate' if reason != 'purpose' else ''}"
        in (gateway.log.read_text()[logged:])
    )
    assert reason in gateway.log.read_text()[logged:]


@pytest.mark.req("NIX-31")
def test_a_foreign_certificate_and_none_at_all_are_refused_by_tls(
    known: tuple[Channel, Service], gateway: GatewayProcess, tmp_path: Path
) -> None:
    channel, _ = known
    foreign = Channel(channel.caller, tmp_path, new_authority("Elsewhere"), p256())
    believing = foreign.context()
    roots = channel.authority.certificate.public_bytes(Encoding.PEM).decode()
    believing.load_verify_locations(cadata=roots)
    without = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    without.load_verify_locations(cadata=roots)

    assert "unknown ca" in alert(gateway, believing).lower()
    assert "certificate required" in alert(gateway, without).lower()


@pytest.mark.req("NIX-31")
def test_a_certificate_that_ends_while_its_channel_is_open_is_refused(
    world: World, known: tuple[Channel, Service], gateway: GatewayProcess, tmp_path: Path
) -> None:
    channel, service = known
    soon = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=3)
    ending = Channel(channel.caller, tmp_path, channel.authority, channel.key, {"not_after": soon})
    with ending.open(gateway) as wire:
        assert ending.call_on(wire, service).status == 200
        time.sleep(max(0.0, (soon - datetime.now(UTC)).total_seconds()))

        answer = ending.call_on(wire, service)

    assert answer.error == NOT_AUTHENTICATED
    assert "expired" in answer.json["message"]


def test_sessions_are_resumed_and_the_caller_is_still_known(
    known: tuple[Channel, Service], gateway: GatewayProcess
) -> None:
    channel, service = known
    context = channel.context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2  # 1.3 gives its ticket after the handshake
    sessions: list[ssl.SSLSession | None] = [None]
    for _ in range(2):
        with channel.open(gateway, context=context) as wire:
            wire.sock = resumed(wire, context, sessions[-1])
            assert channel.call_on(wire, service).status == 200
            sessions.append(wire.sock.session)
            reused = wire.sock.session_reused

    assert reused


def test_a_message_id_that_came_before_is_refused_on_channels_too(
    known: tuple[Channel, Service], gateway: GatewayProcess, provider: Provider
) -> None:
    channel, service = known

    first, second = (channel.call(gateway, service, x_road_id="once") for _ in range(2))

    assert (first.status, second.error) == (200, f"{NOT_AUTHENTICATED}.replayed")
    assert len(provider.asked) == 1


def test_a_signature_on_a_channel_is_verified_as_well(
    known: tuple[Channel, Service], gateway: GatewayProcess
) -> None:
    channel, service = known
    target = f"/r1/{service.x_road_id}"
    good = channel.caller.signed("POST", target, b"{}")
    forged = channel.caller.signed("POST", target, b"{}", key=SigningKey.generate())

    assert channel.call(gateway, service, **good).status == 200
    assert channel.call(gateway, service, **forged).error == NOT_AUTHENTICATED


def test_http_at_a_door_of_tls_and_tls_at_a_plain_door(
    known: tuple[Channel, Service], gateway: GatewayProcess
) -> None:
    channel, _ = known

    with pytest.raises((OSError, http.client.HTTPException)):
        gateway.send("GET", "/health", door="gsb-tls")
    assert "ssl" in alert(gateway, channel.context(), door="gsb").lower()


def test_the_gateways_own_certificate_is_renewed_without_a_pause(
    world: World, known: tuple[Channel, Service], gateway: GatewayProcess
) -> None:
    channel, service = known
    tls = world.home / "keys" / "tls"
    before = shown(channel, gateway)
    with channel.open(gateway) as wire:
        key = p256()
        renewed = authority_of(world).certificate_for("renewed", key.public_key(), server=True)
        write_key(tls / "server.key", key)  # type: ignore[arg-type]
        write_certificate(tls / "server.crt", renewed)
        deadline = time.monotonic() + 10
        while shown(channel, gateway) == before:
            assert time.monotonic() < deadline
            time.sleep(0.1)

        assert channel.call_on(wire, service).status == 200


def shown(channel: Channel, gateway: GatewayProcess) -> bytes | None:
    with channel.open(gateway) as wire:
        wire.connect()
        certificate: bytes | None = wire.sock.getpeercert(binary_form=True)
        return certificate


def resumed(wire: object, context: ssl.SSLContext, session: ssl.SSLSession | None) -> ssl.SSLSocket:
    import socket

    plain = socket.create_connection(("127.0.0.1", wire.port), timeout=15)  # type: ignore[attr-defined]
    return context.wrap_socket(plain, server_hostname="localhost", session=session)


def test_without_a_certificate_of_its_own_only_the_plain_doors_are_open(
    world: World, tmp_path: Path, gateway: GatewayProcess
) -> None:
    keys = tmp_path / "keys"
    shutil.copytree(world.home / "keys", keys, ignore=shutil.ignore_patterns("tls"))
    settings = {"PANJEREH_KEYS": str(keys)}
    alone = GatewayProcess(world.home, gateway.database_url, gateway.nats_url, settings)
    with alone as running:
        assert running.health() == 200
        with pytest.raises(ConnectionRefusedError):
            running.send("GET", "/health", door="gsb-tls")
