"""Follow the feeds that the settings name: at once when there is news, and every so often anyway.

FEEDS_FOLLOWED = {"civil-registry/deceased": "panjereh.sso.people.deaths.death_told"}
FEED_CUSTOMERS = "panjereh.sso.people.queries.every_national_id"
"""

import asyncio
import logging
import threading
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connections
from django.utils.module_loading import import_string

from panjereh.sdk.feeds.following.actions import Handler, note_trouble
from panjereh.sdk.feeds.following.fetching import catch_up
from panjereh.sdk.feeds.following.index import know_customers
from panjereh.sdk.feeds.following.models import Position

log = logging.getLogger("panjereh.feeds")

POLL_SECONDS = 30.0  # the safety net behind the news
TROUBLE_SECONDS = 3.0
_news = threading.Event()


def wake() -> None:
    """There may be something new. The worker's events and its feeds live in one process."""
    _news.set()


async def follow_feeds(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1, "feeds") as thread:
        await loop.run_in_executor(thread, _know_everyone)
        while not stop.is_set():
            _news.clear()
            well = await loop.run_in_executor(thread, _follow_safely)
            await _news_or(stop, POLL_SECONDS if well else TROUBLE_SECONDS)
        await loop.run_in_executor(thread, connections.close_all)


async def _news_or(stop: asyncio.Event, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while not (stop.is_set() or _news.is_set() or loop.time() >= until):
        await asyncio.sleep(0.1)


def _know_everyone() -> None:
    """Whoever was a customer before this installation followed feeds."""
    try:
        know_customers(import_string(settings.FEED_CUSTOMERS)())
    except DatabaseError as error:
        log.warning("feeds.follower.waiting error=%s", type(error).__name__)


def _follow_safely() -> bool:
    close_old_connections()
    try:
        return follow_all()
    except DatabaseError as error:
        log.warning("feeds.follower.waiting error=%s", type(error).__name__)
        return False


def _follow(feed: str, handler: Handler) -> None:
    try:
        catch_up(feed, handler)
    except DatabaseError:
        raise
    except Exception:
        # A fault of one handler must not hold up the other feeds; this one stands still.
        log.exception("feeds.follower.failed feed=%s", feed)
        note_trouble(feed, "fault")


def follow_all() -> bool:
    """Every feed once; False when one of them is in trouble."""
    for feed, handler in settings.FEEDS_FOLLOWED.items():
        _follow(feed, import_string(handler))
    return not Position.objects.exclude(trouble="").exists()
