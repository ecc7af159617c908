"""Ask the publisher, over the exchange, for what is new, and take it file by file."""

import logging
from typing import Any

import msgspec

from panjereh.sdk.exchange import ExchangeError, Refused, Unavailable, call, calls_noted
from panjereh.sdk.feeds.files import File, KeyAnswer, Listed, Manifest
from panjereh.sdk.feeds.following import actions, index
from panjereh.sdk.feeds.following.actions import FileRefused, Handler
from panjereh.sdk.feeds.following.models import FeedKey, Position
from panjereh.sdk.feeds.following.queries import system_key
from panjereh.sdk.feeds.tokens import KeyRefused

log = logging.getLogger("panjereh.feeds")

TIMEOUT_SECONDS = 10.0


def catch_up(feed: str, handler: Handler) -> int:
    """Take every file there is for us; how many were taken. Whatever is wrong stops us where we
    stand and is noted; the next time begins there again."""
    taken = 0
    try:
        while got := _take_listed(feed, handler):
            taken += got
    except FileRefused as refusal:
        _stop(feed, refusal.trouble)
    except KeyRefused:
        _stop(feed, "no-key")
    except ExchangeError as error:
        _stop(feed, _trouble_of(error), code=error.code, request=error.request_id)
    return taken


def _trouble_of(error: ExchangeError) -> str:
    if isinstance(error, Unavailable):
        return "away"
    if isinstance(error, Refused):
        return "no-grant"
    return "not-in-phase" if error.code == "phase-not-open" else "refused"


def _stop(feed: str, trouble: str, **of_call: str) -> None:
    if actions.note_trouble(feed, trouble):
        log.warning("feeds.follower.stopped feed=%s trouble=%s %s", feed, trouble, of_call)


def _take_listed(feed: str, handler: Handler) -> int:
    """The files of one manifest."""
    before = Position.objects.filter(pk=feed).first() or Position(feed=feed)
    asked = {"after": before.sequence, "trouble": before.trouble}
    manifest = _ask(feed, "manifest", asked, Manifest)
    position = actions.begin(feed, manifest)
    actions.check_manifest(position, manifest)
    _take_keys(feed, {listed.epoch for listed in manifest.pages})
    for listed in manifest.pages:
        _take(feed, listed, handler)
    actions.note_days(feed, manifest.days)
    # Those of a day to come as well, after the news, so that on that day the tokens are ready.
    _take_keys(feed, {key.epoch for key in manifest.keys[-2:]})
    if manifest.days:
        actions.drop_old_keys(feed, max(d.day for d in manifest.days))
    return len(manifest.pages)


def _take_keys(feed: str, epochs: set[int]) -> None:
    for epoch in sorted(epochs):
        key = FeedKey.objects.filter(feed=feed, epoch=epoch).first()
        if key is None:
            public_key = system_key().verify_key.encode().hex()
            asked = {"epoch": epoch, "public_key": public_key}
            key = actions.keep_key(feed, _ask(feed, "key", asked, KeyAnswer))
        index.index_customers(key)


def _take(feed: str, listed: Listed, handler: Handler) -> None:
    with calls_noted() as calls:
        file = _ask(feed, "pages", {"sequence": listed.sequence}, File)
    request_id = calls[-1].request_id if calls else ""
    actions.apply_file(file, listed, request_id=request_id, handler=handler)
    log.info("feeds.file.taken feed=%s sequence=%s", feed, file.sequence)


def _ask(feed: str, part: str, body: dict[str, Any], answer: type[Any]) -> Any:
    """Raises `FileRefused` for an answer that is not of the agreed form: cut on the way."""
    system, _, service = feed.partition("/")
    got = call(system, f"{service}/{part}", body, timeout=TIMEOUT_SECONDS)
    try:
        return msgspec.convert(got, answer, strict=False)
    except msgspec.ValidationError as error:
        raise FileRefused("cut") from error
