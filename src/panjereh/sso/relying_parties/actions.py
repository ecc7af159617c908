"""Register a relying party with what it was granted."""

from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from panjereh.common import clock
from panjereh.sso.digests import sha256
from panjereh.sso.models import RelyingParty
from panjereh.sso.policy import policy
from panjereh.sso.provider.claims import CLAIMS
from panjereh.sso.relying_parties.queries import forget

SHORTEST_SECRET = 32
PROFILES = ("standard", "high")
HIGH_LEVEL = 3


class RegistrationRefused(ValueError):
    """What is wrong with a client's registration, for whoever registers it."""


@dataclass(frozen=True, kw_only=True)
class Registration:
    client_id: str
    name: dict[str, str]
    agency: str
    agency_name: dict[str, str]
    purpose: dict[str, str]
    redirect_uris: list[str]
    post_logout_redirect_uris: list[str] = field(default_factory=list)
    backchannel_logout_uri: str = ""
    granted_claims: list[str] = field(default_factory=list)
    minimum_level: int = 1
    profile: str = "standard"
    jwks: dict[str, Any] | None = None
    id_token_alg: str = "ES256"  # noqa: S105 - an algorithm
    userinfo_alg: str = ""
    may_refresh: bool = False
    asks_consent: bool = False
    session_minutes: int | None = None  # SSO-18: the estimated time of the service


def register_relying_party(
    registration: Registration, *, actor: str, secret: str = ""
) -> RelyingParty:
    """Enter or change a client. `actor` is who answers for it, for instance "sandbox".

    A client has a secret or the keys of its registration, never both.
    """
    if not actor:
        raise RegistrationRefused("say who registers the client")
    _check(registration, secret)
    kept = asdict(registration) | {"secrets_sha256": [sha256(secret)] if secret else []}
    party, _ = RelyingParty.objects.update_or_create(
        client_id=registration.client_id,
        defaults=kept | {"closed_at": None},
        create_defaults=kept | {"registered_at": clock.now()},
    )
    forget()
    return party


def add_secret(client_id: str, secret: str, *, actor: str) -> None:
    """A second secret beside the first: both are good until the old one is dropped (PRV-13)."""
    _check_secret(secret)
    if not actor:
        raise RegistrationRefused("say who changes the client")
    with transaction.atomic():
        party = RelyingParty.objects.select_for_update().get(client_id=client_id, jwks=None)
        party.secrets_sha256 = [*party.secrets_sha256[-1:], sha256(secret)]
        party.save(update_fields=["secrets_sha256"])
    forget()


def drop_old_secret(client_id: str, *, actor: str) -> None:
    """Only the newest secret is good from now on."""
    if not actor:
        raise RegistrationRefused("say who changes the client")
    with transaction.atomic():
        party = RelyingParty.objects.select_for_update().get(client_id=client_id, jwks=None)
        party.secrets_sha256 = party.secrets_sha256[-1:]
        party.save(update_fields=["secrets_sha256"])
    forget()


def _check(registration: Registration, secret: str) -> None:
    if registration.jwks is None:
        _check_secret(secret)
    elif secret:
        raise RegistrationRefused("a client has a secret or keys, not both")
    else:
        _check_keys(registration.jwks)
    _check_profile(registration)
    _check_session(registration.session_minutes)
    if unknown := set(registration.granted_claims) - set(CLAIMS):
        raise RegistrationRefused(f"unknown claims: {', '.join(sorted(unknown))}")
    if not registration.redirect_uris:
        raise RegistrationRefused("a client has at least one redirect address")
    addresses = [
        *registration.redirect_uris,
        *registration.post_logout_redirect_uris,
        *filter(None, [registration.backchannel_logout_uri]),
    ]
    for address in addresses:
        check_address(address)


def _check_secret(secret: str) -> None:
    if len(secret) < SHORTEST_SECRET:
        raise RegistrationRefused("a client secret is random and has at least 32 characters")


def _check_keys(jwks: dict[str, Any]) -> None:
    try:
        keys = KeySet.import_key_set(jwks).keys  # type: ignore[arg-type]
    except (JoseError, ValueError, LookupError, TypeError) as error:
        raise RegistrationRefused("jwks must be a JWK set, as in RFC 7517") from error
    if not keys or any(key.key_type != "EC" or key.is_private for key in keys):
        raise RegistrationRefused("jwks must hold public P-256 keys and no other")


def _check_profile(registration: Registration) -> None:
    """A stolen secret must not be enough where a person signs (reference: FAPI 2.0)."""
    if registration.profile not in PROFILES:
        raise RegistrationRefused("profile must be standard or high")
    if registration.minimum_level >= HIGH_LEVEL and registration.profile != "high":
        raise RegistrationRefused("a client of level 3 or more has the high profile")
    if registration.profile == "high" and registration.jwks is None:
        raise RegistrationRefused("a client of the high profile has a key, not a secret")


def _check_session(minutes: int | None) -> None:
    longest = policy().session_rest_longest
    if minutes is not None and not timedelta() < timedelta(minutes=minutes) <= longest:
        most = int(longest.total_seconds()) // 60
        raise RegistrationRefused(f"a session rests for 1 to {most} minutes")


def check_address(address: str) -> None:
    """Addresses are compared as strings later, so odd ones are not let in at all."""
    parts = urlsplit(address)
    local = settings.PROFILE == "sandbox" and (parts.hostname or "").endswith("localhost")
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise RegistrationRefused(f"{address} must be an https address")
    if not parts.hostname or parts.fragment or parts.username or "*" in address:
        raise RegistrationRefused(f"{address} must be one whole address without #, @ or *")
