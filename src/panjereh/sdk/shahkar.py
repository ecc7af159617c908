"""Shahkar: does this mobile number belong to this national id? Only yes or no."""

from panjereh.sdk.exchange import call

SYSTEM = "shahkar"


def owns_mobile(national_id: str, mobile: str, *, case: str = "") -> bool:
    answer = call(SYSTEM, "ownership", {"national_id": national_id, "mobile": mobile}, case=case)
    return bool(answer["match"])
