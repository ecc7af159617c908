"""What the directory hears: an approved service card names the inquiries of its agency."""

from panjereh.common.events import Event, handles
from panjereh.exchange.directory.actions import enter_card
from panjereh.exchange.models import Member


@handles("catalogue.card.approved")
def card_approved(event: Event) -> None:
    """NIX-28. A card of a body that is no member has nobody whose inquiries they could be."""
    found = Member.objects.filter(code=event.data.get("member", "").rpartition("/")[2]).first()
    if found is not None:
        enter_card(member=found, card=event.data["card"])
