"""Background work of this room: answers go to e-boxes, agencies are reminded, old months are
dropped, and the next month has its room before the first look of it comes."""

import asyncio
import logging
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from panjereh.common import clock
from panjereh.common.background import attempt, pause
from panjereh.exchange.usage import actions
from panjereh.exchange.usage.looks import TABLE, creation, partition
from panjereh.exchange.usage.models import Question
from panjereh.exchange.usage.persons import Month, unsealed
from panjereh.exchange.usage.progress import collected_until
from panjereh.exchange.usage.queries import kept_since
from panjereh.sdk import messaging
from panjereh.sdk.exchange import ExchangeError

log = logging.getLogger("panjereh.exchange.usage")

PAUSE_SECONDS, LONGEST_PAUSE = 2.0, 60.0
UPKEEP_SECONDS = 600.0
Result = TypeVar("Result")
LOCK_WAIT = "2s"  # dropping a month waits for its readers no longer, and is tried again later


async def carry_answers(stop: asyncio.Event) -> None:
    """An answer that was given reaches the e-box, however often the exchange is away; each try is
    a call about the person, so they grow rare."""
    seconds = PAUSE_SECONDS
    while not stop.is_set():
        done = await attempt(deliver_answers)
        seconds = min(seconds * 2, LONGEST_PAUSE) if done is None or done.waiting else PAUSE_SECONDS
        await pause(stop, seconds)


async def keep_house(stop: asyncio.Event) -> None:
    while not stop.is_set():
        await attempt(tidy_up)
        await pause(stop, UPKEEP_SECONDS)


async def tell_progress(stop: asyncio.Event) -> None:
    """Up to when the looks are complete, so that a page never shows an old list as a whole one."""
    while not stop.is_set():
        if moment := await collected_until():
            await attempt(partial(actions.note_progress, moment))
        await pause(stop, PAUSE_SECONDS)


@dataclass(frozen=True)
class Delivered:
    letters: int
    waiting: int


def undelivered() -> QuerySet[Question]:
    return Question.objects.exclude(answered_at=None).filter(letter_id="")


def deliver_answers() -> Delivered:
    """The key of the letter is the question's, so a lost acknowledgement makes no second letter;
    one that cannot be delivered does not keep the others back."""
    delivered = waiting = 0
    for question in undelivered().select_related("member").order_by("answered_at")[:50]:
        try:
            letter_id = _deposit(question)
        except ExchangeError as error:
            log.warning("exchange.usage.answer_waits error=%s", error.code)
            waiting += 1
            continue
        actions.mark_delivered(question=question, letter_id=letter_id)
        delivered += 1
    return Delivered(delivered, waiting)


def _deposit(question: Question) -> str:
    with translation.override(question.language):
        name = question.member.name[question.language]
        body = _(
            "You asked: %(question)s\n\nAnswer of %(agency)s:\n%(answer)s\n\nThe look that you "
            "asked about stands on the page “Who looked at my data”."
        ) % {"question": question.text, "agency": name, "answer": question.answer}
        return messaging.deposit_letter(
            person=unsealed(question.asker_sealed),
            title=_("Why %(agency)s looked at your data") % {"agency": name},
            body=body,
            idempotency_key=f"why-{question.pk}",
            case=question.issue,
        )


def tidy_up() -> None:
    make_room()
    drop_old_months()
    actions.remind_agencies()
    actions.forget_old_questions()


def make_room() -> None:
    """For this month and the next: while a partition is made, nothing else can be written."""
    this = Month.of(clock.now())
    with connection.cursor() as cursor:
        for month in (this, this.after):
            cursor.execute(creation(month))


def drop_old_months() -> list[str]:
    """Months that ended before the term began (002 art 10(3)); their names."""
    oldest = partition(Month.of(kept_since()))
    gone = [name for name in partitions() if name < oldest]
    for name in gone:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'")
            cursor.execute(f"DROP TABLE {connection.ops.quote_name(name)}")
        log.info("exchange.usage.dropped month=%s", name.removeprefix(f"{TABLE}_"))
    return gone


def partitions() -> list[str]:
    """The months that have room, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits"
            " WHERE inhparent = %s::regclass ORDER BY 1",
            [TABLE],
        )
        return [row[0] for row in cursor.fetchall()]
