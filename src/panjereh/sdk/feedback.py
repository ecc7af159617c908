"""The one survey that counts: rated once per tracking id, shown per service (FBK-01, 02)."""

from panjereh.sdk.exchange import call

SYSTEM = "feedback"


def rate(
    *,
    tracking_id: str,
    service_id: str,
    stars: int,
    comment: str = "",
    idempotency_key: str,
    user: str,
) -> None:
    """Stars 1 to 5. Rejected `not-delivered`, `rated-already`."""
    body = {
        "tracking_id": tracking_id,
        "service_id": service_id,
        "stars": stars,
        "comment": comment,
    }
    call(SYSTEM, "rate", body, case=tracking_id, idempotency_key=idempotency_key, user=user)
