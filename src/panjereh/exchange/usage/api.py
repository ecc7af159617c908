"""The exchange's own services about its records: a person's looks, the question why, and X-Road's
findUsage for the portals of others. Thin over queries and actions."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from ninja import Field, Query, Schema, Status
from pydantic import AfterValidator, AwareDatetime, ConfigDict

from panjereh.common.identifiers import parse_person_id
from panjereh.common.problems import Problem
from panjereh.exchange.models import Member
from panjereh.exchange.usage import actions, overview, queries, told
from panjereh.exchange.usage.models import Look
from panjereh.exchange.usage.persons import standing_name
from panjereh.exchange.usage.queries import Selection
from panjereh.exchange.usage.representing import person_asked_about
from panjereh.sdk.provider import ExchangeRequest, provider_api

SYSTEM = "exchange-records"
FIND_USAGE = "/findUsage/v2"
MOST_USAGES = 1000

PersonId = Annotated[str, AfterValidator(lambda text: text and parse_person_id(text))]
UserCode = Annotated[str, AfterValidator(lambda text: parse_person_id(text.removeprefix("IR")))]

api = provider_api(SYSTEM, title="Records of the exchange: who looked at whose data")


class Body(Schema):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LooksIn(Body):
    """`person` is the child of the user; empty, the user. Days are Tehran's, both included."""

    person: PersonId = ""
    whose: Literal["others", "own"] = "others"
    agency: str = Field("", max_length=120)
    since: date | None = None
    until: date | None = None
    before: str = Field("", max_length=80)


class LooksOut(Schema):
    groups: list[told.GroupOut]
    older: str
    agencies: list[told.AgencyOut]
    own_calls: int
    kept_since: datetime
    complete_until: datetime | None
    confidential_activities: int
    searches: list[told.SearchOut]


class LookIn(Body):
    person: PersonId = ""
    look: UUID


class LookOut(Schema):
    group: told.GroupOut


class WhyIn(Body):
    look: UUID
    text: str = Field(min_length=3, max_length=1000)
    language: Literal["fa", "en"] = "fa"


class WhyOut(Schema):
    question: told.QuestionOut


class SummaryOut(Schema):
    since: datetime
    kinds: list[overview.KindOut]


class PersonIn(Body):
    person: PersonId = ""


class UsageOut(Schema):
    logtime: datetime
    action: str
    receiverCode: str  # noqa: N815 - names of X-Road's findUsage
    receiverName: str  # noqa: N815
    receiverSystem: str  # noqa: N815


class UsagesOut(Schema):
    totalUsages: int  # noqa: N815
    usages: list[UsageOut]


class UsagePeriodOut(Schema):
    periodStart: datetime  # noqa: N815


class HeartbeatOut(Schema):
    status: Literal["OK", "FAIL"]
    message: str = ""


@api.post("/looks", response=LooksOut, operation_id="looks")
def looks(request: ExchangeRequest, body: LooksIn) -> LooksOut:
    """Who looked at the user's data, newest first; ten agencies and cases on a page."""
    person = _person(request, body.person)
    every = queries.looks_at(_selection(person, body))
    own = queries.own(queries.system_of(request.exchange_call.consumer))
    chosen = every.filter(own) if body.whose == "own" else every.exclude(own)
    page = _page(chosen, person, body.before)
    of_others = queries.looks_at(Selection(person)).exclude(own)
    return LooksOut(
        groups=[told.group(group) for group in page.groups],
        older=page.older,
        agencies=[told.agency(one) for one in queries.agencies(of_others)],
        own_calls=every.filter(own).count(),
        kept_since=queries.kept_since(),
        complete_until=queries.complete_until(),
        confidential_activities=queries.confidential_activities(),
        searches=[told.search(s, standing_name(person)) for s in queries.searches_told_to(person)],
    )


@api.post("/look", response={200: LookOut}, operation_id="look")
def look(request: ExchangeRequest, body: LookIn) -> LookOut:
    """The agency and case that one look belongs to, with the question about it."""
    chosen = Selection(_person(request, body.person))
    group = queries.group_of(queries.looks_at(chosen), chosen, body.look)
    if group is None:
        raise _unknown()
    return LookOut(group=told.group(group))


