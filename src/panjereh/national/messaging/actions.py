"""The deeds of Payam Iran: register a sender, accept an SMS, deposit a letter, open one."""

import json
import re
import uuid
from datetime import timedelta
from typing import Any, TypeVar

from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.utils import translation
from django.utils.translation import gettext

from panjereh.common import clock
from panjereh.common.outbox.actions import emit
from panjereh.common.problems import Problem
from panjereh.national.messaging import envelope, limits
from panjereh.national.messaging.models import (
    Delivery,
    Lane,
    Letter,
    LetterEvent,
    Mailbox,
    Message,
    Sender,
)
from panjereh.national.messaging.queries import OpenedLetter, opened, unread
from panjereh.national.messaging.text import TooLong, parts, sms_text

CHANNEL = "messaging"  # wakes the pump at commit
ONE_TIME_LIFE = 180
Kept = TypeVar("Kept", Message, Letter)
_MASK = re.compile(r"4040\d{0,7}|[A-Za-z][A-Za-z0-9 .-]{2,10}")


def register_sender(*, system: str, name: str, mask: str) -> Sender:
    """Give a system of the exchange its number under 4040, or its name (002 art 26(1))."""
    if not _MASK.fullmatch(mask):
        raise ValueError("a mask is a number under 4040 or a Latin name of 3 to 11 letters")
    sender, _ = Sender.objects.update_or_create(
        system=system, defaults={"name": name, "mask": mask}
    )
    return sender


def accept_sms(
    *,
    consumer: str,
    key: str,
    mobile: str,
    text: str,
    lane: Lane = Lane.TRANSACTIONAL,
    expires_in: int | None = None,
    case: str = "",
    request_id: str = "",
) -> Message:
    """Take an SMS for sending; once this returns and commits it is sent, or its failure is known.

    The same key with the same body gives the first message again, with another body 409.
    """
    life = ONE_TIME_LIFE if lane == Lane.ONE_TIME and expires_in is None else expires_in
    message = Message(
        consumer=consumer,
        key=key,
        body_hash=_fingerprint(mobile, text, lane, expires_in),
        request_id=request_id,
        case=case,
        lane=lane,
        mobile=mobile,
        text=sms_text(text),
        created_at=clock.now(),
        expires_at=None if life is None else clock.now() + timedelta(seconds=life),
    )
    with transaction.atomic():
        return _message_of(message) or _accepted(message)


def _accepted(message: Message) -> Message:
    message.mask = _registered(message.consumer).mask
    total = len(_cut(message.text))
    limits.check(mobile=message.mobile, text=message.text)
    try:
        with transaction.atomic():
            message.save(force_insert=True)
    except IntegrityError:  # the same key came twice at once, and the other was first
        if first := _message_of(message):
            return first
        raise
    _queue(message, total)
    return message


def _message_of(asked: Message) -> Message | None:
    before = Message.objects.filter(consumer=asked.consumer, key=asked.key).first()
    return before and _same(before, asked.body_hash)


def _queue(message: Message, total: int) -> None:
    Delivery.objects.bulk_create(
        Delivery(
            message=message,
            part=part,
            total=total,
            lane=message.lane,
            since=message.created_at,
            next_try=Now(),  # the pump asks the database's clock, so only that one counts
            expires_at=message.expires_at,
        )
        for part in range(1, total + 1)
    )
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {CHANNEL}")


def _cut(text: str) -> list[str]:
    if not text:
        raise Problem(422, "text-empty", "there is nothing to send")
    try:
        return parts(text)
    except TooLong as error:
        raise Problem(422, "text-too-long", "an SMS has ten parts at most") from error


def deposit_letter(
    *,
    sender: str,
    person: str,
    title: str,
    body: str,
    case: str = "",
    document_id: str = "",
    notify: str = "",
    key: str,
) -> Letter:
    """Put a letter into a person's e-box and, with `notify`, an SMS that says only that it came.

    002 art 26(2): what a service makes for a person also arrives in the e-box. Joins the caller's
    transaction, so a document and its letter are there together or not at all.
    """
    body_hash = _fingerprint(person, title, body, case, document_id, notify)
    with transaction.atomic():
        _registered(sender)
        box = _locked_box(person)
        if before := Letter.objects.filter(sender=sender, key=key).first():
            return _same(before, body_hash)
        letter = Letter(
            mailbox=box,
            sender=sender,
            key=key,
            body_hash=body_hash,
            case=case,
            document_id=document_id,
            deposited_at=clock.now(),
        )
        _seal(letter, box, title=title, body=body)
        letter.save(force_insert=True)
        _record(letter, "deposited", consumer=sender)
        emit("messaging.letter.deposited", subject=str(letter.id), data=_count(box))
        if notify:
            _notify(letter, mobile=notify)
    return letter


