"""National tracking ids: one unguessable id per request, from one generator (TRK-01, 02, 11)."""

from datetime import datetime

import msgspec

from panjereh.sdk.exchange import call

SYSTEM = "tracking"


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One event of a request: what happened, at which unit, in words for the applicant."""

    at: datetime
    state: str
    unit: str
    text: dict[str, str]  # language -> sentence


class Status(msgspec.Struct, frozen=True, kw_only=True):
    tracking_id: str
    service_id: str
    state: str
    steps: list[Step]


def issue(*, service_id: str, person: str, idempotency_key: str, user: str = "") -> str:
    """A new tracking id for a request of `person` (national id)."""
    body = {"service_id": service_id, "person": person}
    return str(
        call(SYSTEM, "issue", body, idempotency_key=idempotency_key, user=user)["tracking_id"]
    )


def report(
    tracking_id: str, *, state: str, unit: str, text: dict[str, str], idempotency_key: str
) -> None:
    """Add a step. States: received, waiting, in-progress, delivered, refused, trouble."""
    body = {"tracking_id": tracking_id, "state": state, "unit": unit, "text": text}
    call(SYSTEM, "report", body, case=tracking_id, idempotency_key=idempotency_key)


def status(tracking_id: str, *, user: str = "") -> Status:
    """Rejected `tracking-id-unknown`."""
    answer = call(SYSTEM, "status", {"tracking_id": tracking_id}, case=tracking_id, user=user)
    return msgspec.convert(answer, Status, strict=False)
