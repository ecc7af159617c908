"""Codes of authenticator apps (RFC 6238). The one module that knows pyotp."""

from datetime import datetime

import pyotp
from pyotp.exceptions import OTPVerificationError

STEPS_ASIDE = 1  # a clock may go wrong by half a minute


def new_secret() -> str:
    """160 bits, as RFC 4226 section 4 recommends."""
    return pyotp.random_base32()


def step_of(secret: str, code: str, at: datetime) -> int | None:
    """The half minute that this code belongs to, now or beside now; None when it is wrong."""
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(
            code, for_time=at, valid_window=STEPS_ASIDE
        )
    except OTPVerificationError:
        return None


def code_at(secret: str, at: datetime) -> str:
    return pyotp.TOTP(secret).at(at)


def address(secret: str, *, account: str, issuer: str) -> str:
    """What the square code says. Apps show `account` on a locked phone: never a national id."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)
