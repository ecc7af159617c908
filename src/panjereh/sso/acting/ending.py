"""What a mandate gave ends with it: tokens at once, the session at the site by a notice."""

from uuid import UUID

from django.db import models

from panjereh.common import clock
from panjereh.sso.acting.models import Mandate, MandateUse
from panjereh.sso.models import Grant, LogoutNotice, RelyingParty
from panjereh.sso.provider.subjects import subject
from panjereh.sso.relying_parties.queries import relying_party


def end_uses(mandate: Mandate) -> None:
    """Inside the transaction that ends the mandate."""
    _end_and_tell(MandateUse.objects.filter(mandate=mandate))


def end_uses_in(session: UUID) -> None:
    """Inside the transaction that ends the person's own session."""
    _end_and_tell(MandateUse.objects.filter(session=session))


def tell_of_uses_at(party: RelyingParty) -> None:
    """Inside the transaction that closes the site, before its grants are revoked."""
    live = Grant.objects.filter(client_id=party.client_id, revoked_at=None)
    used = live.filter(mandate_use__isnull=False).values_list("mandate_use", flat=True)
    _end_and_tell(MandateUse.objects.filter(id__in=[use for use in used if use]))


def _end_and_tell(uses: "models.QuerySet[MandateUse]") -> None:
    """Only what is acted for the other ends at a site, not what the person does there for
    themselves: the site knows each use by a `sid` of its own."""
    now = clock.now()
    ids = list(uses.values_list("id", flat=True))
    grants = Grant.objects.filter(mandate_use__in=ids)
    spent = grants.filter(spent_at__isnull=False).values_list("mandate_use", flat=True)
    known = {use for use in spent if use}
    grants.filter(revoked_at=None).update(revoked_at=now)
    told = set(LogoutNotice.objects.filter(session__in=known).values_list("session", flat=True))
    fresh = uses.filter(id__in=known - told).select_related("mandate")
    LogoutNotice.objects.bulk_create(n for use in fresh if (n := _notice(use)))


def _notice(use: MandateUse) -> LogoutNotice | None:
    party = relying_party(use.client_id)
    if party is None or not party.backchannel_logout_uri:
        return None
    now = clock.now()
    return LogoutNotice(
        client_id=use.client_id,
        subject=represented_subject(use.mandate, party),
        session=use.id,
        created_at=now,
        next_try_at=now,
    )


def represented_subject(mandate: Mandate, party: RelyingParty) -> str:
    represented = mandate.principal_id or mandate.organisation_id
    assert represented is not None  # noqa: S101 - a constraint of the table
    return subject(represented, party.agency)
