"""What agencies have to ask of others: over the exchange, still missing, or past it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from panjereh.common import clock
from panjereh.exchange.actions import Actor, Names, new_version, require_rights_over, signature
from panjereh.exchange.directory.models import Inquiry, SideConnection
from panjereh.exchange.models import Member, Service


def enter_card(*, member: Member, card: Mapping[str, Any]) -> list[Inquiry]:
    """NIX-28: an approved card names its inquiries; those it names no more are gone.

    Told by the catalogue's event, so there is no actor here but the approval.
    """
    named = card.get("registry_inputs") or []
    with transaction.atomic():
        kept = [_enter(member, card, wanted) for wanted in named]
        old = Inquiry.objects.filter(member=member, card=card["id"])
        old.exclude(pk__in=[inquiry.pk for inquiry in kept]).filter(wanted__contains="/").delete()
    return kept


def enter_inquiry(
    *, actor: Actor, member: Member, card: str, card_title: Names, name: Names
) -> Inquiry:
    """One that still goes by letter: it counts as missing until a service answers it (NIX-27)."""
    require_rights_over(actor, member)
    with transaction.atomic():
        new_version(actor, "inquiry.entered", f"{member.x_road_id} {card}")
        inquiry, _fresh = Inquiry.objects.get_or_create(
            member=member,
            card=card,
            wanted=name["en"].replace("/", " ")[:130],
            defaults=_names(card_title, name),
        )
    return inquiry


def match_inquiry(*, actor: Actor, inquiry: Inquiry, service: Service | None) -> None:
    """This service answers it; None: none does (any more)."""
    require_rights_over(actor, inquiry.member)
    with transaction.atomic():
        new_version(actor, "inquiry.matched", f"{inquiry.member.x_road_id} {inquiry.card}")
        _match(inquiry, service)


def match_waiting(service: Service) -> None:
    """A new service answers the inquiries that have waited for one of its name."""
    wanted = f"{service.system.code}/{service.code}"
    for inquiry in Inquiry.objects.filter(wanted=wanted, service=None):
        _match(inquiry, service)


def report_side_connection(
    *, actor: Actor, member: Member, other_party: str, data: str, remove_by: date
) -> SideConnection:
    """NIX-34, 001 art 31(6): what still runs past the exchange, and when that ends."""
    require_rights_over(actor, member)
    with transaction.atomic():
        new_version(actor, "side-connection.reported", member.x_road_id)
        return SideConnection.objects.create(
            member=member,
            other_party=other_party,
            data=data,
            remove_by=remove_by,
            entered_by=signature(actor),
        )


def remove_side_connection(
    *, actor: Actor, connection: SideConnection, removed_on: date, replaced_by: Service | None
) -> None:
    require_rights_over(actor, connection.member)
    with transaction.atomic():
        new_version(actor, "side-connection.removed", connection.member.x_road_id)
        SideConnection.objects.filter(pk=connection.pk).update(
            removed_on=removed_on, replaced_by=replaced_by
        )


def _enter(member: Member, card: Mapping[str, Any], wanted: Mapping[str, Any]) -> Inquiry:
    inquiry, _fresh = Inquiry.objects.update_or_create(
        member=member,
        card=card["id"],
        wanted=f"{wanted['system']}/{wanted['service']}",
        defaults=_names(card["title"], wanted["name"]),
    )
    if inquiry.service is None:
        found = Service.objects.filter(system__code=wanted["system"], code=wanted["service"])
        _match(inquiry, found.first())
    return inquiry


def _match(inquiry: Inquiry, service: Service | None) -> None:
    inquiry.service = service
    inquiry.matched_at = clock.now() if service else None
    inquiry.save(update_fields=["service", "matched_at"])


def _names(card_title: Names, name: Names) -> dict[str, str]:
    return {
        "card_title_fa": card_title["fa"],
        "card_title_en": card_title["en"],
        "name_fa": name["fa"],
        "name_en": name["en"],
    }
