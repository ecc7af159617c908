"""Have messages brought to a provider of ours, beside the calls it answers.

    @receives(api, "health-registry", "newborn-named")
    def newborn_named(message: Received) -> None: ...

The function runs once for each message, in the transaction that notes it; the exchange hears that
we have it when that is committed. It raises `Unwanted` for what can never be taken.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import transaction
from ninja import NinjaAPI, Schema
from pydantic import ConfigDict

from panjereh.common.problems import Problem
from panjereh.sdk.messages import Received, first_time, opened
from panjereh.sdk.provider import ExchangeRequest
from panjereh.sdk.sealing import CannotOpen

Receiver = Callable[[Received], None]


class Unwanted(Exception):  # a refusal, not a crash: the sender is told, and nothing is retried
    """The receiver will never take this message; the text goes nowhere."""


class Brought(Schema):
    model_config = ConfigDict(extra="forbid", frozen=True)

    message_id: UUID
    to_key: str
    sealed: str


def receives(api: NinjaAPI, system: str, service: str) -> Callable[[Receiver], Receiver]:
    """Register a receiver at `/<service>`, and beside it the question whether we have a message."""

    def register(receiver: Receiver) -> Receiver:
        @api.post(f"/{service}", url_name=f"{service}-message")
        def bring(request: ExchangeRequest, body: Brought) -> dict[str, Any]:
            message = _opened(request, body, system, service)
            try:
                with transaction.atomic():
                    if first_time(message):
                        receiver(message)
            except Unwanted as error:
                raise Problem(422, "message-unwanted", "this message cannot be taken") from error
            return {"received": message.message_id}

        @api.get(f"/{service}/{{uuid:message_id}}", url_name=f"{service}-received")
        def has_it(request: ExchangeRequest, message_id: UUID) -> dict[str, Any]:
            if not _known(message_id, service):
                raise Problem(404, "message-unknown", "it has not come here")
            return {"received": str(message_id)}

        return receiver

    return register


def _opened(request: ExchangeRequest, body: Brought, system: str, service: str) -> Received:
    call = request.exchange_call
    try:
        return opened(
            {
                "message_id": str(body.message_id),
                "x_road_id": call.x_road_id,
                "sender": call.consumer,
                "service": service,
                "issue": call.case,
                "to_key": body.to_key,
                "sealed": body.sealed,
            },
            system=system,
        )
    except CannotOpen as error:
        raise Problem(422, "message-cannot-be-opened", str(error)) from error


def _known(message_id: UUID, service: str) -> bool:
    from panjereh.common.outbox.models import InboxEvent  # noqa: PLC0415  # where there is an outbox

    handler = f"message:{service}"
    return InboxEvent.objects.filter(event_id=message_id, handler=handler).exists()
