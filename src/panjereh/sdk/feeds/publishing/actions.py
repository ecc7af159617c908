"""The deeds of a publisher on its feeds."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.timezone import localdate

from panjereh.common import clock
from panjereh.sdk.feeds.publishing import telling
from panjereh.sdk.feeds.publishing.models import Change, Day, Epoch, Feed, Page, Phase, Subscriber
from panjereh.sdk.feeds.publishing.queries import digests_of

CHANNEL = "feeds"
SALT_BYTES = 16
PAGE_CHANGES = 1000
# A deed that was begun before midnight may be committed a moment after it.
MIDNIGHT_GRACE = timedelta(minutes=1)
KEY_LIFE = timedelta(days=365)
KEY_NOTICE = timedelta(days=14)  # time to compute the tokens of some million customers anew


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What a publication is, for the register of the exchange. `name` is system/service."""

    name: str
    title: dict[str, str]
    told: dict[str, str]
    columns: dict[str, bool]  # name -> required
    approval_row: str


def announce_feed(sheet: Sheet) -> Feed:
    """Open a feed, or bring its sheet up to date. The publisher's own installation does this."""
    kept = {
        "title": sheet.title,
        "told": sheet.told,
        "columns": [{"name": name, "required": must} for name, must in sheet.columns.items()],
        "approval_row": sheet.approval_row,
        "kind": "feed",
        "frequency": "daily",
        "same_day": True,  # 000 A4.2: on the day of the change
    }
    with transaction.atomic():
        yesterday = _today() - timedelta(days=1)
        feed, fresh = Feed.objects.select_for_update().get_or_create(
            name=sheet.name, defaults={"sheet": kept, "closed_day": yesterday}
        )
        if fresh or feed.sheet != kept:
            Feed.objects.filter(pk=feed.pk).update(sheet=kept)
            feed.sheet = kept
            telling.sheet_announced(feed, list(feed.phases.all()))
    return feed


def open_phase(*, feed_name: str, number: int, opens_on: date, members: Iterable[str]) -> Phase:
    """Serve these members from this day on; an empty list serves everyone with a grant (NIX-14)."""
    with transaction.atomic():
        feed = Feed.objects.select_for_update().get(pk=feed_name)
        wanted = {"opens_on": opens_on, "members": sorted(members)}
        phase = Phase.objects.filter(feed=feed, number=number).first()
        if phase and (phase.opens_on, phase.members) == (opens_on, wanted["members"]):
            return phase
        phase, _ = Phase.objects.update_or_create(feed=feed, number=number, defaults=wanted)
        telling.sheet_announced(feed, list(feed.phases.all()))
    return phase


