"""What this room tells. Who may know more than the event says asks the registry."""

from panjereh.common.events import Event
from panjereh.common.outbox.actions import emit


def birth_entered(notice_id: str) -> Event:
    """A newborn of this notice is in the register."""
    return emit("registries.birth.entered", subject=notice_id, data={"notice_id": notice_id})
