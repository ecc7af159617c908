"""Delivery: brought to who has an address, fetched by who has none; once, or the sender hears."""

import json
import random
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from exchange.world import Caller
from nacl.signing import SigningKey
from parties import Parties, leases_end, records_of, until
from running import Courier, Receiver

from panjereh.common import clock
from panjereh.common.outbox.models import OutboxEvent
from panjereh.exchange import actions as exchange_actions
from panjereh.exchange.messages import actions, jobs
from panjereh.exchange.messages.models import KEPT, Ending, Message
from panjereh.exchange.models import CallRecord
from panjereh.runtime.embedded import Nats
from panjereh.sdk import messages
from panjereh.sdk.sealing import Between, CannotOpen, seal, unseal


def sent_to(parties: Parties, receiver: Receiver, count: int = 1) -> tuple[Caller, list[str]]:
    sender = parties.sender_to(receiver.service)
    code = receiver.system.code
    return sender, [
        messages.send(code, "news", {"n": n}, case=f"T-{n}").message_id for n in range(count)
    ]


def ended(ids: list[str]) -> bool:
    return not Message.objects.filter(pk__in=ids, state="waiting").exists()


@pytest.mark.req("NIX-17")
def test_a_message_is_brought_to_its_receiver_and_each_end_has_one_record(
    parties: Parties, receiver: Receiver, courier: Courier, nats: Nats
) -> None:
    sender, ids = sent_to(parties, receiver, 3)

    courier.start()
    until(lambda: ended(ids))

    took = sorted(receiver.of("took"))
    assert took == sorted([i, str(n), sender.x_road_id, f"T-{n}"] for n, i in enumerate(ids))
    kept = Message.objects.get(pk=ids[0])
    assert (kept.state, kept.way, bytes(kept.sealed)) == ("delivered", "callback", b"")
    assert messages.state(ids[0])["state"] == "delivered"
    records = records_of(sender, nats.url)
    assert Counter((r.face, r.status, r.gateway == "messages") for r in records) == {
        ("message", 202, False): 3,
        ("message", 200, True): 3,
    }
    assert all(r.provider == receiver.system.x_road_id for r in records)


@pytest.mark.req("NIX-17")
def test_whoever_has_no_address_pulls_and_acknowledges(parties: Parties, nats: Nats) -> None:
    receiver, service = parties.pulling()
    sender = parties.sender_to(service)
    ids = [messages.send(receiver.system.code, "news", {"n": n}).message_id for n in range(3)]
    parties.be(receiver)

    first = messages.pull(limit=2)
    nothing_more = [*messages.pull(), *messages.pull()]  # the rest, then nobody's but ours
    messages.acknowledge(*first)
    messages.acknowledge(*first)
    leases_end()
    rest = messages.pull()
    messages.acknowledge(*rest)
    leases_end()

    assert [(m.message_id, m.body, m.sender) for m in first] == [
        (ids[0], {"n": 0}, sender.x_road_id),
        (ids[1], {"n": 1}, sender.x_road_id),
    ]
    assert [m.message_id for m in nothing_more] == [ids[2]] == [m.message_id for m in rest]
    assert messages.pull() == []
    assert set(Message.objects.filter(pk__in=ids).values_list("state", "way")) == {
        ("delivered", "pull")
    }
    assert Counter(r.status for r in records_of(sender, nats.url)) == {202: 3, 200: 3}


def test_nobody_acknowledges_for_another(parties: Parties) -> None:
    receiver, service = parties.pulling()
    sender = parties.sender_to(service)
    stranger = parties.world.new_system()
    parties.gateway.catch_up()
    sent = messages.send(receiver.system.code, "news", {"n": 1})

    for other in (sender, stranger):
        told = parties.box(other, "acknowledge", {"ids": [sent.message_id]})
        assert told.json["acknowledged"] == 0
        assert parties.box(other, "pull", {}).json == {"messages": []}

    assert messages.state(sent.message_id)["state"] == "waiting"


