"""News that the window lives on. Its own deeds tell nothing to other floors."""

from panjereh.common.events import Event, handles
from panjereh.window import actions


@handles("catalogue.card.approved")
def card_approved(event: Event) -> None:
    actions.take_card(
        card=event.data["card"],
        version=str(event.data["version"]),
        revision=int(event.data["revision"]),
        approved_at=event.time,
    )


@handles("feedback.service.rated")
def service_rated(event: Event) -> None:
    actions.take_rating(
        service_id=event.data["service_id"],
        average=float(event.data["average"]),
        count=int(event.data["count"]),
    )


@handles("tracking.step.reported")
def step_reported(event: Event) -> None:
    actions.take_step(event_id=event.id, step=event.data)


@handles("messaging.letter.deposited")
def letter_deposited(event: Event) -> None:
    _unread(event)


@handles("messaging.letter.read")
def letter_read(event: Event) -> None:
    _unread(event)


def _unread(event: Event) -> None:
    actions.take_unread(
        person=event.data["person"], unread=int(event.data["unread"]), at=event.time
    )


@handles("registries.birth.entered")
def birth_entered(event: Event) -> None:
    actions.take_entered_birth(notice_id=event.data["notice_id"])
