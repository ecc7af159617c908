from panjereh.common.events import Event, handles
from panjereh.registries.health.actions import mark_entered


@handles("registries.birth.entered")
def birth_entered(event: Event) -> None:
    mark_entered(notice_id=event.data["notice_id"], entered_at=event.time)
