"""Who the clients are; each process remembers them for half a minute."""

import time

from panjereh.sso.models import RelyingParty

REMEMBERED_SECONDS = 30

_remembered: dict[str, tuple[float, RelyingParty | None]] = {}


def relying_party(client_id: str) -> RelyingParty | None:
    """None when there is no such client or it was closed."""
    until, found = _remembered.get(client_id, (0.0, None))
    if until < time.monotonic():
        found = RelyingParty.objects.filter(client_id=client_id, closed_at=None).first()
        if found is not None:  # strangers' guesses must not fill the memory
            _remembered[client_id] = (time.monotonic() + REMEMBERED_SECONDS, found)
    return found


def forget() -> None:
    _remembered.clear()


def names(client_ids: set[str]) -> dict[str, RelyingParty]:
    """For pages that show past sign-ins; closed clients keep their names."""
    return RelyingParty.objects.in_bulk(list(client_ids))
