"""The deeds of a subscriber: keep a key, apply a file exactly once, say what is wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction

from panjereh.common import clock
from panjereh.sdk.feeds.files import ClosedDay, File, KeyAnswer, Listed, Manifest, digest_of
from panjereh.sdk.feeds.following import index
from panjereh.sdk.feeds.following.models import (
    CustomerToken,
    FeedKey,
    Position,
    TakenFile,
)
from panjereh.sdk.feeds.following.queries import customers_among, opened

# Files told late are still in an older key.
OLD_KEYS_KEPT = timedelta(days=7)


class FileRefused(Exception):
    """The file was not taken; we stand where we stood. `trouble` says why, in one word."""

    def __init__(self, trouble: str) -> None:
        super().__init__(trouble)
        self.trouble = trouble


@dataclass(frozen=True, kw_only=True)
class Match:
    """A customer of ours has changed."""

    feed: str
    national_id: str
    change_date: date
    state: str
    sequence: int
    request_id: str


Handler = Callable[[Match], None]


def begin(feed: str, manifest: Manifest) -> Position:
    """Our place in the feed. The first time it is where the publisher lets us begin."""
    with transaction.atomic():
        position, _ = Position.objects.select_for_update().get_or_create(feed=feed)
        if position.begun_at is None:
            position.sequence, position.begun_at = manifest.after, clock.now()
            position.save()
    return position


def check_manifest(position: Position, manifest: Manifest) -> None:
    """Raises `FileRefused` when the publisher's list does not go on where we stand."""
    if manifest.feed != position.feed:
        raise FileRefused("foreign")
    if manifest.after != position.sequence or manifest.latest < position.sequence:
        raise FileRefused("gap")
    numbers = [listed.sequence for listed in manifest.pages]
    if numbers != list(range(position.sequence + 1, position.sequence + 1 + len(numbers))):
        raise FileRefused("gap")


def keep_key(feed: str, answer: KeyAnswer) -> FeedKey:
    """Raises `KeyRefused` when it was not sealed for us."""
    opened(answer.sealed_key)
    with transaction.atomic():
        index.shut_out_newcomers()
        key, _ = FeedKey.objects.get_or_create(
            feed=feed,
            epoch=answer.epoch,
            defaults={
                "starts_on": answer.starts_on,
                "sealed": answer.sealed_key,
                "got_at": clock.now(),
            },
        )
    return key


def apply_file(file: File, listed: Listed, *, request_id: str, handler: Handler) -> TakenFile:
    """Tell `handler` of our customers in the file, and step forward: all in one transaction, so a
    process that dies in it has done nothing. Raises `FileRefused`."""
    _check_file(file, listed)
    with transaction.atomic():
        position = Position.objects.select_for_update().get(pk=file.feed)
        if file.sequence <= position.sequence:
            raise FileRefused("replayed")
        if file.sequence != position.sequence + 1:
            raise FileRefused("gap")
        matches = _matches(file, request_id)
        for match in matches:
            handler(match)
        position.sequence = file.sequence
        _recover(position)
        return _note(file, request_id, len(matches))


def _check_file(file: File, listed: Listed) -> None:
    if (file.sequence, file.day, file.epoch) != (listed.sequence, listed.day, listed.epoch):
        raise FileRefused("foreign")
    if not (digest_of(file) == file.digest == listed.digest):
        raise FileRefused("cut")


def _matches(file: File, request_id: str) -> list[Match]:
    """In the order of the file; a person who changed twice matches twice."""
    key = FeedKey.objects.filter(feed=file.feed, epoch=file.epoch).first()
    if key is None or key.indexed_at is None:
        raise FileRefused("no-key")
    try:
        tokens = [bytes.fromhex(entry.national_id_token) for entry in file.changes]
    except ValueError as error:
        raise FileRefused("cut") from error
    ours = customers_among(key, tokens)
    return [
        Match(
            feed=file.feed,
            national_id=ours[token],
            change_date=entry.change_date,
            state=entry.state,
            sequence=file.sequence,
            request_id=request_id,
        )
        for token, entry in zip(tokens, file.changes, strict=True)
        if token in ours
    ]


def _recover(position: Position) -> None:
    position.trouble, position.trouble_since = "", None
    position.asked_at = clock.now()
    position.save()


def _note(file: File, request_id: str, matched: int) -> TakenFile:
    return TakenFile.objects.create(
        feed=file.feed,
        sequence=file.sequence,
        day=file.day,
        digest=file.digest,
        request_id=request_id,
        entries=len(file.changes),
        matched=matched,
        taken_at=clock.now(),
    )


def note_days(feed: str, days: list[ClosedDay]) -> None:
    """Every change up to the newest day whose last file we have is known to us."""
    with transaction.atomic():
        position = Position.objects.select_for_update().get(pk=feed)
        over = [d.day for d in days if d.last_sequence <= position.sequence]
        position.closed_day = max([*over, position.closed_day or date.min])
        if position.closed_day == date.min:
            position.closed_day = None
        _recover(position)


def note_trouble(feed: str, trouble: str) -> bool:
    """We stand still; the publisher hears of it with the next question. False when it is known."""
    with transaction.atomic():
        position, _ = Position.objects.select_for_update().get_or_create(feed=feed)
        if position.trouble == trouble:
            return False
        position.trouble, position.trouble_since = trouble, clock.now()
        position.save(update_fields=["trouble", "trouble_since"])
    return True


def drop_old_keys(feed: str, day: date) -> int:
    """Forget keys, and all tokens under them, that no file after `day` can be in."""
    keys = list(FeedKey.objects.filter(feed=feed, starts_on__lte=day - OLD_KEYS_KEPT))
    old = sorted(keys, key=lambda key: key.epoch)[:-1]
    for key in old:
        CustomerToken.objects.filter(key=key).delete()
        key.delete()
    return len(old)