@api.post("/ask-why", response={201: WhyOut}, operation_id="ask-why")
def ask_why(request: ExchangeRequest, body: WhyIn) -> Status[WhyOut]:
    """Ask the agency why it looked. Asked again, the first question stands."""
    person = _person(request, "")
    try:
        question = actions.ask_why(
            person=person, look=body.look, text=body.text, language=body.language
        )
    except actions.LookUnknown as error:
        raise _unknown() from error
    except actions.TooManyQuestions as error:
        raise Problem(409, "too-many-questions", "wait for the answers to the others") from error
    return Status(201, WhyOut(question=told.question(question)))


@api.post("/summary", response=SummaryOut, operation_id="summary")
def summary(request: ExchangeRequest, body: PersonIn) -> SummaryOut:
    """What kinds of data were asked about the user, of which registries, and by whom (PRV-03)."""
    chosen = Selection(_person(request, body.person))
    return SummaryOut(since=queries.kept_since(), kinds=overview.by_kind(queries.looks_at(chosen)))


@api.get(f"{FIND_USAGE}/findUsage", response=UsagesOut, operation_id="findUsage")
def find_usage(
    request: ExchangeRequest,
    user_code: Annotated[UserCode, Query(alias="userCode")],
    period_start: Annotated[AwareDatetime | None, Query(alias="periodStart")] = None,
    period_end: Annotated[AwareDatetime | None, Query(alias="periodEnd")] = None,
    offset: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_USAGES)] = MOST_USAGES,
) -> UsagesOut:
    """X-Road's findUsage v2, from the record of all providers at once; newest first."""
    person = _person(request, user_code)
    found = queries.looks_at(Selection(person, since=period_start, until=period_end))
    rows = list(found.order_by("-at", "-request_id")[offset : offset + limit])
    grants = queries.grants_with_names(row.grant_id for row in rows)
    usages = [_usage(row, grants[row.grant_id]) for row in rows]
    return UsagesOut(totalUsages=found.count(), usages=usages)


@api.get(f"{FIND_USAGE}/usagePeriod", response=UsagePeriodOut, operation_id="usagePeriod")
def usage_period(request: ExchangeRequest) -> UsagePeriodOut:
    return UsagePeriodOut(periodStart=queries.kept_since())


@api.get(f"{FIND_USAGE}/heartbeat", response=HeartbeatOut, operation_id="heartbeat")
def heartbeat(request: ExchangeRequest) -> HeartbeatOut:
    """That this is answered at all says that table and names are there."""
    Look.objects.only("at").first()
    return HeartbeatOut(status="OK")


def _person(request: ExchangeRequest, person: str) -> str:
    return person_asked_about(user=request.exchange_call.user, person=person)


def _selection(person: str, body: LooksIn) -> Selection:
    agency = _member(body.agency) if body.agency else None
    until = body.until and body.until + timedelta(days=1)
    return Selection(person, agency, since=_midnight(body.since), until=_midnight(until))


def _member(x_road_id: str) -> int:
    """A member nobody knows has looked at nothing."""
    instance, member_class, code = [*x_road_id.split("/"), "", "", ""][:3]
    found = Member.objects.filter(instance=instance, member_class=member_class, code=code).first()
    return found.pk if found else -1


def _midnight(day: date | None) -> datetime | None:
    if day is None:
        return None
    return datetime(day.year, day.month, day.day, tzinfo=timezone.get_default_timezone())


def _page(chosen: QuerySet[Look], person: str, before: str) -> queries.Page:
    try:
        return queries.page(chosen, Selection(person), before)
    except ValueError as error:
        raise Problem(422, "body-invalid", "check before") from error


def _usage(row: Look, grant: Any) -> UsageOut:
    return UsageOut(
        logtime=row.at,
        action=grant.service.code,
        receiverCode=grant.consumer.member.code,
        receiverName=grant.consumer.member.name_fa,
        receiverSystem=grant.consumer.code,
    )


def _unknown() -> Problem:
    return Problem(404, "look-unknown", "no look at the user has this id")
