"""What is kept instead of a secret: random ones are hashed, human ones keyed."""

import hashlib
import hmac
import secrets

from django.conf import settings


def new_secret() -> str:
    """256 random bits, fit for a cookie or an address."""
    return secrets.token_urlsafe(32)


def sha256(secret: str) -> str:
    """Enough for what is random; a slow hash would only slow down the log-in of a nation."""
    return hashlib.sha256(secret.encode()).hexdigest()


def keyed(purpose: str, *parts: str) -> str:
    """A fingerprint of something short or personal, useless without our key."""
    message = "\x1f".join([purpose, *parts]).encode()
    return hmac.digest(settings.SSO_KEYED_DIGESTS.encode(), message, "sha256").hex()
