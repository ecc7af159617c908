"""From an accepted SMS to a receipt, over a real socket and against a misbehaving operator."""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import psycopg
import pytest
from air import MASK, MOBILE, Air, all_are, joined, states, until
from django.db import DatabaseError, transaction

from panjereh.common import clock
from panjereh.common.outbox.worker import dsn
from panjereh.national.messaging import queries
from panjereh.national.messaging.models import Delivery, DeliveryEvent, ReceiptOrphan

Send = Callable[..., Any]
WINDOW = 10

LONG = (
    "درخواست شما با شناسه \u2066IR-1405-8812-7731\u2069 پذیرفته شد و هم\u200cاکنون در دست بررسی"
    " است. نتیجه را در پنجره ملی می\u200cبینید؛ اگر نشانی شما تأیید نشود پیامکی می\u200cفرستیم."
    " سپاس از شکیبایی شما 🌱 سازمان ثبت احوال کشور"
)


@pytest.mark.req("MSG-01", "MSG-02", "MSG-13")
def test_a_long_persian_message_arrives_identical_under_the_agency_s_number(
    air: Air, send: Send
) -> None:
    air.start_pump()
    message = send(LONG)

    until(all_are("delivered", message.deliveries.count()))

    assert message.deliveries.count() == 3
    assert list(joined(air.arrivals).values()) == [LONG]
    assert {a.sender for a in air.arrivals} == {MASK}
    assert {a.mobile for a in air.arrivals} == {MOBILE}
    assert queries.message_state(message) == "delivered"
    kinds = DeliveryEvent.objects.filter(delivery__part=1).order_by("id").values_list("kind")
    assert [k for (k,) in kinds] == ["submitting", "accepted", "delivered"]


def test_an_accepted_message_leaves_at_once(air: Air, send: Send) -> None:
    air.start_pump()
    send("گرم\u200cکردن")
    until(all_are("delivered", 1))
    took = []
    for nth in range(10):
        began, before = time.monotonic(), len(air.arrivals)
        send(f"پیام {nth}")
        while len(air.arrivals) == before:
            time.sleep(0.001)
            assert time.monotonic() - began < 5
        took.append(time.monotonic() - began)

    assert sorted(took)[5] < 0.2


def test_submitting_is_committed_before_the_operator_sees_the_message(air: Air, send: Send) -> None:
    seen: list[str] = []

    async def look() -> None:
        async with await psycopg.AsyncConnection.connect(dsn()) as wire:
            row = await (await wire.execute("SELECT state FROM messaging_delivery")).fetchone()
            seen.append(row[0] if row else "")

    air.before_keeping = look
    air.start_pump()
    send("سلام")
    until(all_are("delivered", 1))

    assert seen == ["submitting"]


def test_a_receipt_is_committed_before_it_is_acknowledged(air: Air, send: Send) -> None:
    seen: list[str] = []

    class Watched(dict[str, bytes]):
        def pop(self, *key: Any) -> Any:
            with psycopg.connect(dsn()) as wire:
                row = wire.execute("SELECT state FROM messaging_delivery").fetchone()
                seen.append(row[0] if row else "")
            return super().pop(*key)

    air.centre.unacknowledged = Watched()
    air.start_pump()
    send("سلام")

    until(lambda: seen)
    assert seen == ["delivered"]


def test_ten_percent_throttling_loses_and_doubles_nothing(air: Air, send: Send) -> None:
    air.centre.faults.throttled_share = 0.1
    for nth in range(100):
        send(f"پیام {nth}", mobile=f"+98912{nth:07}")
    air.start_pump()

    until(all_are("delivered", 100), seconds=40)

    assert len(air.arrivals) == 100
    assert not Delivery.objects.filter(maybe_dup=True).exists()


