"""Try a client out: each check looks at the real thing and says what to mend.

Calls go only to addresses that pass `sessions.addresses`, and to none that those lead to.
"""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from pyreqwest.exceptions import RequestError

from panjereh.common import clock
from panjereh.sso.models import RelyingParty
from panjereh.sso.portal.queries import seen_requests
from panjereh.sso.portal.registering import TEST
from panjereh.sso.provider.keys import NoSigningKey
from panjereh.sso.provider.subjects import subject
from panjereh.sso.relying_parties.actions import RegistrationRefused, check_address
from panjereh.sso.sessions.addresses import AddressRefused
from panjereh.sso.sessions.calling import client_for
from panjereh.sso.sessions.telling import Notice, logout_token

TIMEOUT = timedelta(seconds=5)
LONGEST_ANSWER = 200_000
TAKEN = (200, 204)


@dataclass(frozen=True)
class Finding:
    """One line of the list. `state` is right, wrong or unknown."""

    state: str
    what: str | Promise
    advice: str | Promise = ""
    seen: str = ""


@dataclass(frozen=True)
class Reply:
    status: int = 0
    body: bytes = b""
    trouble: str | Promise = ""


def try_out(party: RelyingParty) -> list[Finding]:
    """All checks, those that call somebody side by side."""
    calling: list[Callable[[], Finding]] = [
        _discovery,
        lambda: _keys(party),
        lambda: _logout(party),
        lambda: _forged_logout(party),
    ]
    with ThreadPoolExecutor(len(calling), "try-out") as pool:
        called = list(pool.map(_alone, calling))
    return [*called[:2], *_addresses(party), *called[2:], *_habits(party)]


