"""Which message goes first, and a one-time code that has outlived itself."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from air import Air, all_are, states, until

from panjereh.national.messaging.models import Lane, Message

Send = Callable[..., Any]


@pytest.mark.req("MSG-10")
def test_a_one_time_code_is_never_sent_after_its_life(air: Air, send: Send) -> None:
    air.down()
    send("کد شما ۱۲۳۴۵۶", lane=Lane.ONE_TIME, expires_in=2)
    lasting = send("نامه شما رسید")
    time.sleep(2.1)
    air.up()
    air.start_pump()

    until(lambda: states() == {"expired": 1, "delivered": 1})
    assert [a.part.text for a in air.arrivals] == [lasting.text]


def test_an_unanswered_one_time_code_is_tried_again_only_within_its_life(
    air: Air, send: Send
) -> None:
    air.centre.faults.silent = True
    sent = send("کد شما ۱۲۳۴۵۶", lane=Lane.ONE_TIME, expires_in=5)
    air.start_pump()

    until(all_are("expired", 1))
    count = len(air.arrivals)
    assert 1 <= count <= 3
    time.sleep(max(0.0, sent.expires_at.timestamp() - time.time()) + 1.5)
    assert len(air.arrivals) == count


def test_the_operator_is_told_how_long_a_code_lives(air: Air, send: Send) -> None:
    air.start_pump()
    send("کد شما ۱۲۳۴۵۶", lane=Lane.ONE_TIME, expires_in=90)
    send("نامه")
    until(all_are("delivered", 2))

    code, letter = sorted(air.arrivals, key=lambda a: a.validity, reverse=True)
    assert code.validity.startswith("00000000012") or code.validity.startswith("00000000013")
    assert code.validity.endswith("R") and len(code.validity) == 16
    assert letter.validity == ""


def test_one_time_codes_go_before_notices_and_notices_before_bulk(air: Air, send: Send) -> None:
    for lane in (Lane.BULK, Lane.TRANSACTIONAL, Lane.ONE_TIME):
        for nth in range(15):
            send(f"{lane.label} {nth}", lane=lane, mobile=f"+98912{nth:07}")
    air.start_pump()
    until(all_are("delivered", 45))

    order = [a.part.text.split()[0] for a in air.arrivals]
    assert order == ["one-time"] * 15 + ["transactional"] * 15 + ["bulk"] * 15


@pytest.mark.req("PRV-01")
def test_a_code_that_was_sent_or_has_expired_can_no_longer_be_read_here(
    air: Air, send: Send
) -> None:
    sent = send("کد شما ۱۲۳۴۵۶", lane=Lane.ONE_TIME, expires_in=90)
    letter = send("نامه شما رسید")
    air.start_pump()
    until(all_are("delivered", 2))

    until(lambda: Message.objects.get(id=sent.id).text == "", seconds=10)
    assert Message.objects.get(id=letter.id).text == "نامه شما رسید"
