"""A site has a text of its own signed on the way (SSO-13): its side of the request.

The text is pushed, so that nobody on the way to us can change what the person is shown.
"""

from uuid import UUID

from django.http import QueryDict

from panjereh.sso.provider.errors import ClientError
from panjereh.sso.signatures.actions import hand_over
from panjereh.sso.signatures.challenges import reference_of
from panjereh.sso.signatures.details import DetailsUnreadable, read_details
from panjereh.sso.signatures.queries import is_signed, signature_level

PARAMETER = "authorization_details"
REFUSED = "invalid_authorization_details"


def least_level(params: QueryDict) -> int:
    """What is asked for by asking for a signature; 0 by asking for none. Raises `ClientError`."""
    try:
        wanted = read_details(params.get(PARAMETER, ""))
    except DetailsUnreadable as error:
        raise ClientError(REFUSED, str(error)) from error
    if wanted is None:
        return 0
    return signature_level()


def must_be_pushed(params: QueryDict) -> None:
    if PARAMETER in params and "request_uri" not in params:
        raise ClientError(REFUSED, "push what is to be signed (PAR)")


def lacks_signature(params: QueryDict, person_id: UUID) -> bool:
    """A signature made on another journey is fresh, too, and of another text."""
    reference = reference_of(params)
    return PARAMETER in params and not is_signed(reference=reference, person_id=person_id)


def hand_over_signature(params: QueryDict, person_id: UUID, code: str) -> None:
    if PARAMETER in params:
        hand_over(reference=reference_of(params), person_id=person_id, code=code)
