from datetime import date
from typing import Any, Literal

from ninja import Schema

from panjereh.registries.custody.actions import admit_call
from panjereh.registries.custody.schemas import Body, NationalId, answers, named
from panjereh.registries.education import queries
from panjereh.registries.education.models import AccessRecord, Degree
from panjereh.sdk.provider import ExchangeRequest, provider_api

SYSTEM = "higher-education"
Level = Literal["associate", "bachelor", "master", "doctorate"]

api = provider_api(SYSTEM, title="Degrees and students")


class PersonIn(Body):
    national_id: NationalId


class DegreeOut(Schema):
    level: Level = named("مقطع", "Level")
    field: str = named("رشته", "Field of study")
    university: str = named("دانشگاه", "University")
    graduated_on: date = named("تاریخ دانش‌آموختگی", "Date of graduation")


class StudentOut(Schema):
    student: bool = named("دانشجو است", "Whether the person is a student")
    level: Level | None = named("مقطع", "Level")
    field: str | None = named("رشته", "Field of study")
    university: str | None = named("دانشگاه", "University")
    began_on: date | None = named("تاریخ شروع", "Since when")


@api.post("/last-degree", response=answers(DegreeOut, 404), operation_id="last-degree")
def last_degree(request: ExchangeRequest, body: PersonIn) -> Degree:
    """The last degree that a person earned."""
    _admit(request, body, "last-degree")
    return queries.last_degree(body.national_id)


@api.post("/student-status", response=answers(StudentOut), operation_id="student-status")
def student_status(request: ExchangeRequest, body: PersonIn) -> dict[str, Any]:
    """Does the person study now, and where?"""
    _admit(request, body, "student-status")
    found = queries.enrolment(body.national_id)
    told = ("level", "field", "university", "began_on")
    return {"student": found is not None} | {name: getattr(found, name, None) for name in told}


def _admit(request: ExchangeRequest, body: PersonIn, service: str) -> None:
    subject = body.national_id
    admit_call(AccessRecord, request.exchange_call, system=SYSTEM, service=service, subject=subject)
