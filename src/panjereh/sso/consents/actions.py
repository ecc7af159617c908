"""Agree to what a site is told, or stop agreeing (PRV-15)."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from panjereh.common import clock
from panjereh.sso.events.actions import tell_sites
from panjereh.sso.events.kinds import CONSENT_WITHDRAWN
from panjereh.sso.models import Consent, Grant, RelyingParty


def give_consent(*, actor: UUID, party: RelyingParty, claims: Sequence[str]) -> Consent:
    """What was agreed to before, and the purpose as it was shown then, stay on record."""
    with transaction.atomic():
        _end(actor, party.client_id)
        return Consent.objects.create(
            person_id=actor,
            client_id=party.client_id,
            claims=list(claims),
            purpose=party.purpose,
            given_at=clock.now(),
        )


def withdraw_consent(*, actor: UUID, client_id: str) -> None:
    """The site is told nothing more, also not by the tokens it holds."""
    with transaction.atomic():
        if _end(actor, client_id):
            tell_sites([client_id], actor, CONSENT_WITHDRAWN)
        Grant.objects.filter(person_id=actor, client_id=client_id, revoked_at=None).update(
            revoked_at=clock.now()
        )


def _end(person: UUID, client_id: str) -> bool:
    standing = Consent.objects.filter(person_id=person, client_id=client_id, ended_at=None)
    return standing.update(ended_at=clock.now()) > 0
