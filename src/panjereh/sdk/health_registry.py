"""Health ministry: birth notices that hospitals send."""

from datetime import datetime
from typing import Literal

import msgspec

from panjereh.sdk.exchange import call

SYSTEM = "health-registry"


class BirthNotice(msgspec.Struct, frozen=True, kw_only=True):
    notice_id: str
    hospital: str | None = None
    city: str | None = None
    born_at: datetime | None = None
    sex: Literal["female", "male"] | None = None
    weight_grams: int | None = None
    mother_national_id: str | None = None
    father_national_id: str | None = None


def birth_notices(mother_national_id: str, *, case: str = "", user: str = "") -> list[BirthNotice]:
    """Notices of the past year for this mother, newest first; an empty list when there is none."""
    body = {"mother_national_id": mother_national_id}
    answer = call(SYSTEM, "birth-notices", body, case=case, user=user)
    return msgspec.convert(answer["notices"], list[BirthNotice], strict=False)
