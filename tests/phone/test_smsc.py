"""The sandbox's operator over a real socket, and that production will have none of it."""

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from panjereh.national.messaging.smpp.link import Link, LinkLost, Operator, bound
from panjereh.national.messaging.smpp.parts import Part, pack
from panjereh.national.messaging.smpp.pdu import Frame
from panjereh.runtime.ports import free_port
from panjereh.sandbox.phone.models import ArrivedMessage
from panjereh.sandbox.phone.smsc import serve

SRC = Path(__file__).parents[2] / "src"


@pytest.fixture
def operator(transactional_db: None, settings: Settings) -> Iterator[Operator]:
    settings.SMSC = ("127.0.0.1", free_port())
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(stop),))
    thread.start()
    yield Operator(*settings.SMSC, **settings.SMSC_BIND)
    loop.call_soon_threadsafe(stop.set)
    thread.join()
    loop.close()


async def connected(operator: Operator, visit: Callable[[Link, list[Frame]], Any]) -> Any:
    """Bind as a pump does; `visit` gets the link and the receipts as they come."""
    for _ in range(100):
        try:
            return await _visited(operator, visit)
        except LinkLost as error:
            if str(error) != "no connection":
                raise
            await asyncio.sleep(0.02)
    raise AssertionError("the operator did not come up")


async def _visited(operator: Operator, visit: Callable[[Link, list[Frame]], Any]) -> Any:
    receipts: list[Frame] = []

    async def keep(frame: Frame) -> None:
        receipts.append(frame)

    async with bound(operator) as link:
        listening = asyncio.create_task(link.listen(keep, keep))
        try:
            return await visit(link, receipts)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


def fields(part: Part) -> dict[str, Any]:
    body, esm_class = pack(part)
    return {
        "source_addr": "404011",
        "destination_addr": "989121234567",
        "esm_class": esm_class,
        "data_coding": 8,
        "registered_delivery": 1,
        "short_message": body,
    }


def test_a_message_is_committed_before_it_is_accepted_and_then_receipted(
    operator: Operator,
) -> None:
    async def visit(link: Link, receipts: list[Frame]) -> tuple[Frame, bytes]:
        answer = await link.ask("submit_sm", **fields(Part("سلام\u200cها")))
        while not receipts:
            await asyncio.sleep(0.01)
        return answer, receipts[0].octets("short_message")

    answer, receipt = asyncio.run(connected(operator, visit))

    arrived = ArrivedMessage.objects.get()
    assert (arrived.text, arrived.mobile, arrived.sender) == (
        "سلام\u200cها",
        "+989121234567",
        "404011",
    )
    assert answer.status == 0
    assert f"id:{answer.text('message_id')} ".encode() in receipt
    assert b"stat:DELIVRD" in receipt


def test_a_long_message_arrives_as_one(operator: Operator) -> None:
    async def visit(link: Link, _: list[Frame]) -> None:
        for number, text in enumerate(["یک ", "دو ", "سه"], 1):
            await link.ask("submit_sm", **fields(Part(text, 9, 3, number)))

    asyncio.run(connected(operator, visit))

    assert ArrivedMessage.objects.get().text == "یک دو سه"


def test_the_connection_is_kept_alive_and_strange_commands_are_refused(operator: Operator) -> None:
    async def visit(link: Link, _: list[Frame]) -> tuple[Frame, Frame]:
        alive = await link.ask("enquire_link")
        return alive, await link.ask("query_sm", message_id="x")

    alive, strange = asyncio.run(connected(operator, visit))

    assert (alive.command, alive.status) == ("enquire_link_resp", 0)
    assert (strange.command, strange.status) == ("generic_nack", 3)


def test_a_stranger_is_not_let_in(operator: Operator) -> None:
    stranger = Operator(operator.host, operator.port, "panjereh", "wrong", 10)

    async def visit(link: Link, _: list[Frame]) -> None:
        raise AssertionError("a stranger was let in")

    with pytest.raises(LinkLost, match="status=14"):
        asyncio.run(connected(stranger, visit))


def test_production_refuses_the_virtual_phone(tmp_path: Path) -> None:
    (tmp_path / "django.secret").write_text("x" * 60)
    surroundings = {**os.environ, "PANJEREH_PROFILE": "production", "PANJEREH_KEYS": str(tmp_path)}
    started = subprocess.run(
        [sys.executable, "-c", "import panjereh.runtime.settings.phone"],
        env=surroundings,
        check=False,
        capture_output=True,
        text=True,
        cwd=SRC,
    )

    assert started.returncode == 1
    assert "production refuses the virtual phone" in started.stderr


def test_the_operator_itself_refuses_production(settings: Settings) -> None:
    settings.PROFILE = "production"

    with pytest.raises(SystemExit, match="virtual phone"):
        asyncio.run(serve(asyncio.Event()))
