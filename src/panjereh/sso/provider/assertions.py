"""Client assertions: a client proves by its key who it is (RFC 7523, OpenID Core 9)."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from panjereh.common import clock
from panjereh.sso.models import RelyingParty
from panjereh.sso.provider.seen import first_use
from panjereh.sso.relying_parties.queries import relying_party

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = ["ES256"]
LONGEST = timedelta(minutes=10)
SKEW = timedelta(seconds=10)


class AssertionRefused(Exception):
    """The client learns no more from it than from "wrong secret"."""


def subject_of_assertion(assertion: str) -> RelyingParty:
    """The client that made it. Raises `AssertionRefused`."""
    try:
        party = _claimed_maker(assertion)
        keys = KeySet.import_key_set(party.jwks)  # type: ignore[arg-type]
        claims = jwt.decode(assertion, keys, ALGORITHMS).claims
        _check(claims, party)
    except (JoseError, ValueError, UnicodeError, LookupError, TypeError, OverflowError) as error:
        raise AssertionRefused from error
    return party


def _claimed_maker(assertion: str) -> RelyingParty:
    """Whose keys to try; nothing of it is believed before the signature is checked."""
    claims = json.loads(jws.extract_compact(assertion.encode()).payload)
    party = relying_party(str(claims["iss"]))
    if party is None or not party.jwks:
        raise AssertionRefused
    return party


def _check(claims: dict[str, Any], party: RelyingParty) -> None:
    if claims["iss"] != party.client_id or claims["sub"] != party.client_id:
        raise AssertionRefused
    if claims["aud"] not in _audiences(party):
        raise AssertionRefused
    now, expires = clock.now(), _time(claims["exp"])
    made = _time(claims["iat"]) if "iat" in claims else expires - LONGEST
    if not (now < expires <= now + LONGEST and made <= now + SKEW):
        raise AssertionRefused
    if not first_use("assertion", party.client_id, claims["jti"], made_at=made, until=expires):
        raise AssertionRefused


def _audiences(party: RelyingParty) -> list[str]:
    """One string and never a list: a list lets another server of it use the assertion here."""
    endpoint = [] if party.profile == "high" else [f"{settings.ISSUER}/oauth2/token"]
    return [settings.ISSUER, *endpoint]


def _time(seconds: Any) -> datetime:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise AssertionRefused
    return datetime.fromtimestamp(seconds, UTC)
