"""Seal anew what an old key has sealed, so that the old key can be taken away."""

import asyncio
import logging

from panjereh.common.background import repeat
from panjereh.sso.factors import vault
from panjereh.sso.factors.models import AuthenticatorApp
from panjereh.sso.factors.proving import app_place
from panjereh.sso.factors.resetting import reset_due

log = logging.getLogger("panjereh.sso.factors")

PAUSE_SECONDS = 3600.0
POLL_SECONDS = 60.0
READ_AT_ONCE = 500


async def reseal(stop: asyncio.Event) -> None:
    await repeat(stop, PAUSE_SECONDS, reseal_old)


async def reset_ways(stop: asyncio.Event) -> None:
    """What counters asked for, once its days of waiting are over."""
    await repeat(stop, POLL_SECONDS, reset_due)


def reseal_old() -> int:
    """All of them in one walk through the table; none where somebody has changed it meanwhile."""
    old = AuthenticatorApp.objects.exclude(secret__startswith=f"{vault.newest()}.")
    return sum(_reseal(app) for app in old.iterator(READ_AT_ONCE))


def _reseal(app: AuthenticatorApp) -> int:
    place = app_place(app.person_id)
    try:
        fresh = vault.seal(vault.unseal(app.secret, place=place), place=place)
    except vault.SealBroken as error:
        log.warning("sso.factors.seal-broken app=%s error=%s", app.id, error)
        return 0
    return AuthenticatorApp.objects.filter(id=app.id, secret=app.secret).update(secret=fresh)
