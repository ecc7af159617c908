"""How a request goes from state to state: locked, by the table, with a row and an event for each
deed. The deeds call it inside their transaction."""

from panjereh.common import clock
from panjereh.common.outbox.actions import emit
from panjereh.exchange.actions import Actor, signature
from panjereh.exchange.approvals import states
from panjereh.exchange.approvals.models import AccessRequest, Step


def lock(request: AccessRequest) -> None:
    """The first step of every deed: it sees the request as the deed before it left it."""
    AccessRequest.objects.select_for_update().get(pk=request.pk)
    request.refresh_from_db()


def move(request: AccessRequest, deed: str, actor: Actor | None, text: str = "") -> None:
    """The request is locked, and saved here. Raises `NotNow` when the deed does not fit."""
    request.state = states.after(deed, request.state)
    term = states.TERMS.get(request.state)
    request.due_at = clock.now() + term if term else None
    request.reminded_at = None
    request.closed_at = clock.now() if request.state in states.CLOSED else None
    request.save()
    note(request, deed, actor, text)


def note(request: AccessRequest, deed: str, actor: Actor | None, text: str = "") -> None:
    Step.objects.create(
        request=request,
        deed=deed,
        actor=signature(actor),
        state=request.state,
        text=text.strip(),
    )
    emit(
        f"exchange.request.{deed}",
        subject=str(request.pk),
        data={
            "request": request.pk,
            "consumer": request.consumer.x_road_id,
            "service": request.service.x_road_id,
            "state": request.state,
        },
    )
