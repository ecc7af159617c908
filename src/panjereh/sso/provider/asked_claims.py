"""The `claims` parameter: what a client asks for by name (OpenID Core 5.5)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LONGEST_LIST = 50


class ClaimsUnreadable(ValueError):
    """The parameter is not what OpenID Core 5.5 says."""


@dataclass(frozen=True)
class AskedClaims:
    """Names only: what may be told is decided by the grant, not here."""

    userinfo: list[str] = field(default_factory=list)
    id_token: list[str] = field(default_factory=list)
    verified: list[str] = field(default_factory=list)
    acrs: list[str] = field(default_factory=list)


def read_claims(text: str) -> AskedClaims:
    """Raises `ClaimsUnreadable`."""
    try:
        asked = json.loads(text or "{}")
        userinfo, id_token = _object(asked, "userinfo"), _object(asked, "id_token")
        verified = _object(_object(userinfo, "verified_claims"), "claims")
        return AskedClaims(
            userinfo=_names(userinfo),
            id_token=_names(id_token),
            verified=_names(verified),
            acrs=_acrs(_object(id_token, "acr")),
        )
    except (ValueError, AttributeError, TypeError) as error:
        raise ClaimsUnreadable("claims must be a JSON object as in OpenID Core 5.5") from error


def _object(parent: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """`null` asks for a claim without saying more."""
    found = parent.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise ClaimsUnreadable(f"{name} must be an object or null")
    return found


def _names(asked: Mapping[str, Any]) -> list[str]:
    if len(asked) > LONGEST_LIST:
        raise ClaimsUnreadable("too many claims")
    return list(asked)


def _acrs(asked: Mapping[str, Any]) -> list[str]:
    named = [*asked.get("values", []), *([asked["value"]] if "value" in asked else [])]
    return [str(acr) for acr in named]
