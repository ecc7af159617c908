"""The national service catalogue: agencies submit cards, approved cards are public."""

from typing import Any

from panjereh.sdk.exchange import call

SYSTEM = "catalogue"


def submit_card(card: dict[str, Any], *, idempotency_key: str) -> str:
    """Submit a service card and return its state (submitted, approved). Rejected `card-invalid`."""
    return str(
        call(SYSTEM, "submit-card", {"card": card}, idempotency_key=idempotency_key)["state"]
    )


def card(service_id: str) -> dict[str, Any]:
    """The approved card. Rejected `card-unknown`."""
    found: dict[str, Any] = call(SYSTEM, "card", {"service_id": service_id})["card"]
    return found
