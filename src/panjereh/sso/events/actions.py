"""Tell sites that something happened to a person, and let a site be told."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from panjereh.common import clock
from panjereh.sso.events.kinds import KINDS
from panjereh.sso.events.models import Event, Receiver
from panjereh.sso.events.queries import clients_that_know, waiting
from panjereh.sso.models import RelyingParty
from panjereh.sso.policy import policy
from panjereh.sso.provider.subjects import subject
from panjereh.sso.relying_parties.actions import check_address


def tell_agencies(person_id: UUID, kind: str, *, because: str = "") -> None:
    """Every site that this person has ever signed in to hears of it, if it takes events.

    In the caller's transaction: what did not happen is not told, and what happened is. `because`
    names what all of them may have heard elsewhere, too, such as a file of the registry's feed.
    """
    tell_sites(clients_that_know(person_id), person_id, kind, because=because)


def tell_sites(
    client_ids: Iterable[str],
    person_id: UUID,
    kind: str,
    *,
    session: UUID | None = None,
    because: str = "",
) -> None:
    """Only these: what happened at one site is nobody else's business."""
    if kind not in KINDS:
        raise ValueError(f"unknown kind of security event: {kind}")
    pushed = dict(
        Receiver.objects.filter(client_id__in=set(client_ids)).values_list("client_id", "address")
    )
    parties = RelyingParty.objects.filter(client_id__in=pushed, closed_at=None)
    now = clock.now()
    Event.objects.bulk_create(
        Event(
            client_id=party.client_id,
            subject=subject(person_id, party.agency),
            session=session,
            kind=kind,
            transaction=because,
            happened_at=now,
            next_try_at=now if pushed[party.client_id] else None,
        )
        for party in parties
    )


def take_events(client_id: str, *, actor: str, address: str = "") -> Receiver:
    """From now on this client is told: pushed to its address, or without one left for it."""
    if not actor:
        raise ValueError("say who has the client told")
    if address:
        check_address(address)
    where = {"address": address, "registered_by": actor}
    with transaction.atomic():
        party = RelyingParty.objects.get(client_id=client_id, closed_at=None)
        receiver, _ = Receiver.objects.update_or_create(
            client_id=party.client_id,
            defaults=where,
            create_defaults=where | {"registered_at": clock.now()},
        )
        waiting(client_id).update(next_try_at=clock.now() if address else None)
    return receiver


def take_no_events(client_id: str, *, actor: str) -> None:
    """What is still under way is not told any more."""
    if not actor:
        raise ValueError("say who has the client left out")
    with transaction.atomic():
        Receiver.objects.filter(client_id=client_id).delete()
        waiting(client_id).update(given_up_at=clock.now(), last_outcome="closed")


def acknowledge(client_id: str, taken: Iterable[UUID]) -> None:
    """The client has it; what is another's is not touched."""
    waiting(client_id).filter(id__in=list(taken)).update(delivered_at=clock.now(), last_outcome="")


def refuse(client_id: str, errors: dict[UUID, str]) -> None:
    """RFC 8936 2.6: the client cannot use it, and sending the same again would not help."""
    for event, outcome in errors.items():
        waiting(client_id).filter(id=event).update(given_up_at=clock.now(), last_outcome=outcome)


def give_up_uncollected() -> int:
    """What a client did not collect in time; its line stays for staff to see."""
    late = clock.now() - policy().events_given_up
    return (
        waiting()
        .filter(next_try_at=None, happened_at__lt=late)
        .update(given_up_at=clock.now(), last_outcome="not-collected")
    )
