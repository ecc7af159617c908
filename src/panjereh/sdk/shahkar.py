"""Shahkar: does this mobile number belong to this person? Only yes or no."""

from panjereh.common.identifiers import is_fida_code
from panjereh.sdk.exchange import call

SYSTEM = "shahkar"


def owns_mobile(person: str, mobile: str, *, case: str = "") -> bool:
    """`person` is a national id, or the FIDA code of a foreign national."""
    kind = "fida_code" if is_fida_code(person) else "national_id"
    answer = call(SYSTEM, "ownership", {kind: person, "mobile": mobile}, case=case)
    return bool(answer["match"])
