"""Seal anew what an old key has sealed, so that the old key can be taken away."""

import asyncio

from panjereh.common.background import repeat
from panjereh.sso.factors import vault
from panjereh.sso.factors.models import AuthenticatorApp
from panjereh.sso.factors.proving import app_place

PAUSE_SECONDS = 3600.0
AT_ONCE = 500


async def reseal(stop: asyncio.Event) -> None:
    await repeat(stop, PAUSE_SECONDS, reseal_old)


def reseal_old() -> int:
    """Only where nobody has changed it meanwhile."""
    old = AuthenticatorApp.objects.exclude(secret__startswith=f"{vault.newest()}.")
    done = 0
    for app in old[:AT_ONCE]:
        place = app_place(app.person_id)
        fresh = vault.seal(vault.unseal(app.secret, place=place), place=place)
        done += AuthenticatorApp.objects.filter(id=app.id, secret=app.secret).update(secret=fresh)
    return done