def publish_change(feed_name: str, national_id: str, *, state: str = "") -> Change:
    """Write the change into the running transaction of the deed that made it (NIX-15).

    Raises `RuntimeError` outside a transaction: told and not done, or done and not told.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"{feed_name} was told of a change outside the transaction of its deed")
    change = Change.objects.create(
        feed_id=feed_name, national_id=national_id, day=_today(), state=state
    )
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {CHANNEL}")
    return change


def publish_waiting(feed_name: str) -> Page | None:
    """Close the next file of what waits, changes of one day only; None when nothing waits."""
    with transaction.atomic():
        feed = Feed.objects.select_for_update().get(pk=feed_name)
        waiting = list(
            Change.objects.filter(feed=feed, page=None).order_by("day", "pk")[:PAGE_CHANGES]
        )
        if not waiting:
            return None
        day = _day_of_file(feed, waiting[0])
        told = [change for change in waiting if _day_of_file(feed, change) == day]
        page = _close_page(feed, day, told)
        _tell_page(page, told)
    return page


def _day_of_file(feed: Feed, change: Change) -> date:
    """A change whose day is over already is told today, late."""
    return change.day if change.day > feed.closed_day else _today()


def _close_page(feed: Feed, day: date, told: list[Change]) -> Page:
    feed.sequence += 1
    Feed.objects.filter(pk=feed.pk).update(sequence=feed.sequence)
    page = Page.objects.create(feed=feed, sequence=feed.sequence, day=day, published_at=clock.now())
    Change.objects.filter(pk__in=[change.pk for change in told]).update(page=page)
    return page


def _tell_page(page: Page, told: list[Change]) -> None:
    telling.page_published(
        page.feed_id,
        sequence=page.sequence,
        day=page.day,
        changes=len(told),
        late=sum(change.day < page.day for change in told),
        at=page.published_at,
        digests=digests_of(page),
    )


def close_days(feed_name: str) -> list[Day]:
    """Close every day that is over, in order; one on which nothing happened as well."""
    closed = []
    with transaction.atomic():
        feed = Feed.objects.select_for_update().get(pk=feed_name)
        over = localdate(clock.now() - MIDNIGHT_GRACE)
        while feed.closed_day + timedelta(days=1) < over:
            following = feed.closed_day + timedelta(days=1)
            if Change.objects.filter(feed=feed, page=None, day__lte=following).exists():
                break  # its last file first
            closed.append(_close_day(feed, following))
    return closed


def _close_day(feed: Feed, day: date) -> Day:
    now = clock.now()
    feed.closed_day = day
    Feed.objects.filter(pk=feed.pk).update(closed_day=day)
    row = Day.objects.create(feed=feed, day=day, last_sequence=_last_of(feed, day), closed_at=now)
    telling.day_closed(
        feed.name,
        day=day,
        last_sequence=row.last_sequence,
        changes=Change.objects.filter(page__feed=feed, page__day=day).count(),
        at=now,
    )
    return row


def _last_of(feed: Feed, day: date) -> int:
    """The last file up to the end of the day; files of the next may be out already."""
    upto = Page.objects.filter(feed=feed, day__lte=day).order_by("-sequence")
    return upto.values_list("sequence", flat=True).first() or 0


def know_subscriber(
    *,
    feed_name: str,
    consumer: str,
    public_keys: Sequence[str],
    granted: bool,
    told_at: datetime,
) -> None:
    """Take over what the exchange says of a subscriber. Older news than what is known is stale."""
    with transaction.atomic():
        feed = Feed.objects.select_for_update().get(pk=feed_name)
        subscriber = Subscriber.objects.filter(feed=feed, consumer=consumer).first()
        if subscriber is None:
            subscriber = Subscriber(feed=feed, consumer=consumer, first_sequence=feed.sequence)
        elif subscriber.told_at > told_at:
            return
        subscriber.public_keys, subscriber.told_at = list(public_keys), told_at
        subscriber.ended_at = None if granted else subscriber.ended_at or told_at
        subscriber.save()
        if not subscriber.epochs.exists():
            _begin_epoch(subscriber, 1, _today())


def rotate_keys(*, feed_name: str, starts_on: date) -> list[Epoch]:
    """From that day on every subscriber's tokens are made with a new key.

    Raises `ValueError` for a day that has begun: its files may be out under the old key.
    """
    if starts_on <= _today():
        raise ValueError("a key changes with a day that has not begun")
    with transaction.atomic():
        Feed.objects.select_for_update().get(pk=feed_name)
        serving = Subscriber.objects.filter(feed=feed_name, ended_at=None)
        return [epoch for s in serving if (epoch := _next_epoch(s, starts_on))]


def _next_epoch(subscriber: Subscriber, starts_on: date) -> Epoch | None:
    newest = subscriber.epochs.latest("number")
    if newest.starts_on >= starts_on:
        return None
    return _begin_epoch(subscriber, newest.number + 1, starts_on)


def _begin_epoch(subscriber: Subscriber, number: int, starts_on: date) -> Epoch:
    return Epoch.objects.create(
        subscriber=subscriber,
        number=number,
        salt=secrets.token_bytes(SALT_BYTES),
        starts_on=starts_on,
        made_at=clock.now(),
    )


def rotate_old_keys(feed_name: str) -> list[Epoch]:
    """Give notice of a new key to whoever has had the last one for a year."""
    with transaction.atomic():
        Feed.objects.select_for_update().get(pk=feed_name)
        old = _today() - KEY_LIFE + KEY_NOTICE
        serving = Subscriber.objects.filter(feed=feed_name, ended_at=None)
        due = [s for s in serving if s.epochs.latest("number").starts_on <= old]
        return [epoch for s in due if (epoch := _next_epoch(s, _today() + KEY_NOTICE))]


def note_position(subscriber: Subscriber, *, taken: int, trouble: str) -> None:
    """A subscriber has asked for what comes after `taken`: so far it has come."""
    facts: dict[str, Any] = {"taken": taken, "trouble": trouble, "asked_at": clock.now()}
    with transaction.atomic():
        locked = Subscriber.objects.select_for_update().get(pk=subscriber.pk)
        moved = (locked.taken, locked.trouble) != (taken, trouble)
        for name, value in facts.items():
            setattr(locked, name, value)
        locked.save(update_fields=list(facts))
        if moved:
            telling.subscriber_moved(locked)


def _today() -> date:
    return localdate(clock.now())
