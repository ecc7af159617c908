"""Residence registry: the postal code where a person legally lives (002 art 16)."""

from panjereh.sdk.exchange import call

SYSTEM = "residence-registry"


def postal_code(national_id: str, *, case: str = "", user: str = "") -> str:
    """Rejected `residence-unknown`."""
    answer = call(SYSTEM, "residence", {"national_id": national_id}, case=case, user=user)
    return str(answer["postal_code"])
