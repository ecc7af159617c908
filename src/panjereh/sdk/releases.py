"""What the sign-on told sites about the signed-in person: read with the person's own token."""

from datetime import date, datetime, time

import msgspec
from django.http import HttpRequest
from django.utils import timezone

from panjereh.sdk.signin.access import access_token, drop_access
from panjereh.sdk.signin.failures import SignInFailed
from panjereh.sdk.signin.issuer import issuer

SCOPE = "releases"
PATH = "/oauth2/releases"
Texts = dict[str, str]


class NoToken(Exception):
    """There is none that is good: `access.access_address` leads to one."""


class Away(Exception):
    """The sign-on does not answer now."""


class Named(msgspec.Struct, frozen=True):
    code: str
    name: Texts


class Line(msgspec.Struct, frozen=True):
    """`acted`: "other" when `whom` acted for the person, "self" when the person did for `whom`."""

    id: int
    at: datetime
    agency: Named
    site: Named
    claims: list[Named]
    purpose: Texts
    legal_basis: list[str]
    acted: str = ""
    whom: str = ""


class Releases(msgspec.Struct, frozen=True):
    lines: list[Line]
    older: int | None
    agencies: list[Named]
    kept_since: datetime


def releases(
    request: HttpRequest,
    *,
    agency: str = "",
    since: date | None = None,
    before: str = "",
    most: int = 20,
) -> Releases:
    """Newest first. Raises `NoToken` and `Away`."""
    token = access_token(request, SCOPE)
    if not token:
        raise NoToken
    query = {"agency": agency, "since": _start(since), "before": before, "most": str(most)}
    try:
        told = issuer().ask(PATH, token, {k: v for k, v in query.items() if v})
        return msgspec.convert(told, Releases)
    except SignInFailed as failure:
        drop_access(request)
        raise (NoToken if failure.reason == "refused" else Away) from failure
    except msgspec.ValidationError as error:
        raise Away from error


def _start(day: date | None) -> str:
    return timezone.make_aware(datetime.combine(day, time())).isoformat() if day else ""