@pytest.mark.req("NIX-17")
def test_killed_couriers_lose_nothing_and_deliver_nothing_twice(
    parties: Parties, receiver: Receiver, courier: Courier, nats: Nats
) -> None:
    receiver.behave("slow")
    sender, ids = sent_to(parties, receiver, 24)
    dice = random.Random(17)

    for _ in range(4):
        courier.start()
        before = len(receiver.lines)
        until(lambda before=before: len(receiver.lines) > before)  # type: ignore[misc]
        time.sleep(dice.random() / 4)  # and then somewhere in the middle
        courier.kill()
        leases_end()
    courier.start()
    until(lambda: ended(ids))
    until(lambda: CallRecord.objects.filter(consumer=sender.x_road_id).count() >= 48)
    courier.stop()

    took = Counter(words[0] for words in receiver.of("took"))
    assert took == dict.fromkeys(ids, 1)
    assert not came_after_an_answer(receiver)
    assert set(Message.objects.filter(pk__in=ids).values_list("state", flat=True)) == {"delivered"}
    records = records_of(sender, nats.url)
    assert Counter(r.status for r in records) == {202: 24, 200: 24}
    endings = Ending.objects.filter(message_id__in=ids)
    assert {e.request_id for e in endings} == {r.request_id for r in records if r.status == 200}


def came_after_an_answer(receiver: Receiver) -> list[str]:
    """Messages that were sent again to a receiver that had said it has them."""
    had: set[str] = set()
    again = []
    for kind, message, *more in receiver.lines:
        if kind == "answered" and more == ["200"]:
            had.add(message)
        elif kind == "came" and message in had:
            again.append(message)
    return again


@pytest.mark.req("NIX-17")
def test_where_the_answer_was_lost_the_receiver_is_asked_before_it_is_sent_again(
    parties: Parties, receiver: Receiver, courier: Courier
) -> None:
    receiver.behave("hangs")  # it takes the message, but its answer is long in coming
    _, ids = sent_to(parties, receiver)
    courier.start()
    until(lambda: bool(receiver.of("answered")))
    courier.kill()
    receiver.behave("ok")
    leases_end()

    courier.start()
    until(lambda: ended(ids))

    assert [line[0] for line in receiver.lines] == ["came", "took", "answered", "asked", "answered"]
    assert Message.objects.get(pk=ids[0]).state == "delivered"


def test_a_receiver_that_does_not_know_it_gets_it_after_all(
    parties: Parties, receiver: Receiver, courier: Courier
) -> None:
    _, ids = sent_to(parties, receiver)
    Message.objects.filter(pk__in=ids).update(unsure_since=clock.now())

    courier.start()
    until(lambda: ended(ids))

    kinds = [line[0] for line in receiver.lines]
    assert kinds == ["asked", "answered", "came", "took", "answered"]


def test_a_receiver_that_cannot_say_is_not_sent_it_again(
    parties: Parties, receiver: Receiver, courier: Courier
) -> None:
    _, ids = sent_to(parties, receiver)
    Message.objects.filter(pk__in=ids).update(unsure_since=clock.now())
    receiver.behave("down")

    courier.start()
    until(lambda: len(receiver.of("asked")) >= 2)
    waiting = Message.objects.get(pk=ids[0])
    receiver.behave("ok")
    leases_end()
    until(lambda: ended(ids))

    assert waiting.unsure_since is not None
    assert receiver.of("came")[0] == [ids[0]]
    assert len(receiver.of("took")) == 1


def test_a_receiver_that_is_down_is_tried_later_ever_more_slowly(
    parties: Parties, receiver: Receiver, courier: Courier
) -> None:
    receiver.behave("down")
    _, ids = sent_to(parties, receiver)

    courier.start()
    until(lambda: Message.objects.get(pk=ids[0]).attempts >= 2)
    waiting = Message.objects.get(pk=ids[0])
    receiver.behave("ok")
    leases_end()
    until(lambda: ended(ids))

    assert (waiting.state, waiting.trouble) == ("waiting", "status-503")
    assert Message.objects.get(pk=ids[0]).state == "delivered"
    assert len(receiver.of("took")) == 1


