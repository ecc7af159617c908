"""A subscriber that writes down what it is told, in the transaction that takes the file."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

from django.db import connection

from panjereh.sdk.feeds.following.actions import Match

MAKE = """
    CREATE TABLE IF NOT EXISTS noted
    (feed text, national_id text, state text, sequence bigint, change_date date)
"""


def note(match: Match) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO noted VALUES (%s, %s, %s, %s, %s)",
            [match.feed, match.national_id, match.state, match.sequence, match.change_date],
        )
    if hangs := os.environ.get("NOTING_HANGS"):
        Path(hangs).touch()
        time.sleep(60)


def nobody() -> Iterator[str]:
    return iter(())


def noted() -> list[tuple[str, int]]:
    """Who was told of, by which file."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT national_id, sequence FROM noted ORDER BY sequence, national_id")
        return list(cursor.fetchall())
