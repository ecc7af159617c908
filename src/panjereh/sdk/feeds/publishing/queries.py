"""Files of a feed as one subscriber gets them. Nothing here is kept: tokens are made when asked."""

import hmac
from collections.abc import Sequence
from datetime import date

import msgspec
from django.conf import settings
from django.utils.timezone import localdate

from panjereh.common import clock
from panjereh.common.problems import Problem
from panjereh.sdk.feeds.files import (
    ClosedDay,
    Entry,
    File,
    KeyAnswer,
    KeyDate,
    Listed,
    Manifest,
    digest_of,
)
from panjereh.sdk.feeds.publishing.models import Change, Day, Epoch, Page, Phase, Subscriber
from panjereh.sdk.feeds.tokens import seal, token

# Files are filled up to a multiple of this with tokens of nobody. A file of one change would else
# tell two subscribers who put their files side by side which two tokens are one person.
FILLED_TO = 16
LISTED_AT_ONCE = 100
RETRY_SECONDS = 2


def subscriber_for(feed_name: str, consumer: str) -> Subscriber:
    """Who asks, when the feed serves it. Raises `Problem`."""
    found = Subscriber.objects.filter(feed=feed_name, consumer=consumer).first()
    if found is None:
        # The exchange let the call pass, so there is a grant; the news of it is on its way.
        raise Problem(
            503,
            "subscription-on-its-way",
            "the publisher has not heard of the grant yet",
            cause="provider",
            retry_in=RETRY_SECONDS,
        )
    if found.ended_at is not None:
        raise Problem(403, "subscription-ended", "the exchange has ended this subscription")
    if not in_phase(found):
        raise Problem(403, "phase-not-open", "the feed does not serve this member yet")
    return found


def in_phase(subscriber: Subscriber) -> bool:
    open_now = Phase.objects.filter(feed=subscriber.feed_id, opens_on__lte=localdate(clock.now()))
    return any(not p.members or subscriber.member in p.members for p in open_now)


def manifest(subscriber: Subscriber, after: int) -> Manifest:
    """What there is after that number, as far as one answer holds it."""
    start = max(after, subscriber.first_sequence)
    pages = list(
        Page.objects.filter(feed=subscriber.feed_id, sequence__gt=start).order_by("sequence")[
            :LISTED_AT_ONCE
        ]
    )
    return Manifest(
        feed=subscriber.feed_id,
        after=start,
        latest=_latest(subscriber),
        pages=[_listed(subscriber, page) for page in pages],
        days=_days(subscriber, start),
        keys=[KeyDate(epoch=e.number, starts_on=e.starts_on) for e in subscriber.epochs.all()],
        at=clock.now(),
    )


def _latest(subscriber: Subscriber) -> int:
    pages = Page.objects.filter(feed=subscriber.feed_id).order_by("-sequence")
    return pages.values_list("sequence", flat=True).first() or 0


def _listed(subscriber: Subscriber, page: Page) -> Listed:
    made = file_for(subscriber, page)
    return Listed(sequence=made.sequence, day=made.day, epoch=made.epoch, digest=made.digest)


def _days(subscriber: Subscriber, after: int) -> list[ClosedDay]:
    """Days whose last file the subscriber is about to take; the newest one always."""
    closed = Day.objects.filter(feed=subscriber.feed_id).order_by("day")
    wanted = list(closed.filter(last_sequence__gt=after)[:LISTED_AT_ONCE])
    newest = closed.last()
    if newest and newest not in wanted:
        wanted.append(newest)
    return [ClosedDay(day=d.day, last_sequence=d.last_sequence) for d in wanted]


def file_of(subscriber: Subscriber, sequence: int) -> File:
    page = Page.objects.filter(feed=subscriber.feed_id, sequence=sequence).first()
    if page is None or sequence <= subscriber.first_sequence:
        raise Problem(404, "file-unknown", "there is no file of this number for you")
    return file_for(subscriber, page)


def file_for(subscriber: Subscriber, page: Page) -> File:
    """The file in this subscriber's tokens, in an order that follows from them alone."""
    epoch = epoch_on(subscriber, page.day)
    key = key_of(epoch)
    changes = [_entry(key, change) for change in page.changes.order_by("pk")]
    changes += _filling(subscriber, page, changes)
    made = File(
        feed=subscriber.feed_id,
        sequence=page.sequence,
        day=page.day,
        epoch=epoch.number,
        changes=sorted(changes),
    )
    return msgspec.structs.replace(made, digest=digest_of(made))


def _entry(key: bytes, change: Change) -> Entry:
    return Entry(
        national_id_token=token(key, change.national_id).hex(),
        change_date=change.day,
        state=change.state,
    )


def _filling(subscriber: Subscriber, page: Page, real: Sequence[Entry]) -> list[Entry]:
    """Always the same for the same file, and known to nobody but the publisher."""
    missing = -len(real) % FILLED_TO
    secret = _secret(f"fill\n{subscriber.feed_id}\n{subscriber.consumer}\n{page.sequence}", b"")
    state = real[0].state if real else ""
    return [
        Entry(national_id_token=token(secret, str(n)).hex(), change_date=page.day, state=state)
        for n in range(missing)
    ]


def epoch_on(subscriber: Subscriber, day: date) -> Epoch:
    """The key of a day; of the first one for a file told late about a day before it."""
    epochs = list(subscriber.epochs.all())
    return next((e for e in reversed(epochs) if e.starts_on <= day), epochs[0])


def key_of(epoch: Epoch) -> bytes:
    subscriber = epoch.subscriber
    place = f"key\n{subscriber.feed_id}\n{subscriber.consumer}\n{epoch.number}"
    return _secret(place, bytes(epoch.salt))


def _secret(place: str, salt: bytes) -> bytes:
    return hmac.digest(settings.FEED_KEYS.encode(), place.encode() + b"\n" + salt, "sha256")


def sealed_key(subscriber: Subscriber, number: int, public_key: str) -> KeyAnswer:
    """The key of an epoch, sealed to a key under which the exchange knows the subscriber."""
    if public_key not in subscriber.public_keys:
        raise Problem(403, "key-not-registered", "the exchange does not know this system key")
    epoch = subscriber.epochs.filter(number=number).first()
    if epoch is None:
        raise Problem(404, "epoch-unknown", "there is no key of this number")
    return KeyAnswer(
        epoch=number, starts_on=epoch.starts_on, sealed_key=seal(key_of(epoch), public_key)
    )


def digests_of(page: Page) -> dict[str, str]:
    """For the register of the exchange: what each subscriber's file of this number must hash to."""
    serving = Subscriber.objects.filter(feed=page.feed_id, ended_at=None)
    return {s.consumer: file_for(s, page).digest for s in serving if s.epochs.exists()}
