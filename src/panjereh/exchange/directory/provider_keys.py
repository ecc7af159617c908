"""The key by which a provider knows that the exchange calls.

It is made of one secret of the installation and the code of the system, so a member can be given
it at once and no gateway needs a file for each provider. A file of that name takes precedence.
"""

import hmac
from pathlib import Path

NAME = "exchange-providers"


def provider_key(keys: Path, system: str) -> bytes:
    """Raises `OSError` where there is neither a file nor the installation's secret."""
    own = keys / "providers" / f"{system}.hmac"
    if own.exists():
        return bytes.fromhex(own.read_text().strip())
    secret = (keys / f"{NAME}.secret").read_text().strip()
    return hmac.digest(secret.encode(), system.encode(), "sha256")
