"""Tell sites that something happened to a person, and let a site be told."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from panjereh.common import clock
from panjereh.sso.events.kinds import KINDS
from panjereh.sso.events.models import Event, Receiver
from panjereh.sso.events.queries import clients_that_know
from panjereh.sso.models import RelyingParty
from panjereh.sso.provider.subjects import subject
from panjereh.sso.relying_parties.actions import check_address


def tell_agencies(person_id: UUID, kind: str) -> None:
    """Every site that this person has ever signed in to hears of it, if it takes events.

    In the caller's transaction: what did not happen is not told, and what happened is.
    """
    tell_sites(clients_that_know(person_id), person_id, kind)


def tell_sites(
    client_ids: Iterable[str], person_id: UUID, kind: str, *, session: UUID | None = None
) -> None:
    """Only these: what happened at one site is nobody else's business."""
    if kind not in KINDS:
        raise ValueError(f"unknown kind of security event: {kind}")
    takers = Receiver.objects.filter(client_id__in=set(client_ids)).values("client_id")
    parties = RelyingParty.objects.filter(client_id__in=takers, closed_at=None)
    Event.objects.bulk_create(_event(party, person_id, kind, session) for party in parties)


def _event(party: RelyingParty, person_id: UUID, kind: str, session: UUID | None) -> Event:
    now = clock.now()
    return Event(
        client_id=party.client_id,
        subject=subject(person_id, party.agency),
        session=session,
        kind=kind,
        happened_at=now,
        next_try_at=now,
    )


def take_events(client_id: str, *, actor: str, address: str = "") -> Receiver:
    """From now on this client is told: pushed to its address, or without one left for it."""
    if not actor:
        raise ValueError("say who has the client told")
    if address:
        check_address(address)
    with transaction.atomic():
        party = RelyingParty.objects.get(client_id=client_id, closed_at=None)
        receiver, _ = Receiver.objects.update_or_create(
            client_id=party.client_id,
            defaults={"address": address, "registered_by": actor},
            create_defaults={
                "address": address,
                "registered_by": actor,
                "registered_at": clock.now(),
            },
        )
    return receiver


def take_no_events(client_id: str, *, actor: str) -> None:
    """What is still under way is not told any more."""
    if not actor:
        raise ValueError("say who has the client left out")
    with transaction.atomic():
        Receiver.objects.filter(client_id=client_id).delete()
        Event.objects.filter(client_id=client_id, delivered_at=None, given_up_at=None).update(
            given_up_at=clock.now(), last_outcome="closed"
        )