def test_a_dropped_connection_loses_nothing_and_marks_what_may_be_double(
    air: Air, send: Send
) -> None:
    for nth in range(60):
        send(f"پیام {nth}", mobile=f"+98912{nth:07}")
    air.centre.faults.drop_after = 25
    air.start_pump()

    until(all_are("delivered", 60))
    assert_nothing_lost(air, 60, losses=1)


def test_lost_responses_lose_nothing_and_double_only_what_was_unanswered(
    air: Air, send: Send
) -> None:
    for nth in range(40):
        send(f"پیام {nth}", mobile=f"+98912{nth:07}")
    air.centre.faults.lose_responses = 12
    air.start_pump()

    until(all_are("delivered", 40))
    assert_nothing_lost(air, 40, losses=2)
    assert Delivery.objects.filter(maybe_dup=True).count() == 12


def test_a_pump_killed_between_submit_and_response_loses_nothing(air: Air, send: Send) -> None:
    for nth in range(30):
        send(f"پیام {nth}", mobile=f"+98912{nth:07}")
    air.centre.faults.silent = True
    pump = air.start_pump_process()
    until(lambda: len(air.arrivals) == WINDOW)

    pump.kill()
    pump.wait()
    assert states() == {"submitting": WINDOW, "queued": 20}
    air.centre.faults.silent = False
    air.start_pump()

    until(all_are("delivered", 30))
    assert_nothing_lost(air, 30, losses=1)
    assert Delivery.objects.filter(maybe_dup=True).count() == WINDOW


def test_a_pump_killed_again_and_again_loses_nothing(air: Air, send: Send) -> None:
    for nth in range(90):
        send(f"پیام {nth}", mobile=f"+98912{nth:07}")

    async def slowly() -> None:
        await asyncio.sleep(0.02)

    air.before_keeping = slowly
    for arrived in (20, 40, 60):
        pump = air.start_pump_process()
        until(partial(arrived_at_least, air, arrived))
        pump.kill()
        pump.wait()
    air.start_pump()

    until(all_are("delivered", 90))
    assert_nothing_lost(air, 90, losses=3)


def test_two_pumps_share_the_queue_and_recover_only_the_dead(air: Air, send: Send) -> None:
    air.start_pump()
    air.start_pump()
    for nth in range(60):
        send(f"پیام {nth}", mobile=f"+98912{nth:07}")

    until(all_are("delivered", 60))
    assert len(air.arrivals) == 60
    assert Delivery.objects.values("session").distinct().count() >= 1


def test_a_receipt_before_the_response_is_matched(air: Air, send: Send) -> None:
    air.centre.faults.receipt_first = True
    air.start_pump()
    for nth in range(20):
        send(f"پیام {nth}", mobile=f"+98912{nth:07}")

    until(all_are("delivered", 20))
    assert not ReceiptOrphan.objects.exists()


def test_a_receipt_told_twice_counts_once(air: Air, send: Send) -> None:
    air.centre.faults.receipts_each = 2
    air.start_pump()
    send("سلام")

    until(all_are("delivered", 1))
    until(lambda: not air.centre.unacknowledged)
    assert DeliveryEvent.objects.filter(kind="delivered").count() == 1
    assert not ReceiptOrphan.objects.exists()


def test_a_receipt_that_was_not_acknowledged_is_told_again(air: Air, send: Send) -> None:
    send("سلام")
    air.centre.faults.drop_after = 2  # the answer goes out, the connection dies at the next
    air.start_pump()
    until(all_are("delivered", 1))
    send("دوباره")

    until(all_are("delivered", 2))
    until(lambda: not air.centre.unacknowledged)


def test_the_operator_may_be_away_at_the_start_and_in_between(air: Air, send: Send) -> None:
    air.down()
    air.start_pump()
    send("یک")
    time.sleep(0.5)
    assert states() == {"queued": 1}
    air.up()
    until(all_are("delivered", 1))

    air.down()
    send("دو")
    time.sleep(0.3)
    air.up()
    until(all_are("delivered", 2))


