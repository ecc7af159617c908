"""An id_token that comes back to us: proof that a client knew this session."""

from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError
from django.conf import settings
from joserfc import jws, jwt
from joserfc.errors import JoseError

from panjereh.sso.models import RelyingParty
from panjereh.sso.provider.keys import keys
from panjereh.sso.relying_parties.queries import relying_party

ALGORITHMS = ("ES256", "RS256")


def read_hint(hint: str) -> tuple[RelyingParty, dict[str, Any]]:
    """The client an id_token was made for and its claims; it may have expired, not be forged.

    The algorithm is the one registered for the client: no other is even tried (RFC 8725 3.1).
    """
    try:
        alg = str(jws.extract_compact(hint.encode()).headers().get("alg"))
        if alg not in ALGORITHMS:
            raise InvalidRequestError("id_token_hint is not signed by us")
        claims = jwt.decode(hint, keys().verifying(alg), algorithms=[alg]).claims
    except (JoseError, ValueError, UnicodeError) as error:
        raise InvalidRequestError("id_token_hint is not signed by us") from error
    party = relying_party(str(claims.get("aud")))
    if party is None or party.id_token_alg != alg or claims.get("iss") != settings.ISSUER:
        raise InvalidRequestError("id_token_hint is not for a client of ours")
    return party, claims


def subject_of_hint(hint: str, party: RelyingParty) -> str:
    owner, claims = read_hint(hint)
    if owner.client_id != party.client_id:
        raise InvalidRequestError("id_token_hint belongs to another client")
    return str(claims["sub"])
