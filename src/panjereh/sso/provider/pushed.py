"""Authorization requests that a client leaves with us before it sends the person (RFC 9126)."""

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.http import QueryDict

from panjereh.common import clock
from panjereh.sso.digests import new_secret, sha256
from panjereh.sso.models import PushedRequest
from panjereh.sso.policy import policy

PREFIX = "urn:ietf:params:oauth:request_uri:"
# Who has begun to sign in may take as long as a sign-in may take, and may reload the page.
_ARRIVE = """
    UPDATE sso_pushedrequest SET expires_at = greatest(expires_at, %(until)s)
    WHERE reference_sha256 = %(reference)s AND client_id = %(client)s AND expires_at > %(now)s
    RETURNING request
"""


@dataclass(frozen=True)
class Pushed:
    """`uri` is what the client sends instead of the request itself; `seconds` how long it lives."""

    uri: str
    seconds: int


class UnknownReference(Exception):
    """Nobody pushed it, another client did, or its time is over."""


def push(client_id: str, params: QueryDict) -> Pushed:
    reference, life = new_secret(), policy().pushed_request
    PushedRequest.objects.create(
        reference_sha256=sha256(reference),
        client_id=client_id,
        request=params.urlencode(),
        expires_at=clock.now() + life,
    )
    return Pushed(PREFIX + reference, int(life.total_seconds()))


def pushed_request(uri: str, *, client_id: str) -> QueryDict:
    """The request as it was pushed. Raises `UnknownReference`."""
    now = clock.now()
    row: dict[str, Any] = {
        "reference": sha256(uri.removeprefix(PREFIX)),
        "client": client_id,
        "now": now,
        "until": now + policy().journey,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ARRIVE, row)
        found = cursor.fetchone()
    if found is None:
        raise UnknownReference
    return QueryDict(found[0])


def use_up(uri: str) -> bool:
    """When its code is issued, and not before. False when that was done already."""
    spent, _ = PushedRequest.objects.filter(
        reference_sha256=sha256(uri.removeprefix(PREFIX))
    ).delete()
    return spent > 0
