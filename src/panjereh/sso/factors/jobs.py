"""Seal anew what an old key has sealed, so that the old key can be taken away."""

import asyncio
import logging

from panjereh.common.background import repeat
from panjereh.sso.factors import vault
from panjereh.sso.factors.models import AuthenticatorApp
from panjereh.sso.factors.proving import app_place

log = logging.getLogger("panjereh.sso.factors")

PAUSE_SECONDS = 3600.0
READ_AT_ONCE = 500


async def reseal(stop: asyncio.Event) -> None:
    await repeat(stop, PAUSE_SECONDS, reseal_old)


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
