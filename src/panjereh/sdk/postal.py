"""Postal registry (GNAF): postal code to address."""

import msgspec

from panjereh.sdk.exchange import call

SYSTEM = "postal-registry"


class Address(msgspec.Struct, frozen=True, kw_only=True):
    postal_code: str
    province: str | None = None
    county: str | None = None
    city: str | None = None
    description: str | None = None  # the whole address in one line, as the post prints it


def address(postal_code: str, *, case: str = "", user: str = "") -> Address:
    """Rejected `postal-code-unknown`."""
    answer = call(SYSTEM, "address", {"postal_code": postal_code}, case=case, user=user)
    return msgspec.convert(answer, Address, strict=False)
