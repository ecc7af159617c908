"""What a client's request says about acting for another: scopes, one id, one service."""

import re
from dataclasses import dataclass

from django.http import QueryDict

from panjereh.sso.models import RelyingParty
from panjereh.sso.provider.errors import ClientError

LIST, ANY = "representee_list", "representee.*"
SCOPES = (LIST, ANY)
LONGEST_SERVICE = 110
_ONE = re.compile(r"representee\.([A-Za-z0-9_-]{43})")


@dataclass(frozen=True)
class Asked:
    """`one` is a pairwise id; without it the person chooses on a page. `service` is the code of
    the service the client is about to give; mandates for single services need it."""

    wanted: bool = False
    one: str = ""
    service: str = ""


def read_asked(params: QueryDict, party: RelyingParty) -> Asked:
    """Never guessed and never silently dropped: the site would take one person for another.

    Raises `ClientError`.
    """
    scopes = [name for name in params.get("scope", "").split() if name.startswith("representee")]
    if not scopes:
        return Asked()
    if not all(allows(party, scope) for scope in scopes):
        raise ClientError("invalid_scope", "this client was not granted representation")
    named = {match[1] for scope in scopes if (match := _ONE.fullmatch(scope))}
    if len(named) > 1:
        raise ClientError("invalid_scope", "one representee at a time")
    service = params.get("service", "")
    if len(service) > LONGEST_SERVICE:
        raise ClientError("invalid_request", "service must be the code of a service")
    return Asked(True, next(iter(named), ""), service)


def allows(party: RelyingParty, scope: str) -> bool:
    """A concrete id only for a client that was granted any."""
    if _ONE.fullmatch(scope):
        return ANY in party.representee_scopes
    return scope in SCOPES and scope in party.representee_scopes
