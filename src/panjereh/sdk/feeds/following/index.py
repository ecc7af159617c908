"""Tokens of all customers under a key: made when the key comes, kept as customers come.

A file of a thousand changes is then matched by a thousand look-ups, whether there are a hundred
customers or five million.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from django.db import connection, transaction

from panjereh.common import clock
from panjereh.sdk.feeds.following.models import FeedKey
from panjereh.sdk.feeds.following.queries import live_keys, opened
from panjereh.sdk.feeds.tokens import token

BATCH = 50_000
# Whoever becomes a customer while a key comes must see the key, or be seen by the index.
_LOCK = 4_021_305

_KNOW = """
    INSERT INTO feed_following_customer (national_id) VALUES (%s) ON CONFLICT DO NOTHING
"""
_ADD = """
    INSERT INTO feed_following_customertoken (key_id, token, national_id)
    VALUES (%s, %s, %s) ON CONFLICT DO NOTHING
"""
_BATCH = """
    SELECT national_id FROM feed_following_customer
    WHERE national_id > %s ORDER BY national_id LIMIT %s
"""
_STAGE_PEOPLE = """
    CREATE TEMP TABLE IF NOT EXISTS feed_people_staged
    (national_id varchar(12)) ON COMMIT DELETE ROWS
"""
_COPY_PEOPLE = "COPY feed_people_staged (national_id) FROM STDIN"
_KNOW_STAGED = """
    INSERT INTO feed_following_customer (national_id)
    SELECT national_id FROM feed_people_staged ON CONFLICT DO NOTHING RETURNING national_id
"""
_STAGE = """
    CREATE TEMP TABLE IF NOT EXISTS feed_tokens_staged
    (key_id bigint, token bytea, national_id varchar(12)) ON COMMIT DELETE ROWS
"""
_COPY = "COPY feed_tokens_staged (key_id, token, national_id) FROM STDIN"
_TAKE_OVER = """
    INSERT INTO feed_following_customertoken (key_id, token, national_id)
    SELECT key_id, token, national_id FROM feed_tokens_staged ON CONFLICT DO NOTHING
"""


def know_customer(national_id: str) -> None:
    """From now on this person is looked for in every file. Call it in the transaction that makes
    somebody a customer; it costs one statement for whoever is one already."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_LOCK])
        cursor.execute(_KNOW, [national_id])
        if cursor.rowcount:
            for key in live_keys():
                made = token(opened(key.sealed), national_id)
                cursor.execute(_ADD, [key.pk, made, national_id])


def know_customers(national_ids: Iterable[str]) -> int:
    """All of them, in batches; for whom the installation served before it followed feeds.

    Returns how many were not known.
    """
    people, fresh = iter(national_ids), 0
    while batch := list(islice(people, BATCH)):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_LOCK])
            cursor.execute(_STAGE_PEOPLE)
            with cursor.copy(_COPY_PEOPLE) as copy:
                for national_id in batch:
                    copy.write_row((national_id,))
            cursor.execute(_KNOW_STAGED)
            new = [row[0] for row in cursor.fetchall()]
            for key in live_keys():
                _index(key, new)
        fresh += len(new)
    return fresh


def shut_out_newcomers() -> None:
    """Until commit nobody becomes a customer: after it, everybody who does sees the new key."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def index_customers(key: FeedKey) -> int:
    """Give every customer a token under the key; can be begun again. Returns how many there are."""
    if key.indexed_at:
        return 0
    count = 0
    for batch in _batches():
        with transaction.atomic():
            _index(key, batch)
        count += len(batch)
    FeedKey.objects.filter(pk=key.pk).update(indexed_at=clock.now())
    return count


def _index(key: FeedKey, national_ids: list[str]) -> None:
    secret = opened(key.sealed)
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        with cursor.copy(_COPY) as copy:
            for national_id in national_ids:
                copy.write_row((key.pk, token(secret, national_id), national_id))
        cursor.execute(_TAKE_OVER)
        cursor.execute("TRUNCATE feed_tokens_staged")


def _batches() -> Iterator[list[str]]:
    last = ""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_BATCH, [last, BATCH])
            batch = [row[0] for row in cursor.fetchall()]
        if not batch:
            return
        yield batch
        last = batch[-1]
