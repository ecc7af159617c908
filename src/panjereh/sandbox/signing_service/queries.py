"""Whose keys are kept here, and what waits for somebody's yes."""

from uuid import UUID

from panjereh.common import clock
from panjereh.sandbox.signing_service import vault
from panjereh.sandbox.signing_service.models import Authorisation, Credential


def credentials_of(national_id: str) -> list[Credential]:
    kept = Credential.objects.filter(holder=vault.keyed("holder", national_id))
    return list(kept.order_by("-made_at"))


def credential(credential_id: UUID) -> Credential | None:
    return Credential.objects.filter(id=credential_id).first()


def waiting(handle: UUID) -> Authorisation | None:
    """Until it was allowed, or its time is over."""
    return Authorisation.objects.filter(
        id=handle, expires_at__gt=clock.now(), grant_sha256=""
    ).first()
