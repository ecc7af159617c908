"""Register a relying party with what it was granted, change its credentials, close it."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from panjereh.common import clock
from panjereh.sso.acting.asked import SCOPES as REPRESENTEE_SCOPES
from panjereh.sso.digests import sha256
from panjereh.sso.ledger.actions import note_statement
from panjereh.sso.models import Consent, Grant, RelyingParty
from panjereh.sso.policy import policy
from panjereh.sso.provider.claims import GRANTABLE
from panjereh.sso.relying_parties.queries import forget
from panjereh.sso.sessions.notices import tell_all_sessions

SHORTEST_SECRET = 32
PROFILES = ("standard", "high")
STAGES = ("test", "live")
LOOPBACK = ("localhost", "127.0.0.1")
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
    representee_scopes: list[str] = field(default_factory=list)
    minimum_level: int = 1
    profile: str = "standard"
    jwks: dict[str, Any] | None = None
    id_token_alg: str = "ES256"  # noqa: S105 - an algorithm
    userinfo_alg: str = ""
    may_refresh: bool = False
    asks_consent: bool = False
    session_minutes: int | None = None  # SSO-18: the estimated time of the service
    stage: str = "live"
    legal_basis: dict[str, str] = field(default_factory=dict)  # by claim; PRV-15


def register_relying_party(
    registration: Registration, *, actor: str, secret: str = ""
) -> RelyingParty:
    """Enter or change a client. `actor` is who answers for it, for instance "sandbox".

    A client has a secret or the keys of its registration, never both.
    """
    if not actor:
        raise RegistrationRefused("say who registers the client")
    _check_credentials(registration, secret)
    check_registration(registration)
    return _enter(registration, {"secrets_sha256": [sha256(secret)] if secret else []})


def change_relying_party(registration: Registration, *, actor: str) -> RelyingParty:
    """Enter or change a client and leave its secrets as they are: a new one has none yet, and one
    that goes over to keys loses them."""
    if not actor:
        raise RegistrationRefused("say who changes the client")
    check_registration(registration)
    return _enter(registration, {"secrets_sha256": []} if registration.jwks else {})


def _enter(registration: Registration, credentials: dict[str, list[str]]) -> RelyingParty:
    kept = asdict(registration) | credentials
    legal_basis = kept.pop("legal_basis")
    with transaction.atomic():
        party, _ = RelyingParty.objects.update_or_create(
            client_id=registration.client_id,
            defaults=kept | {"closed_at": None},
            create_defaults=kept | {"registered_at": clock.now()},
        )
        note_statement(party, legal_basis)
    forget()
    return party


def add_secret(client_id: str, secret: str, *, actor: str) -> None:
    """A second secret beside the first: both are good until the old one is dropped (PRV-13)."""
    _check_secret(secret)
    if not actor:
        raise RegistrationRefused("say who changes the client")
    with transaction.atomic():
        party = RelyingParty.objects.select_for_update().get(client_id=client_id, jwks__isnull=True)
        party.secrets_sha256 = [*party.secrets_sha256[-1:], sha256(secret)]
        party.save(update_fields=["secrets_sha256"])
    forget()


def drop_old_secret(client_id: str, *, actor: str) -> None:
    """Only the newest secret is good from now on."""
    if not actor:
        raise RegistrationRefused("say who changes the client")
    with transaction.atomic():
        party = RelyingParty.objects.select_for_update().get(client_id=client_id, jwks__isnull=True)
        party.secrets_sha256 = party.secrets_sha256[-1:]
        party.save(update_fields=["secrets_sha256"])
    forget()


def replace_keys(client_id: str, jwks: dict[str, Any], *, actor: str) -> None:
    """The client signs with these keys from now on. While one is replaced the set holds two."""
    check_keys(jwks)
    if not actor:
        raise RegistrationRefused("say who changes the client")
    with transaction.atomic():
        party = RelyingParty.objects.select_for_update().get(
            client_id=client_id, jwks__isnull=False
        )
        party.jwks = jwks
        party.save(update_fields=["jwks"])
    forget()


def cut_claims(client_id: str, claims: Iterable[str], *, actor: str) -> list[str]:
    """It is told no more than these from now on, also by tokens that it holds. Never widens."""
    if not actor:
        raise RegistrationRefused("say who changes the client")
    with transaction.atomic():
        party = RelyingParty.objects.select_for_update().get(client_id=client_id)
        kept = set(claims)
        left = [claim for claim in party.granted_claims if claim in kept]
        RelyingParty.objects.filter(client_id=client_id).update(granted_claims=left)
    forget()
    return left


def close_relying_party(client_id: str, *, actor: str) -> None:
    """Nobody signs in there any more: its tokens die now, it is told that its sessions are over,
    and what people agreed to ends. Its name stays in their history."""
    if not actor:
        raise RegistrationRefused("say who closes the client")
    now = clock.now()
    with transaction.atomic():
        party = RelyingParty.objects.select_for_update().get(client_id=client_id, closed_at=None)
        tell_all_sessions(party)
        Grant.objects.filter(client_id=client_id, revoked_at=None).update(revoked_at=now)
        Consent.objects.filter(client_id=client_id, ended_at=None).update(ended_at=now)
        RelyingParty.objects.filter(client_id=client_id).update(closed_at=now)
    forget()


def _check_credentials(registration: Registration, secret: str) -> None:
    if registration.jwks is None:
        _check_secret(secret)
    elif secret:
        raise RegistrationRefused("a client has a secret or keys, not both")


def check_registration(registration: Registration) -> None:
    """All but the secret. Raises `RegistrationRefused`."""
    if registration.jwks is not None:
        check_keys(registration.jwks)
    if registration.stage not in STAGES:
        raise RegistrationRefused("stage must be test or live")
    _check_profile(registration)
    _check_session(registration.session_minutes)
    _check_representation(registration)
    if unknown := set(registration.granted_claims) - set(GRANTABLE):
        raise RegistrationRefused(f"unknown claims: {', '.join(sorted(unknown))}")
    if not registration.redirect_uris:
        raise RegistrationRefused("a client has at least one redirect address")
    addresses = [
        *registration.redirect_uris,
        *registration.post_logout_redirect_uris,
        *filter(None, [registration.backchannel_logout_uri]),
    ]
    for address in addresses:
        check_address(address, stage=registration.stage)


def _check_secret(secret: str) -> None:
    if len(secret) < SHORTEST_SECRET:
        raise RegistrationRefused("a client secret is random and has at least 32 characters")


def check_keys(jwks: dict[str, Any]) -> None:
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


def _check_representation(registration: Registration) -> None:
    """A site outside the government asks each person; nobody agrees there in another's name."""
    if unknown := set(registration.representee_scopes) - set(REPRESENTEE_SCOPES):
        raise RegistrationRefused(f"unknown scopes: {', '.join(sorted(unknown))}")
    if registration.representee_scopes and registration.asks_consent:
        raise RegistrationRefused("people act for others only at sites of the government")


def _check_session(minutes: int | None) -> None:
    longest = policy().session_rest_longest
    if minutes is not None and not timedelta() < timedelta(minutes=minutes) <= longest:
        most = int(longest.total_seconds()) // 60
        raise RegistrationRefused(f"a session rests for 1 to {most} minutes")


def check_address(address: str, *, stage: str = "live") -> None:
    """Addresses are compared as strings later, so odd ones are not let in at all. Without https
    only a developer's own machine, for a test client or in the sandbox."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    local = host in LOOPBACK or host.endswith(".localhost")
    may_be_local = stage == "test" or settings.PROFILE == "sandbox"
    if parts.scheme != "https" and not (parts.scheme == "http" and local and may_be_local):
        raise RegistrationRefused(f"{address} must be an https address")
    if not host or parts.fragment or parts.username is not None or "*" in address:
        raise RegistrationRefused(f"{address} must be one whole address without #, @ or *")
