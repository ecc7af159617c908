"""Tokens of ids on published lists: what the gateway compares, and all that is kept here.

Pure: the gateway, which has no Django, uses it as well.
"""

import hmac

TOKEN_BYTES = 16
SECRET_NAME = "exchange-lists"  # noqa: S105 - the name of a secret of this installation


def list_token(secret: str, list_code: str, identifier: str) -> bytes:
    """The same id has another token on each list, so lists cannot be joined either."""
    digest = hmac.digest(secret.encode(), f"{list_code}:{identifier}".encode(), "sha256")
    return digest[:TOKEN_BYTES]