def _seal(letter: Letter, box: Mailbox, *, title: str, body: str) -> None:
    key, letter.wrapped_key = envelope.new_letter_key(
        envelope.box_key(bytes(box.wrapped_key), box.master)
    )
    letter.sealed_title = envelope.seal(key, title, place=f"{box.id}/{letter.id}/title")
    letter.sealed_body = envelope.seal(key, body, place=f"{box.id}/{letter.id}/body")


def _notify(letter: Letter, *, mobile: str) -> None:
    """No title, no name, no link: a link in a government SMS is what forgers imitate."""
    with translation.override("fa"):
        text = gettext("A new letter is in your e-box. To read it, sign in to the national window.")
    accept_sms(
        consumer=letter.sender,
        key=f"letter:{letter.id}",
        mobile=mobile,
        text=text,
        case=letter.case,
    )
    _record(letter, "notice-accepted", consumer=letter.sender)


def open_letter(
    *, person: str, letter_id: uuid.UUID, acting: str, consumer: str, request_id: str = ""
) -> OpenedLetter:
    """Open a letter for its owner; the first time counts as read, every time is recorded."""
    check_owner(person=person, acting=acting)
    with transaction.atomic():
        box = Mailbox.objects.select_for_update().filter(person=person).first()
        letter = Letter.objects.filter(mailbox=box, id=letter_id).first() if box else None
        if box is None or letter is None:
            raise Problem(404, "letter-unknown", "there is no such letter in this box")
        if letter.read_at is None:
            letter.read_at = clock.now()
            letter.save(update_fields=["read_at"])
            emit("messaging.letter.read", subject=str(letter.id), data=_count(box))
        _record(letter, "opened", consumer=consumer, request_id=request_id)
        return opened(letter, box)


def check_owner(*, person: str, acting: str) -> None:
    """A box is opened for its owner and nobody else; `acting` is who the exchange says acts."""
    if not acting or acting != person:
        raise Problem(403, "not-your-mailbox", "only its owner may open a mailbox")


def rewrap_mailboxes() -> int:
    """Bring every box under the newest master key, so that an older one can be withdrawn."""
    count = 0
    for mailbox_id in Mailbox.objects.values_list("id", flat=True).iterator():
        with transaction.atomic():
            box = Mailbox.objects.select_for_update().get(id=mailbox_id)
            box.wrapped_key, box.master = envelope.rewrap(bytes(box.wrapped_key), box.master)
            box.save(update_fields=["wrapped_key", "master"])
        count += 1
    return count


def _registered(system: str) -> Sender:
    sender = Sender.objects.filter(system=system).first()
    if sender is None:
        raise Problem(403, "sender-not-registered", "messages go out under a registered mask only")
    return sender


def _locked_box(person: str) -> Mailbox:
    """The box, made if need be, locked so that unread counts leave in the order of deeds."""
    wrapped, master = envelope.new_box_key()
    Mailbox.objects.get_or_create(
        person=person, defaults={"wrapped_key": wrapped, "master": master}
    )
    return Mailbox.objects.select_for_update().get(person=person)


def _count(box: Mailbox) -> dict[str, Any]:
    """What the window keeps of a box: whose it is and how many letters wait."""
    return {"person": box.person, "unread": unread(box)}


def _record(letter: Letter, kind: str, *, consumer: str, request_id: str = "") -> None:
    LetterEvent.objects.create(
        letter=letter, at=clock.now(), kind=kind, consumer=consumer, request_id=request_id
    )


def _fingerprint(*content: Any) -> str:
    return envelope.fingerprint(json.dumps(content, ensure_ascii=False).encode())


def _same(before: Kept, body_hash: str) -> Kept:
    """What the key made the first time, if it is asked for with the same body."""
    if before.body_hash != body_hash:
        raise Problem(409, "idempotency-key-reused", "this key was used for another body")
    return before