def test_pauses_grow_and_end_with_the_message(parties: Parties) -> None:
    receiver, service = parties.pulling()
    parties.sender_to(service)
    sent = messages.send(receiver.system.code, "news", {}, expires_in=3600)
    pauses = []
    for attempt in range(9):
        message = Message.objects.get(pk=sent.message_id)
        message.attempts = attempt
        actions.put_off(message, "network_error", unsure=False)
        message.refresh_from_db()
        pauses.append(round((message.due_at - clock.now()).total_seconds()))
    Message.objects.filter(pk=message.pk).update(expires_at=clock.now())
    message.refresh_from_db()
    actions.put_off(message, "network_error", unsure=False)
    message.refresh_from_db()

    assert pauses == [1, 2, 5, 10, 30, 60, 300, 900, 900]
    assert message.due_at == message.expires_at


@pytest.mark.parametrize(("mode", "status"), [("unwanted", 422)])
def test_what_the_receiver_will_never_take_comes_back_to_its_sender(
    parties: Parties, receiver: Receiver, courier: Courier, nats: Nats, mode: str, status: int
) -> None:
    receiver.behave(mode)
    sender, ids = sent_to(parties, receiver)

    courier.start()
    until(lambda: ended(ids))
    courier.stop()

    (notice,) = messages.notices()
    assert (notice.message_id, notice.state) == (ids[0], "refused")
    assert notice.trouble == f"status-{status}"
    messages.take_note(notice)
    assert messages.notices() == []
    *_, record = records_of(sender, nats.url)
    assert (record.status, record.cause) == (502, "provider")
    assert record.error_code == "server.serverproxy.message.refused"
    events = OutboxEvent.objects.filter(type="exchange.message.undelivered")
    assert ids[0] in {json.loads(bytes(e.body))["subject"] for e in events}


def test_a_receiver_that_crashes_keeps_nothing_and_gets_it_again(
    parties: Parties, receiver: Receiver, courier: Courier
) -> None:
    receiver.behave("crashes")
    _, ids = sent_to(parties, receiver)

    courier.start()
    until(lambda: bool(receiver.of("answered")))
    receiver.behave("ok")
    until(lambda: ended(ids))

    assert receiver.of("answered")[0] == [ids[0], "500"]
    assert len(receiver.of("took")) == 1


@pytest.mark.req("NIX-17")
def test_what_nobody_takes_expires_and_its_sender_hears(parties: Parties, nats: Nats) -> None:
    receiver, service = parties.pulling()
    sender = parties.sender_to(service)
    sent = messages.send(receiver.system.code, "news", {"n": 1}, expires_in=60)
    Message.objects.filter(pk=sent.message_id).update(expires_at=clock.now())

    actions.expire()
    actions.expire()

    assert messages.state(sent.message_id)["state"] == "expired"
    assert [notice.state for notice in messages.notices()] == ["expired"]
    parties.be(receiver)
    assert messages.pull() == []
    assert [(r.status, r.cause) for r in records_of(sender, nats.url)] == [
        (202, ""),
        (504, "provider"),
    ]
    assert bytes(Message.objects.get(pk=sent.message_id).sealed) == b""


def test_what_is_in_somebody_s_hands_does_not_expire(parties: Parties) -> None:
    receiver, service = parties.pulling()
    parties.sender_to(service)
    sent = messages.send(receiver.system.code, "news", {"n": 1})
    parties.be(receiver)
    (pulled,) = messages.pull()
    Message.objects.filter(pk=sent.message_id).update(expires_at=clock.now())

    actions.expire()
    messages.acknowledge(pulled)

    assert Message.objects.get(pk=sent.message_id).state == "delivered"


def test_one_full_box_does_not_keep_the_others_waiting(parties: Parties) -> None:
    boxes = [parties.pulling() for _ in range(2)]
    for count, (receiver, service) in zip((9, 1), boxes, strict=True):
        parties.sender_to(service)
        for n in range(count):
            messages.send(receiver.system.code, "news", {"n": n})

    leased = actions.take_for_callback([r.x_road_id for r, _ in boxes], each=4, limit=16)

    assert Counter(m.receiver for m in leased) == {
        boxes[0][0].x_road_id: 4,
        boxes[1][0].x_road_id: 1,
    }


