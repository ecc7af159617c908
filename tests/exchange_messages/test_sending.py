"""Sending: a grant, a sealed body, a promise; again it sends nothing twice."""

import base64
import uuid
from typing import Any

import pytest
from django.apps import apps
from exchange.world import World
from nacl.public import SealedBox
from nacl.signing import SigningKey
from parties import Parties, records_of
from running import Store

from panjereh.exchange import actions
from panjereh.exchange.messages.models import Message
from panjereh.runtime.embedded import Nats
from panjereh.sdk import messages
from panjereh.sdk.exchange import Refused, Unavailable
from panjereh.sdk.sealing import CannotOpen

SEALED = base64.b64encode(bytes(80)).decode()


def key_of(parties: Parties, x_road_id: str) -> str:
    return parties.world.keys[x_road_id].verify_key.encode().hex()


@pytest.mark.req("NIX-17")
def test_a_message_is_accepted_once_it_is_kept_and_recorded_without_content(
    parties: Parties, nats: Nats
) -> None:
    receiver, service = parties.pulling()
    sender = parties.sender_to(service)

    sent = messages.send(receiver.system.code, "news", {"n": "canary-77"}, case="T-9")

    kept = Message.objects.get(pk=sent.message_id)
    assert (kept.sender, kept.receiver) == (sender.x_road_id, receiver.x_road_id)
    assert (kept.state, kept.issue, kept.purpose) == ("waiting", "T-9", "testing")
    assert messages.state(sent.message_id)["state"] == "waiting"
    assert messages.state(x_road_id=sent.x_road_id)["message_id"] == sent.message_id
    (record,) = records_of(sender, nats.url)
    assert (record.face, record.status, record.cause) == ("message", 202, "")
    assert (record.provider, record.service) == (receiver.x_road_id, "news")
    assert (record.x_road_id, record.issue) == (sent.x_road_id, "T-9")
    assert record.request_digest == kept.digest


@pytest.mark.req("NIX-17", "NIX-03")
def test_the_exchange_cannot_read_what_it_keeps(parties: Parties, world: World) -> None:
    receiver, service = parties.pulling()
    parties.sender_to(service)

    sent = messages.send(receiver.system.code, "news", {"n": "canary-78"})

    sealed = bytes(Message.objects.get(pk=sent.message_id).sealed)
    assert b"canary-78" not in sealed
    for file in (world.home / "keys").rglob("*.ed25519"):
        if file.stem != receiver.system.code:
            key = SigningKey(bytes.fromhex(file.read_text().strip()))
            with pytest.raises(Exception, match="decrypt"):
                SealedBox(key.to_curve25519_private_key()).decrypt(sealed)


@pytest.mark.parametrize(
    "envelope",
    [
        {"national_id": "0012345679"},
        {"to_key": "00", "sealed": SEALED},
        {"sealed": SEALED},
        {"to_key": "ab" * 32, "sealed": "e30="},
        {"to_key": "ab" * 32, "sealed": "not base64"},
        {"to_key": "ab" * 32, "sealed": SEALED, "body": {"read": "me"}},
        {"to_key": "ab" * 32, "sealed": SEALED, "expires_in": 0},
        {"to_key": "ab" * 32, "sealed": SEALED, "expires_in": 10**9},
        [],
    ],
)
def test_an_envelope_has_no_room_for_readable_content(parties: Parties, envelope: Any) -> None:
    receiver, service = parties.pulling()
    sender = parties.sender_to(service)
    target = "/v1/" + service.x_road_id.partition("/")[2]

    answer = parties.post(sender, target, envelope)

    assert (answer.status, answer.json["code"]) == (400, 1100)
    assert not Message.objects.filter(receiver=receiver.x_road_id).exists()


def test_a_message_for_a_key_that_is_not_the_receiver_s_is_refused(parties: Parties) -> None:
    receiver, service = parties.pulling()
    sender = parties.sender_to(service)
    target = "/v1/" + service.x_road_id.partition("/")[2]
    other = {"to_key": key_of(parties, sender.x_road_id), "sealed": SEALED}

    answer = parties.post(sender, target, other)

    assert (answer.status, answer.json["code"]) == (409, 1152)
    assert receiver.x_road_id not in answer.body.decode()


@pytest.mark.req("NIX-05")
def test_without_a_grant_for_messages_nothing_is_kept(parties: Parties) -> None:
    receiver, service = parties.pulling()
    stranger, caller = parties.world.new_system(), parties.world.new_system()
    parties.world.grant(caller, service, [])  # for calls, not for messages
    parties.gateway.catch_up()
    target = "/v1/" + service.x_road_id.partition("/")[2]
    envelope = {"to_key": key_of(parties, receiver.x_road_id), "sealed": SEALED}

    assert parties.post(stranger, target, envelope).json["code"] == 1120
    assert parties.post(caller, target, envelope).json["code"] == 3100  # nobody answers calls
    assert not Message.objects.filter(receiver=receiver.x_road_id).exists()


