from datetime import date
from typing import Any, Literal

from ninja import Schema

from panjereh.registries.custody.actions import admit_call
from panjereh.registries.custody.schemas import Body, NationalId, answers, named
from panjereh.registries.skills import queries
from panjereh.registries.skills.models import AccessRecord
from panjereh.sdk.provider import ExchangeRequest, provider_api

SYSTEM = "skill-certificates"

api = provider_api(SYSTEM, title="Certificates of technical and vocational skill")


class SkillIn(Body):
    national_id: NationalId


class CertificateOut(Schema):
    number: str = named("شماره گواهینامه", "Number of the certificate")
    trade: str = named("استاندارد مهارت", "Trade")
    level: int = named("درجه مهارت", "Level")
    issued_on: date = named("تاریخ صدور", "Date of issue")
    status: Literal["valid", "withdrawn"] = named("وضعیت گواهینامه", "Standing")


class SkillOut(Schema):
    certificates: list[CertificateOut] = named("گواهینامه‌های مهارت", "Certificates of skill")


@api.post("/skill-certificate", response=answers(SkillOut), operation_id="skill-certificate")
def skill_certificate(request: ExchangeRequest, body: SkillIn) -> dict[str, Any]:
    """Certificates of skill of a person, newest first."""
    subject = body.national_id
    admit_call(
        AccessRecord,
        request.exchange_call,
        system=SYSTEM,
        service="skill-certificate",
        subject=subject,
    )
    return {"certificates": list(queries.certificates(body.national_id))}
