"""The file that is signed: whose site, what for, which text, and a random part of ours."""

import hashlib
from typing import Any
from uuid import UUID

import rfc8785
from django.conf import settings
from django.db import connection
from django.http import QueryDict

from panjereh.common import clock
from panjereh.sso.digests import new_secret, sha256
from panjereh.sso.models import Journey, Person
from panjereh.sso.policy import policy
from panjereh.sso.relying_parties.queries import relying_party
from panjereh.sso.signatures.details import Wanted, read_details
from panjereh.sso.signatures.models import Challenge
from panjereh.sso.signatures.refusals import SignatureRefused

TYPE = "panjereh-signature-challenge-1"
FILE_NAME = "challenge.json"

_SPEND = """
    UPDATE sso_signatures_challenge SET spent_at = %(now)s
    WHERE id = %(id)s AND spent_at IS NULL AND expires_at > %(now)s RETURNING 1
"""


def offer_challenge(journey: Journey, person: Person) -> Challenge:
    """The open challenge of this journey, or a new one: reloading a page changes nothing."""
    now = clock.now()
    open_one = Challenge.objects.filter(
        journey=journey.id, person=person, spent_at=None, expires_at__gt=now
    ).first()
    return open_one or _new_challenge(journey, person)


def _new_challenge(journey: Journey, person: Person) -> Challenge:
    request, now = QueryDict(journey.request), clock.now()
    ends = now + policy().signature_challenge
    content = rfc8785.dumps(
        {
            "type": TYPE,
            "issuer": settings.ISSUER,
            "site": _site(journey.client_id),
            "made_at": now.isoformat(timespec="seconds"),
            "expires_at": ends.isoformat(timespec="seconds"),
            "random": new_secret(),
            **_to_be_signed(wanted_of(request)),
        }
    )
    return Challenge.objects.create(
        journey=journey.id,
        person=person,
        client_id=journey.client_id,
        reference_sha256=reference_of(request),
        content=content,
        digest=hashlib.sha256(content).hexdigest(),
        made_at=now,
        expires_at=ends,
    )


def wanted_of(request: QueryDict) -> Wanted | None:
    return read_details(request.get("authorization_details", ""))


def reference_of(request: QueryDict) -> str:
    """Ties a signature to one pushed request, which is answered once."""
    uri = request.get("request_uri", "")
    return sha256(uri) if uri else ""


def _site(client_id: str) -> dict[str, Any]:
    party = relying_party(client_id)
    return {"client_id": client_id, "name": dict(party.name) if party else {}}


def _to_be_signed(wanted: Wanted | None) -> dict[str, Any]:
    if wanted is None:
        return {"purpose": "sign-in"}
    return {"purpose": "sign", "text": wanted.text, "sha256": wanted.sha256}


def must_be_of(challenge: Challenge, digest: bytes) -> None:
    """Whether this challenge was signed, and if not, which. Raises `SignatureRefused`."""
    if challenge.digest == digest.hex():
        return
    other = Challenge.objects.filter(digest=digest.hex(), person=challenge.person_id).first()
    if other is None:
        raise SignatureRefused("something-else")
    if other.spent_at is not None:
        raise SignatureRefused("used")
    if other.expires_at <= clock.now():
        raise SignatureRefused("challenge-expired")
    raise SignatureRefused("other-journey")


def spend(challenge_id: UUID) -> None:
    """One statement: of signatures that arrive side by side one counts. In the transaction of the
    deed, so that a challenge is spent exactly when its signature is kept."""
    with connection.cursor() as cursor:
        cursor.execute(_SPEND, {"id": challenge_id, "now": clock.now()})
        if cursor.fetchone() is None:
            raise SignatureRefused("used")