@pytest.mark.req("NIX-17")
def test_the_same_message_again_is_the_same_promise(parties: Parties, nats: Nats) -> None:
    receiver, service = parties.pulling()
    sender = parties.sender_to(service)
    target = "/v1/" + service.x_road_id.partition("/")[2]
    key = key_of(parties, receiver.x_road_id)
    once = str(uuid.uuid4())

    def sent(octet: int) -> Any:
        sealed = base64.b64encode(bytes([octet] * 80)).decode()
        return parties.post(sender, target, {"to_key": key, "sealed": sealed}, x_road_id=once)

    first, again, other = sent(1), sent(1), sent(2)

    assert (first.status, again.status) == (202, 200)
    assert first.json["message_id"] == again.json["message_id"]
    assert (other.status, other.json["code"]) == (409, 1150)
    assert Message.objects.filter(receiver=receiver.x_road_id).count() == 1
    assert [record.status for record in records_of(sender, nats.url)] == [202, 200, 409]


def test_a_sender_that_crashed_asks_before_it_sends_again(parties: Parties) -> None:
    receiver, service = parties.pulling()
    parties.sender_to(service)
    mine = str(uuid.uuid4())

    first = messages.send(receiver.system.code, "news", {"n": 1}, x_road_id=mine)
    again = messages.send(receiver.system.code, "news", {"n": 1}, x_road_id=mine)

    assert first == again
    assert Message.objects.filter(receiver=receiver.x_road_id).count() == 1


def test_a_message_without_an_id_is_refused(parties: Parties) -> None:
    receiver, service = parties.pulling()
    sender = parties.sender_to(service)
    target = "/v1/" + service.x_road_id.partition("/")[2]
    envelope = {"to_key": key_of(parties, receiver.x_road_id), "sealed": SEALED}

    answer = parties.post(sender, target, envelope, x_road_id=None)

    assert (answer.status, answer.json["code"]) == (400, 1100)


def test_an_unknown_receiver_has_no_key_to_seal_for(
    parties: Parties, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver, service = parties.pulling()
    sender = parties.sender_to(service)

    found = parties.box(sender, "keys", {"system": receiver.x_road_id})
    unknown = parties.box(sender, "keys", {"system": "IR-TEST/GOV/1/nobody"})
    odd = parties.box(sender, "keys", {"system": "x"})
    monkeypatch.setattr(messages, "provider_id", lambda _: "IR-TEST/GOV/1/nobody")

    assert found.json["keys"] == [key_of(parties, receiver.x_road_id)]
    assert unknown.json["keys"] == odd.json["keys"] == []
    with pytest.raises(CannotOpen):
        messages.send("nobody", "news", {})


def test_a_receiver_that_changes_its_key_is_written_to_by_the_new_one(parties: Parties) -> None:
    receiver, service = parties.pulling()
    parties.sender_to(service)
    new = SigningKey.generate()
    actions.add_key(
        actor=parties.world.operator,
        system=receiver.system,
        public_key=new.verify_key.encode().hex(),
    )

    sent = messages.send(receiver.system.code, "news", {"n": 1})

    assert Message.objects.get(pk=sent.message_id).to_key == new.verify_key.encode().hex()


def test_while_the_store_is_away_nothing_is_promised(
    parties: Parties, store: Store, nats: Nats
) -> None:
    receiver, service = parties.pulling()
    sender = parties.sender_to(service)
    messages.keys_of(receiver.x_road_id)
    store.kill()
    try:
        with pytest.raises(Unavailable) as away:
            messages.send(receiver.system.code, "news", {"n": 1}, timeout=1)
    finally:
        store.__enter__()

    assert away.value.code == "server.serverproxy.messages_unavailable"
    assert not Message.objects.filter(receiver=receiver.x_road_id).exists()
    causes = {(r.status, r.cause) for r in records_of(sender, nats.url)}
    assert causes == {(503, "gateway")}


def test_only_sender_and_receiver_see_a_message(parties: Parties) -> None:
    receiver, service = parties.pulling()
    sender = parties.sender_to(service)
    stranger = parties.world.new_system()
    parties.gateway.catch_up()
    sent = messages.send(receiver.system.code, "news", {"n": 1})

    def seen_by(caller: Any, **by: str) -> int:
        return parties.box(caller, "state", by).status

    assert seen_by(sender, message_id=sent.message_id) == 200
    assert seen_by(receiver, message_id=sent.message_id) == 200
    assert seen_by(stranger, message_id=sent.message_id) == 404
    assert seen_by(stranger, x_road_id=sent.x_road_id) == 404
    parties.be(stranger)
    with pytest.raises(Refused):
        messages.state(sent.message_id)


def test_a_box_opens_to_who_signs_and_counts_what_is_asked(parties: Parties) -> None:
    caller = parties.world.new_system()
    parties.gateway.catch_up()

    good = parties.box(caller, "pull", {})
    unsigned = parties.gateway.send("POST", "/v1/messages/pull", b"{}")
    unknown = parties.box(caller, "burn", {})

    assert (good.status, good.json) == (200, {"messages": []})
    assert good.headers["ratelimit-limit"] == "600"
    assert (unsigned.status, unknown.status) == (400, 404)


def test_the_store_answers_gateways_only(store: Store) -> None:
    import http.client

    for deed in ("accept", "pull", "acknowledge", "notices", "state", "keys"):
        wire = http.client.HTTPConnection("127.0.0.1", store.port, timeout=5)
        wire.request("POST", f"/exchange-messages/{deed}", b"{}", {"x-road-client": "IR/A/B/C"})
        assert wire.getresponse().status == 401
        wire.close()


@pytest.mark.req("NIX-03")
def test_every_column_says_what_it_holds() -> None:
    silent = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_app_config("exchange_messages").get_models()
        for field in model._meta.get_fields()
        if field.concrete and not field.auto_created and not getattr(field, "help_text", "")
    ]
    assert silent == []
