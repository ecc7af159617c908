"""Reads of the catalogue."""

from dataclasses import dataclass
from typing import Any

from panjereh.national.catalogue.models import CardVersion, ServiceCard


@dataclass(frozen=True)
class ApprovedCard:
    """The card in force, with the number it got at approval."""

    member: str
    body: dict[str, Any]

    @property
    def agency(self) -> dict[str, str]:
        name: dict[str, str] = self.body["agency"]["name"]
        return name


def approved_card(service_id: str) -> ApprovedCard | None:
    card = ServiceCard.objects.select_related("current").filter(service_id=service_id).first()
    if card is None or card.current is None:
        return None
    return ApprovedCard(card.member, card.current.body | {"service_card_number": card.number})


def history(service_id: str) -> list[CardVersion]:
    """Every version that was submitted, oldest first (CAT-20)."""
    return list(CardVersion.objects.filter(card__service_id=service_id).order_by("revision"))