def test_a_wrong_password_is_refused_and_nothing_is_sent(air: Air, send: Send) -> None:
    air.centre.password = "another"
    air.start_pump()
    send("سلام")
    time.sleep(0.7)

    assert states() == {"queued": 1}
    assert not air.arrivals


def test_a_number_the_operator_refuses_is_not_tried_again(
    air: Air, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(monkeypatch, status=0x0B)
    air.start_pump()
    send("سلام")

    until(all_are("undeliverable", 1))
    last = DeliveryEvent.objects.order_by("-id")[0]
    assert (last.kind, last.data) == ("undeliverable", {"reason": "status-0xb"})
    assert Delivery.objects.get().attempts == 1


def test_a_fault_of_the_operator_is_tried_at_once_and_then_later(
    air: Air, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(monkeypatch, status=0x450)  # a vendor's own status
    air.start_pump()
    send("سلام")

    until(lambda: Delivery.objects.get().attempts == 2 and states() == {"queued": 1})
    assert (Delivery.objects.get().next_try.timestamp() - time.time()) > 250


def arrived_at_least(air: Air, count: int) -> bool:
    return len(air.arrivals) >= count


def refuse(monkeypatch: pytest.MonkeyPatch, *, status: int) -> None:
    from panjereh.sandbox.phone import centre

    async def no(visit: Any, frame: Any) -> None:
        visit._write("submit_sm_resp", frame.sequence, status)

    monkeypatch.setattr(centre._Visit, "_submit", no)


def assert_nothing_lost(air: Air, count: int, *, losses: int) -> None:
    """Every text arrived; what arrived twice is marked, and is no more than the windows lost."""
    texts = [a.part.text for a in air.arrivals]
    assert len(set(texts)) == count
    doubled = {t for t in texts if texts.count(t) > 1}
    assert len(texts) - count <= losses * WINDOW
    marked = Delivery.objects.filter(maybe_dup=True).values_list("message__text", flat=True)
    assert doubled <= set(marked)


def test_an_answer_that_comes_late_spares_a_second_sending(air: Air, send: Send) -> None:
    tries = 0

    async def answer_the_second_late() -> None:
        nonlocal tries
        tries += 1
        await asyncio.sleep(1.5 if tries == 2 else 0)  # the response timer is one second

    air.before_keeping = answer_the_second_late
    air.centre.faults.lose_responses = 1
    air.start_pump()
    send("سلام")

    until(all_are("delivered", 1))
    assert len(air.arrivals) == 2
    kinds = DeliveryEvent.objects.order_by("id").values_list("kind", flat=True)
    assert list(kinds)[-3:] == ["queued", "accepted", "delivered"]


def test_stopping_waits_for_what_is_in_flight(air: Air, send: Send) -> None:
    async def slowly() -> None:
        await asyncio.sleep(0.03)

    air.before_keeping = slowly
    air.start_pump()
    for nth in range(20):
        send(f"پیام {nth}", mobile=f"+98912{nth:07}")
    until(lambda: air.arrivals)
    air.stop_pump()

    assert "submitting" not in states()
    assert not Delivery.objects.filter(maybe_dup=True).exists()


@pytest.mark.req("MSG-13")
def test_a_message_without_a_receipt_is_called_unknown_until_one_comes(
    air: Air, send: Send
) -> None:
    air.start_pump()
    send("سلام")
    until(all_are("delivered", 1))
    Delivery.objects.update(state="accepted", since=clock.now() - timedelta(hours=73))
    air.stop_pump()
    air.start_pump()
    until(all_are("unknown", 1))

    air.centre.unacknowledged[Delivery.objects.get().smsc_id] = b"late"
    air.stop_pump()
    air.start_pump()
    until(all_are("delivered", 1))


def test_the_history_of_a_delivery_cannot_be_changed(send: Send) -> None:
    event = DeliveryEvent.objects.create(
        delivery=send("سلام").deliveries.get(), at=clock.now(), kind="accepted"
    )

    for change in (event.delete, event.save):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()