def _alone(check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    finally:
        connection.close()


def _discovery() -> Finding:
    reply = _call("GET", f"{settings.ISSUER}/.well-known/openid-configuration")
    what = _("The sign-on's description is reachable and names its issuer")
    if reply.trouble:
        return Finding("wrong", what, reply.trouble)
    try:
        right = json.loads(reply.body).get("issuer") == settings.ISSUER
    except (ValueError, AttributeError):
        right = False
    return Finding("right" if right else "wrong", what, seen=settings.ISSUER)


def _keys(party: RelyingParty) -> Finding:
    reply = _call("GET", f"{settings.ISSUER}/oauth2/jwks")
    what = _("A key for the algorithm of your ID token is published")
    if reply.trouble:
        return Finding("wrong", what, reply.trouble)
    try:
        kinds = {key.get("alg") for key in json.loads(reply.body)["keys"]}
    except (ValueError, LookupError, AttributeError, TypeError):
        kinds = set()
    return Finding(
        "right" if party.id_token_alg in kinds else "wrong", what, "", party.id_token_alg
    )


def _addresses(party: RelyingParty) -> Iterator[Finding]:
    for address in party.redirect_uris:
        yield _address(address, party.stage)


def _address(address: str, stage: str) -> Finding:
    what = _("This return address is whole and safe; your site must send exactly it")
    try:
        check_address(address, stage=stage)
    except RegistrationRefused:
        advice = _("Register a whole https address without #, @ or *.")
        return Finding("wrong", what, advice, address)
    if urlsplit(address).scheme == "http":
        advice = _("Plain http on your own machine: fine for testing, not for everybody.")
        return Finding("unknown", what, advice, address)
    return Finding("right", what, seen=address)


def _logout(party: RelyingParty) -> Finding:
    """A real token about a session that nobody has: a site answers 200 also then."""
    what = _("Your logout address takes a real logout token")
    reply = _send_logout(party, _token(party))
    if reply.trouble:
        return Finding("wrong", what, reply.trouble, party.backchannel_logout_uri)
    if reply.status in TAKEN:
        return Finding("right", what, seen=party.backchannel_logout_uri)
    advice = _("Answer 200 to each valid logout token, also when you do not know the session.")
    return Finding("wrong", what, advice, f"HTTP {reply.status}")


def _forged_logout(party: RelyingParty) -> Finding:
    """Whoever takes this one lets strangers sign people out."""
    what = _("Your logout address refuses a logout token that was tampered with")
    head, claims, signature = _token(party).split(".")
    reply = _send_logout(party, f"{head}.{claims}.{_other(signature)}")
    if reply.trouble:
        return Finding("unknown", what, reply.trouble)
    if reply.status in TAKEN:
        advice = _("Check the token's signature, issuer and audience before you believe it.")
        return Finding("wrong", what, advice, f"HTTP {reply.status}")
    return Finding("right", what, seen=f"HTTP {reply.status}")


def _other(signature: str) -> str:
    first = "A" if signature[0] != "A" else "B"
    return first + signature[1:]


def _token(party: RelyingParty) -> str:
    """A person and a session that do not exist."""
    nobody = Notice(
        id=uuid4(),
        client_id=party.client_id,
        subject=subject(uuid4(), party.agency),
        session=uuid4(),
        created_at=clock.now(),
        tries=1,
    )
    return logout_token(nobody, party)


def _send_logout(party: RelyingParty, token: str) -> Reply:
    return _call("POST", party.backchannel_logout_uri, {"logout_token": token})


def _call(method: str, address: str, form: dict[str, str] | None = None) -> Reply:
    if not address:
        return Reply(trouble=_("No address is registered."))
    try:
        with client_for(address, TIMEOUT) as client:
            request = client.request(method, address)
            response = (request.form(form) if form else request).build().send()
            return Reply(response.status, bytes(response.bytes())[:LONGEST_ANSWER])
    except AddressRefused:
        return Reply(trouble=_("The name leads to no public address, so it is not called."))
    except NoSigningKey:
        return Reply(trouble=_("The sign-on has no key for this algorithm."))
    except RequestError:
        return Reply(trouble=_("Nobody answers there within 5 seconds, or not over valid TLS."))


HABITS: dict[str, tuple[str | Promise, str | Promise]] = {
    "state-constant": (
        _("The same “state” was sent in several requests"),
        _("Make a new random one for each sign-in and compare it when the person comes back."),
    ),
    "state-missing": (
        _("A request came without “state”"),
        _("Send a random one, else somebody can be signed in to another's account."),
    ),
    "state-short": (
        _("A “state” was short"),
        _("Use at least 22 random characters, so that nobody guesses it."),
    ),
    "nonce-missing": (
        _("A request came without “nonce”"),
        _("Send a random one and compare it with the ID token."),
    ),
    "nonce-short": (
        _("A “nonce” was short"),
        _("Use at least 22 random characters, so that nobody guesses it."),
    ),
    "pkce-missing": (
        _("A request came without PKCE"),
        _("Send a code_challenge with the method S256; without it nobody is signed in."),
    ),
    "pkce-plain": (
        _("A code_challenge came without the method S256"),
        _("Send code_challenge_method=S256; the plain method is not accepted."),
    ),
    "secret-in-address": (
        _("The client secret stood in an address"),
        _("It is in logs now. Make a new secret, drop the old one, and never put it in a link."),
    ),
    "secret-in-browser": (
        _("A page's script in a browser called an endpoint for servers"),
        _("The secret lies in the page then. Call it from your server, and make a new secret."),
    ),
}


def _habits(party: RelyingParty) -> Iterator[Finding]:
    """What the last requests show. Of a live client only mistakes are kept, so none is good; a
    test client that was never used shows nothing."""
    seen = list(seen_requests(party.client_id))
    if not seen and party.stage != TEST:
        yield Finding("right", _("No mistake was seen in the requests of your site"))
        return
    if not seen:
        advice = _("Sign in at your site once, then run this list again.")
        yield Finding("unknown", _("No request of your site has arrived yet"), advice)
        return
    found = {fault for request in seen for fault in request.faults}
    for fault, habit in HABITS.items():
        if fault in found:
            yield Finding("wrong", *habit)
    if not found:
        yield Finding("right", _("Your last requests have a fresh state and nonce, and PKCE"))
