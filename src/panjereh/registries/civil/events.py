"""registries.birth.entered {notice_id}: a newborn of this notice is in the register."""

from panjereh.common.events import Event
from panjereh.common.outbox.actions import emit

BIRTH_ENTERED = "registries.birth.entered"


def birth_entered(notice_id: str) -> Event:
    """The notice is enough: who may know more asks the registry."""
    return emit(BIRTH_ENTERED, subject=notice_id, data={"notice_id": notice_id})
