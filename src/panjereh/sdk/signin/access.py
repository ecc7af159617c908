"""A token of the signed-in person's own, for what the sign-on tells beyond the sign-in.

It lives for minutes, in the session at the server. Fetching one leads the browser through the
sign-on, which asks nothing while the person is signed in there and tells no data anew.
"""

import time
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from panjereh.sdk.signin.failures import SignInFailed
from panjereh.sdk.signin.person import person_in
from panjereh.sdk.signin.redeeming import Redeemed

KEY = "signin-access"
SPARE_SECONDS = 10


def access_address(next_address: str, scope: str) -> str:
    """Where to send the browser for a token of this scope; it comes back to `next_address`."""
    return f"{reverse('signin:access')}?{urlencode({'next': next_address, 'scope': scope})}"


def access_token(request: HttpRequest, scope: str) -> str:
    """Empty when there is none that is still good."""
    kept = request.session.get(KEY) or {}
    if scope not in kept.get("scopes", ()) or kept["until"] < time.time():
        return ""
    return str(kept["token"])


def may_be_fetched(scope: str) -> bool:
    return scope in settings.SIGNIN.get("access_scopes", ())


def keep_access(request: HttpRequest, redeemed: Redeemed, scope: str) -> None:
    """Only of the person who is signed in here: another one may sit at the sign-on by now."""
    person = person_in(request.session)
    if person is None or person.sub != redeemed.claims["sub"]:
        raise SignInFailed("lost", "the token is of somebody else")
    scopes = str(redeemed.tokens.get("scope", "")).split()
    if scope not in scopes:
        raise SignInFailed("refused", "the sign-on does not give this scope to this site")
    life = float(redeemed.tokens.get("expires_in", 0))
    request.session[KEY] = {
        "token": redeemed.access,
        "scopes": scopes,
        "until": time.time() + life - SPARE_SECONDS,
    }


def drop_access(request: HttpRequest) -> None:
    request.session.pop(KEY, None)
