"""Register a relying party with what it was granted."""

from dataclasses import asdict, dataclass, field
from urllib.parse import urlsplit

from django.conf import settings

from panjereh.common import clock
from panjereh.sso.digests import sha256
from panjereh.sso.models import RelyingParty
from panjereh.sso.provider.claims import CLAIMS
from panjereh.sso.relying_parties.queries import forget

SHORTEST_SECRET = 32


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
    id_token_alg: str = "ES256"  # noqa: S105 - an algorithm


def register_relying_party(registration: Registration, *, secret: str, actor: str) -> RelyingParty:
    """Enter or change a client. `actor` is who answers for it, for instance "sandbox"."""
    if not actor:
        raise RegistrationRefused("say who registers the client")
    _check(registration, secret)
    party, _ = RelyingParty.objects.update_or_create(
        client_id=registration.client_id,
        defaults=asdict(registration) | {"secret_sha256": sha256(secret), "closed_at": None},
        create_defaults=asdict(registration)
        | {"secret_sha256": sha256(secret), "registered_at": clock.now()},
    )
    forget()
    return party


def _check(registration: Registration, secret: str) -> None:
    if len(secret) < SHORTEST_SECRET:
        raise RegistrationRefused("a client secret is random and has at least 32 characters")
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
        _check_address(address)


def _check_address(address: str) -> None:
    """Addresses are compared as strings later, so odd ones are not let in at all."""
    parts = urlsplit(address)
    local = settings.PROFILE == "sandbox" and (parts.hostname or "").endswith("localhost")
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise RegistrationRefused(f"{address} must be an https address")
    if not parts.hostname or parts.fragment or parts.username or "*" in address:
        raise RegistrationRefused(f"{address} must be one whole address without #, @ or *")
