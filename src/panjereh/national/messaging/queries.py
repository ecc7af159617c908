"""Reads: a mailbox, an opened letter, how a message fares."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from panjereh.national.messaging import envelope
from panjereh.national.messaging.models import Letter, Mailbox, Message, Sender, State

# A message is as far as its slowest part; the last of these that any part is in.
_PROGRESS = [
    State.DELIVERED,
    State.ACCEPTED,
    State.SUBMITTING,
    State.QUEUED,
    State.UNKNOWN,
    State.EXPIRED,
    State.UNDELIVERABLE,
]


@dataclass(frozen=True)
class OpenedLetter:
    letter_id: UUID
    sender: str
    title: str
    body: str
    deposited_at: datetime
    read_at: datetime | None
    tracking_id: str
    document_id: str


def listed(person: str, *, limit: int = 100) -> tuple[int, list[OpenedLetter]]:
    """Unread count and letters, newest first; bodies stay sealed until a letter is opened."""
    box = Mailbox.objects.filter(person=person).first()
    if box is None:
        return 0, []
    key = envelope.box_key(bytes(box.wrapped_key), box.master)
    letters = list(box.letters.order_by("-deposited_at")[:limit])
    names = _names({letter.sender for letter in letters})
    return unread(box), [_shown(letter, box, key, names, body="") for letter in letters]


def opened(letter: Letter, box: Mailbox) -> OpenedLetter:
    key = envelope.box_key(bytes(box.wrapped_key), box.master)
    own = envelope.letter_key(key, bytes(letter.wrapped_key))
    body = envelope.unseal(own, bytes(letter.sealed_body), place=f"{box.id}/{letter.id}/body")
    return _shown(letter, box, key, _names({letter.sender}), body=body)


def unread(box: Mailbox) -> int:
    return box.letters.filter(read_at=None).count()


def message_state(message: Message) -> State:
    states = set(message.deliveries.values_list("state", flat=True))
    return max((State(s) for s in states), key=_PROGRESS.index)


def _names(systems: set[str]) -> dict[str, str]:
    return dict(Sender.objects.filter(system__in=systems).values_list("system", "name"))


def _shown(
    letter: Letter, box: Mailbox, key: bytes, names: dict[str, str], *, body: str
) -> OpenedLetter:
    own = envelope.letter_key(key, bytes(letter.wrapped_key))
    title = envelope.unseal(own, bytes(letter.sealed_title), place=f"{box.id}/{letter.id}/title")
    return OpenedLetter(
        letter_id=letter.id,
        sender=names.get(letter.sender, letter.sender),
        title=title,
        body=body,
        deposited_at=letter.deposited_at,
        read_at=letter.read_at,
        tracking_id=letter.case,
        document_id=letter.document_id,
    )
