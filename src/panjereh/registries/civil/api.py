from datetime import date, datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import AfterValidator, StringConstraints

from panjereh.common.text import ascii_digits, clean
from panjereh.registries.civil import actions, queries
from panjereh.registries.civil.authentication import authenticate
from panjereh.registries.civil.faces import match_face
from panjereh.registries.civil.models import AccessRecord, BirthEntry, Person
from panjereh.registries.civil.publications import CHANGED_IDENTITY, DECEASED
from panjereh.registries.custody.actions import admit_call
from panjereh.registries.custody.schemas import Body, NationalId, answers, named
from panjereh.sdk.feeds.publishing.api import add_feed
from panjereh.sdk.provider import ExchangeRequest, provider_api

SYSTEM = "civil-registry"

SexName = Literal["female", "male"]
Words = Annotated[
    str,
    StringConstraints(min_length=1, max_length=60, pattern=r"^[^\W\d_][^\d_<>]*$"),
    AfterValidator(clean),
]
Serial = Annotated[
    str, AfterValidator(ascii_digits), StringConstraints(pattern=r"^[0-9A-Z۰-۹]{10}$")
]
NoticeId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,40}$")]

api = provider_api(SYSTEM, title="Civil registry")


class PersonIn(Body):
    national_id: NationalId
    birth_date: date | None = None


class PersonOut(Schema):
    national_id: str
    given_name: str
    family_name: str
    father_name: str
    birth_date: date
    birth_place: str
    sex: SexName
    vital_status: Literal["alive", "deceased"]


class FamilyIn(Body):
    national_id: NationalId


class FamilyOut(Schema):
    spouse: PersonOut | None
    parents: list[PersonOut]
    children: list[PersonOut]


class WardOut(Schema):
    ground: Literal["father", "paternal-grandfather", "court"]
    child: PersonOut


class WardsOut(Schema):
    wards: list[WardOut]


class BirthIn(Body):
    notice_id: NoticeId
    given_name: Words
    mother_national_id: NationalId
    father_national_id: NationalId
    born_on: date
    sex: SexName
    birth_place: Words


class BirthEntryOut(Schema):
    child: PersonOut
    entry_number: str


class AuthenticationIn(Body):
    national_id: NationalId
    card_serial: Serial


class AuthenticationOut(Schema):
    authenticated: bool
    reference: str
    method: Literal["card-serial"]


class FaceMatchIn(Body):
    national_id: NationalId
    photo: Annotated[str, StringConstraints(min_length=1, max_length=900_000)] = named(
        "عکس چهره (JPEG، base64)", "photo of the face (JPEG, base64)"
    )


class FaceMatchOut(Schema):
    """The band is that of a match; of a failed one nothing is told that helps to come nearer."""

    matched: bool = named("چهره مطابقت دارد", "the face matches")
    band: str = named("بازهٔ شباهت", "band of likeness")
    problem: str = named("ایراد عکس", "what is wrong with it")
    reference: str
    at: datetime


@api.post("/person", response=answers(PersonOut, 404, 409), operation_id="person")
def person(request: ExchangeRequest, body: PersonIn) -> Person:
    """A person by national id; with a birth date, only if it is that person's."""
    _admit(request, "person", body.national_id)
    return queries.person(body.national_id, body.birth_date)


@api.post("/family", response=answers(FamilyOut, 404), operation_id="family")
def family(request: ExchangeRequest, body: FamilyIn) -> queries.Family:
    """Spouse, parents and children of a person."""
    _admit(request, "family", body.national_id)
    return queries.family(body.national_id)


@api.post("/wards", response=answers(WardsOut, 404), operation_id="wards")
def wards(request: ExchangeRequest, body: FamilyIn) -> dict[str, list[queries.Ward]]:
    """Children under age for whom a person acts by law today, and on which ground."""
    _admit(request, "wards", body.national_id)
    return {"wards": queries.wards(body.national_id)}


@api.post(
    "/register-birth", response=answers(BirthEntryOut, 400, 404, 409), operation_id="register-birth"
)
def register_birth(request: ExchangeRequest, body: BirthIn) -> BirthEntry:
    """Enter the newborn of a hospital's notice; needs an Idempotency-Key."""
    key = request.exchange_call.required_key()
    _admit(request, "register-birth", body.mother_national_id)
    return actions.register_birth(actions.Birth(**body.dict()), key=key)


@api.post(
    "/authenticate",
    response=answers(AuthenticationOut, 404, 429),
    operation_id="authenticate",
)
def authenticate_person(request: ExchangeRequest, body: AuthenticationIn) -> AuthenticationOut:
    """Whether somebody holds this person's present card; yes or no, with a reference to keep."""
    _admit(request, "authenticate", body.national_id)
    done = authenticate(**body.dict(), consumer=request.exchange_call.consumer)
    return AuthenticationOut(
        authenticated=done.succeeded, reference=str(done.reference), method="card-serial"
    )


@api.post("/face-match", response=answers(FaceMatchOut, 404, 413, 429), operation_id="face-match")
def face_match(request: ExchangeRequest, body: FaceMatchIn) -> FaceMatchOut:
    """Whether a picture shows this person; the picture is compared and not kept."""
    _admit(request, "face-match", body.national_id)
    done = match_face(**body.dict(), consumer=request.exchange_call.consumer)
    return FaceMatchOut(
        matched=done.matched,
        band=done.band,
        problem=done.problem,
        reference=done.reference,
        at=done.at,
    )


def _admit(request: ExchangeRequest, service: str, subject: str) -> None:
    admit_call(AccessRecord, request.exchange_call, system=SYSTEM, service=service, subject=subject)


def _admit_subscriber(request: ExchangeRequest) -> None:
    """A file is asked for, nobody in particular is asked about."""
    _admit(request, "feed", "")


for feed in (CHANGED_IDENTITY, DECEASED):
    add_feed(api, feed, admit=_admit_subscriber, answers=answers)
