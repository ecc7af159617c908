"""Messages over the exchange: sent now, received when the receiver is there (001 art 31(3)).

    sent = send("health-insurance", "newborns", {"national_id": …}, case=tracking_id)
    state(sent.message_id)["state"]               # waiting, delivered, refused, expired

    for message in pull():                        # a receiver without an address of its own
        with transaction.atomic():
            if first_time(message):
                …
        acknowledge(message)

A receiver with an address has messages brought to it: see `sdk.receiving`. Either way a message
may come again until it is acknowledged; `first_time` tells, inside your own transaction.
"""

import time
import uuid
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from nacl.signing import SigningKey

from panjereh.sdk.exchange import Refused, Unavailable, provider_id, send_signed
from panjereh.sdk.sealing import Between, CannotOpen, own_key, seal, unseal

TIMEOUT_SECONDS = 10.0
PAUSE_SECONDS = 0.2
KEYS_SECONDS = 60  # how long keys of others are believed


@dataclass(frozen=True)
class Sent:
    """What the exchange has promised to deliver; both ids name it."""

    message_id: str
    x_road_id: str
    expires_at: datetime


@dataclass(frozen=True)
class Received:
    message_id: str
    x_road_id: str
    sender: str
    service: str
    case: str
    body: dict[str, Any]


@dataclass(frozen=True)
class Notice:
    """A message of ours did not arrive: `refused` by its receiver, or `expired`."""

    message_id: str
    x_road_id: str
    state: str
    trouble: str


def send(
    system: str,
    service: str,
    body: dict[str, Any],
    *,
    case: str = "",
    expires_in: int = 7 * 86_400,
    x_road_id: str = "",
    timeout: float = TIMEOUT_SECONDS,
) -> Sent:
    """Hand a message over for delivery. Once it returns, the message is not lost.

    A lost answer is asked for again with the same id, which sends nothing twice. Give `x_road_id`
    when you must be able to ask again yourself, after a crash. Raises `Refused` or `Unavailable`.
    """
    if x_road_id and (kept := _kept(x_road_id)):
        return kept
    receiver, deadline = provider_id(system), time.monotonic() + timeout
    message = x_road_id or str(uuid.uuid4())
    key = _newest_key(receiver)
    between = Between(_own_id(), receiver, service, message)
    sealed = seal(body, between, by=_signing_key(), to_key=key)
    envelope = {"to_key": key, "sealed": sealed, "expires_in": expires_in}
    path = f"/v1/{receiver.partition('/')[2]}/{service}"
    ids = {"x-road-id": message, "x-road-issue": case}
    return _sent(_until_answered(path, envelope, deadline, ids))


def state(message_id: str = "", *, x_road_id: str = "") -> dict[str, Any]:
    """Where a message of ours stands. Raises `Refused` when there is none."""
    wanted = {"message_id": message_id} if message_id else {"x_road_id": x_road_id}
    return _ask("state", wanted)


def _kept(x_road_id: str) -> Sent | None:
    """What was sealed before a crash cannot be sealed alike again, so it is asked for first."""
    try:
        return _sent(state(x_road_id=x_road_id))
    except Refused:
        return None


def _sent(told: dict[str, Any]) -> Sent:
    expires_at = datetime.fromisoformat(told["expires_at"])
    return Sent(told["message_id"], told["x_road_id"], expires_at)


def pull(limit: int = 10) -> list[Received]:
    """Messages for this system. They are ours for a minute; what is not acknowledged by then comes
    again. One that cannot be opened is left for its sender to hear that it expired."""
    return [opened for one in _ask("pull", {"limit": limit})["messages"] if (opened := _open(one))]


def notices() -> list[Notice]:
    """Which of our messages did not arrive, until we `take_note`."""
    return [Notice(**one) for one in _ask("notices", {})["notices"]]


def acknowledge(*messages: Received) -> None:
    """We have them: they will not come again."""
    _ask("acknowledge", {"ids": [message.message_id for message in messages]})


def take_note(*told: Notice) -> None:
    _ask("acknowledge", {"notices": [one.message_id for one in told]})


def first_time(message: Received) -> bool:
    """Whether this system has not dealt with the message yet. Inside the transaction in which it
    does: both are kept or neither."""
    from panjereh.common.outbox.models import InboxEvent  # noqa: PLC0415  # where there is an outbox

    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a message is dealt with in the transaction that notes it")
    _, fresh = InboxEvent.objects.get_or_create(
        event_id=message.message_id, handler=f"message:{message.service}"
    )
    return fresh


def keys_of(x_road_id: str) -> dict[str, list[str]]:
    """Public keys of a system as the exchange's directory has them, the newest first: `keys` are
    accepted now, by those `before` it may have signed what is still on its way."""
    return _keys(x_road_id, int(time.time()) // KEYS_SECONDS)


@lru_cache(maxsize=256)
def _keys(x_road_id: str, _minute: int) -> dict[str, list[str]]:
    return _ask("keys", {"system": x_road_id})


def _newest_key(receiver: str) -> str:
    if not (keys := keys_of(receiver)["keys"]):
        raise CannotOpen("the receiver has no key to seal a message for")
    return keys[0]


def _ask(deed: str, body: dict[str, Any]) -> dict[str, Any]:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    return _until_answered(f"/v1/messages/{deed}", body, deadline, {})


def _until_answered(
    path: str, body: dict[str, Any], deadline: float, ids: dict[str, str]
) -> dict[str, Any]:
    """Everything here may be asked twice, so it is, until the deadline."""
    while True:
        try:
            return send_signed(path, body, deadline, ids).good_answer()
        except Unavailable:
            if time.monotonic() + PAUSE_SECONDS >= deadline:
                raise
            time.sleep(PAUSE_SECONDS)


def _open(told: dict[str, Any]) -> Received | None:
    try:
        return opened(told, system=settings.EXCHANGE_SYSTEM)
    except CannotOpen:
        return None


def opened(told: dict[str, Any], *, system: str) -> Received:
    """A message as the exchange hands it out, for a system whose keys we hold. Raises
    `CannotOpen`."""
    key = own_key(Path(settings.KEYS), system, told["to_key"])
    between = Between(told["sender"], provider_id(system), told["service"], told["x_road_id"])
    theirs = keys_of(told["sender"])
    sender_keys = theirs["keys"] + theirs["before"]
    body = unseal(told["sealed"], between, key=key, sender_keys=sender_keys)
    return Received(
        told["message_id"],
        told["x_road_id"],
        told["sender"],
        told["service"],
        told["issue"],
        body,
    )


def _own_id() -> str:
    return provider_id(settings.EXCHANGE_SYSTEM)


def _signing_key() -> SigningKey:
    """Messages are signed inside, on a channel of mutual TLS too."""
    file = Path(settings.KEYS) / "systems" / f"{settings.EXCHANGE_SYSTEM}.ed25519"
    return SigningKey(bytes.fromhex(file.read_text().strip()))