def test_an_ending_is_told_once_though_the_teller_is_killed(parties: Parties, nats: Nats) -> None:
    """Between the stream having it and the database saying so."""
    receiver, service = parties.pulling()
    sender = parties.sender_to(service)
    sent = messages.send(receiver.system.code, "news", {"n": 1})
    parties.be(receiver)
    messages.acknowledge(*messages.pull())
    assert len(records_of(sender, nats.url)) == 2
    ending = Ending.objects.filter(message_id=sent.message_id)

    ending.update(published_at=None)
    again = records_of(sender, nats.url)  # within the window in which the stream knows it
    long_ago = clock.now() - timedelta(hours=1)
    ending.update(published_at=None, tried_at=long_ago)
    told = [e.request_id for e in jobs.take_endings()]  # later: the books know it

    assert len(again) == 2
    assert str(ending.get().request_id) not in told
    assert ending.get().published_at


def test_traffic_data_is_forgotten_after_its_term(parties: Parties, nats: Nats) -> None:
    receiver, service = parties.pulling()
    sender = parties.sender_to(service)
    sent = messages.send(receiver.system.code, "news", {"n": 1})
    parties.be(receiver)
    messages.acknowledge(*messages.pull())
    records_of(sender, nats.url)
    kept = Message.objects.filter(pk=sent.message_id)

    actions.forget(clock.now() - KEPT)
    assert kept.exists()
    kept.update(ended_at=clock.now() - KEPT - timedelta(days=1))
    actions.forget(clock.now() - KEPT)

    assert not kept.exists()


def test_a_receiver_deals_with_a_message_once_in_its_own_transaction(parties: Parties) -> None:
    receiver, service = parties.pulling()
    parties.sender_to(service)
    messages.send(receiver.system.code, "news", {"n": 1})
    parties.be(receiver)
    (message,) = messages.pull()

    with pytest.raises(RuntimeError):
        messages.first_time(message)
    with transaction.atomic():
        assert messages.first_time(message)
    with transaction.atomic():
        assert not messages.first_time(message)


def test_a_message_is_opened_by_its_receiver_only_and_written_by_its_sender_only() -> None:
    mine, yours, other = (SigningKey.generate() for _ in range(3))

    def public(key: SigningKey) -> str:
        return key.verify_key.encode().hex()

    between = Between("IR/GOV/1/a", "IR/GOV/2/b", "news", "id-1")
    sealed = seal({"n": 1}, between, by=mine, to_key=public(yours))

    def opened(key: SigningKey = yours, who: SigningKey = mine, way: Between = between) -> object:
        return unseal(sealed, way, key=key, sender_keys=[public(who)])

    assert opened() == {"n": 1}
    for wrong in (
        lambda: opened(key=other),
        lambda: opened(who=other),
        lambda: opened(way=Between("IR/GOV/9/x", between.receiver, "news", "id-1")),
        lambda: opened(way=Between(between.sender, between.receiver, "other", "id-1")),
        lambda: opened(way=Between(between.sender, between.receiver, "news", "id-2")),
    ):
        with pytest.raises(CannotOpen):
            wrong()


def test_while_keys_change_messages_for_the_old_one_are_opened(
    parties: Parties, world_keys: Path
) -> None:
    receiver, service = parties.pulling()
    parties.sender_to(service)
    messages.send(receiver.system.code, "news", {"n": 1})
    parties.be(receiver)
    code, old = receiver.system.code, receiver.key.encode().hex()
    new = SigningKey.generate()
    (world_keys / f"{code}.before.ed25519").write_text(old)
    (world_keys / f"{code}.ed25519").write_text(new.encode().hex())

    (message,) = messages.pull()
    (world_keys / f"{code}.before.ed25519").unlink()
    leases_end()

    assert message.body == {"n": 1}
    assert messages.pull() == []  # it cannot be opened any more, and waits for its end


def test_a_sender_that_gave_up_its_key_is_still_believed_for_what_is_on_its_way(
    parties: Parties,
) -> None:
    receiver, service = parties.pulling()
    sender = parties.sender_to(service)
    messages.send(receiver.system.code, "news", {"n": 1})
    (key,) = sender.system.keys.all()
    exchange_actions.withdraw_key(actor=parties.world.operator, key=key)
    parties.be(receiver)

    assert [message.body for message in messages.pull()] == [{"n": 1}]


@pytest.fixture
def world_keys(parties: Parties) -> Path:
    return parties.world.home / "keys" / "systems"
