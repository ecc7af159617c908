"""What of a subscriber's place in its feeds more than one place needs."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.db import connection
from nacl.signing import SigningKey

from panjereh.sdk.feeds.following.models import FeedKey, Position
from panjereh.sdk.feeds.tokens import open_sealed

_MATCH = """
    SELECT token, national_id FROM feed_following_customertoken
    WHERE key_id = %s AND token = ANY(%s)
"""


def positions() -> list[Position]:
    return list(Position.objects.order_by("feed"))


def live_keys() -> list[FeedKey]:
    """Those under which customers are looked for: what is not needed any more was dropped."""
    return list(FeedKey.objects.order_by("pk"))


@lru_cache(maxsize=64)
def opened(sealed: str) -> bytes:
    return open_sealed(sealed, system_key())


def system_key() -> SigningKey:
    path = Path(settings.KEYS) / "systems" / f"{settings.EXCHANGE_SYSTEM}.ed25519"
    return SigningKey(bytes.fromhex(path.read_text().strip()))


def customers_among(key: FeedKey, tokens: list[bytes]) -> dict[bytes, str]:
    """token -> national id, for those tokens that are customers of ours."""
    with connection.cursor() as cursor:
        cursor.execute(_MATCH, [key.pk, tokens])
        return {bytes(token): national_id for token, national_id in cursor.fetchall()}
