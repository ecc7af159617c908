from datetime import datetime
from typing import Literal

from ninja import Schema

from panjereh.registries.custody.actions import admit_call
from panjereh.registries.custody.schemas import Body, NationalId, answers
from panjereh.registries.health import queries
from panjereh.registries.health.models import AccessRecord, BirthNotice
from panjereh.sdk.provider import ExchangeRequest, provider_api

SYSTEM = "health-registry"

api = provider_api(SYSTEM, title="Health registry")


class NoticesIn(Body):
    mother_national_id: NationalId


class NoticeOut(Schema):
    notice_id: str
    hospital: str
    city: str
    born_at: datetime
    sex: Literal["female", "male"]
    weight_grams: int
    mother_national_id: str
    father_national_id: str

    @staticmethod
    def resolve_hospital(notice: BirthNotice) -> str:
        return notice.hospital.name


class NoticesOut(Schema):
    notices: list[NoticeOut]


@api.post("/birth-notices", response=answers(NoticesOut), operation_id="birth-notices")
def birth_notices(request: ExchangeRequest, body: NoticesIn) -> dict[str, list[BirthNotice]]:
    """Notices of the past year that are not entered yet, newest first."""
    mother = body.mother_national_id
    admit_call(
        AccessRecord, request.exchange_call, system=SYSTEM, service="birth-notices", subject=mother
    )
    return {"notices": queries.notices_of_mother(mother)}
