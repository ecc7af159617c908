"""Pairwise subjects: the same person is another number in each agency (OpenID Core 8.1)."""

import hmac
from uuid import UUID

from django.conf import settings

from panjereh.common.jws import base64url

# Our own name for a person, in the events that other floors hear.
OWN_SECTOR = "sso"


def subject(person: UUID, sector: str) -> str:
    """Stable within an agency, unlinkable across agencies, the same in every token."""
    message = f"{sector}\x1f{person}".encode()
    digest = hmac.digest(settings.SSO_PAIRWISE.encode(), message, "sha256")
    return base64url(digest)


def own_subject(person: UUID) -> str:
    return subject(person, OWN_SECTOR)
