"""A member's own directory work for its programs: the system `exchange-directory`, called over the
exchange like any other service. Who calls is known by the call itself; it acts for its own member.
"""

from datetime import date, datetime
from typing import Any

from django.utils import translation
from ninja import Schema
from pydantic import ConfigDict, Field

from panjereh.common.problems import Problem
from panjereh.exchange.actions import withdraw_key
from panjereh.exchange.directory import actions, queries
from panjereh.exchange.directory.keys import KeyRefused, add_any_key
from panjereh.exchange.directory.openapi.flaws import Flawed
from panjereh.exchange.directory.openapi.reading import read_json
from panjereh.exchange.directory.views.services import end_of
from panjereh.exchange.models import Member, Representative, System, SystemKey
from panjereh.sdk.provider import ExchangeRequest, provider_api

SYSTEM = "exchange-directory"
MOST_FOUND = 100

api = provider_api(SYSTEM, title="Directory of the exchange, for members")


class Body(Schema):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Nothing(Body):
    pass


class KeyOut(Schema):
    public_key: str
    use: str
    algorithm: str
    added_at: datetime
    expires_at: datetime | None
    withdrawn_at: datetime | None


class ServiceOut(Schema):
    code: str
    version: str
    enabled: bool
    ends_at: datetime | None


class SystemOut(Schema):
    system: str
    enabled: bool
    base_url: str
    keys: list[KeyOut]
    services: list[ServiceOut]


class SystemsOut(Schema):
    systems: list[SystemOut]


class KeyIn(Body):
    system: str = Field(max_length=60)
    key: str = Field(max_length=20_000)


class KeyAnswer(Schema):
    public_key: str
    use: str
    expires_at: datetime | None


class DescribeIn(Body):
    """`take` lets the description hold at once when nothing breaks; else it is only looked at."""

    system: str = Field(max_length=60)
    document: str = Field(max_length=512 * 1024)
    take: bool = False


class FlawOut(Schema):
    line: int
    place: str
    text: str
    mend: str


class ChangeOut(Schema):
    code: str
    breaking: bool
    place: str


class PlanOut(Schema):
    code: str
    version: str
    state: str
    changes: list[ChangeOut]


class DescribeOut(Schema):
    taken: bool
    flaws: list[FlawOut]
    plans: list[PlanOut]


class WithdrawIn(Body):
    """`ends_on` is the last day in Tehran."""

    system: str = Field(max_length=60)
    service: str = Field(max_length=60)
    ends_on: date
    notice_fa: str = Field(max_length=300)
    notice_en: str = Field(max_length=300)


class WithdrawOut(Schema):
    ends_at: datetime


class NoticeOut(Schema):
    service: str
    system: str
    ends_at: datetime
    successor: str
    extended_until: datetime | None


class NoticesOut(Schema):
    notices: list[NoticeOut]


class FindIn(Body):
    text: str = Field("", max_length=200)


class FindOut(Schema):
    services: list[dict[str, Any]]


@api.post("/systems", response=SystemsOut, operation_id="systems")
def systems(request: ExchangeRequest, body: Nothing) -> dict[str, Any]:
    """The member's own systems with their keys and services."""
    found = _acting(request).member.systems.prefetch_related("keys", "services__withdrawal")
    return {"systems": [_system(system) for system in found]}


@api.post("/add-key", response=KeyAnswer, operation_id="add-key")
def add_key(request: ExchangeRequest, body: KeyIn) -> SystemKey:
    """Accept one more key of an own system; the old ones stay until they are withdrawn."""
    acting = _acting(request)
    try:
        return add_any_key(actor=acting, system=_own(acting, body.system), text=body.key)
    except KeyRefused as refused:
        raise Problem(422, "key-refused", str(refused)) from refused


@api.post("/withdraw-key", response=KeyAnswer, operation_id="withdraw-key")
def end_key(request: ExchangeRequest, body: KeyIn) -> SystemKey:
    """The last signing key cannot be withdrawn here: the system could not come back."""
    acting = _acting(request)
    standing = SystemKey.objects.filter(system=_own(acting, body.system), withdrawn_at=None)
    key = standing.filter(public_key=body.key.lower()).first()
    if key is None:
        raise Problem(404, "key-unknown", "the system has no such key")
    if not standing.filter(use=key.use).exclude(pk=key.pk).exists():
        raise Problem(409, "last-key", "add the next key before the last one is withdrawn")
    withdraw_key(actor=acting, key=key)
    return key


@api.post("/describe", response=DescribeOut, operation_id="describe")
def describe(request: ExchangeRequest, body: DescribeIn) -> dict[str, Any]:
    """Read the OpenAPI description of an own system and say what it changes."""
    acting = _acting(request)
    system = _own(acting, body.system)
    with translation.override("en"):
        try:
            draft = actions.describe(actor=acting, system=system, octets=body.document.encode())
            plans = [_plan(plan) for plan in actions.plan_of(system, read_json(draft.document))]
            if body.take:
                actions.take_draft(actor=acting, draft=draft)
        except Flawed as flawed:
            return {"taken": False, "flaws": [_flaw(flaw) for flaw in flawed.flaws], "plans": []}
    return {"taken": body.take, "flaws": [], "plans": plans}


@api.post("/withdraw-service", response=WithdrawOut, operation_id="withdraw-service")
def withdraw_service(request: ExchangeRequest, body: WithdrawIn) -> Any:
    """End an own service with notice."""
    acting = _acting(request)
    service = _own(acting, body.system).services.filter(code=body.service).first()
    if service is None:
        raise Problem(404, "service-unknown", "the system has no such service")
    try:
        return actions.announce_withdrawal(
            actor=acting,
            service=service,
            ends_at=end_of(body.ends_on),
            notice={"fa": body.notice_fa, "en": body.notice_en},
        )
    except actions.NoticeTooShort as short:
        detail = f"consumers have a grant; the earliest end is {short.soonest.isoformat()}"
        raise Problem(409, "notice-too-short", detail) from short


@api.post("/notices", response=NoticesOut, operation_id="notices")
def notices(request: ExchangeRequest, body: Nothing) -> dict[str, Any]:
    """Services that end and that own systems have a grant for."""
    return {"notices": [_notice(e) for e in queries.endings_for(_acting(request).member)]}


@api.post("/find", response=FindOut, operation_id="find")
def find(request: ExchangeRequest, body: FindIn) -> dict[str, Any]:
    """The catalogue of services, searched as people write."""
    found = queries.found_in_catalogue(body.text).prefetch_related("items")[:MOST_FOUND]
    return {"services": queries.listed(found)}


def _acting(request: ExchangeRequest) -> Representative:
    """The calling system, as one that acts for its member and for no other."""
    instance, member_class, code, system = request.exchange_call.consumer.split("/")
    member = Member.objects.get(instance=instance, member_class=member_class, code=code)
    return Representative(member=member, name=f"system {system}")


def _own(acting: Representative, code: str) -> System:
    found = System.objects.select_related("member").filter(member=acting.member, code=code).first()
    if found is None:
        raise Problem(404, "system-unknown", "your member has no such system")
    return found


def _system(system: System) -> dict[str, Any]:
    services = [
        {
            "code": service.code,
            "version": service.version,
            "enabled": service.enabled,
            "ends_at": withdrawal.ends_at if withdrawal else None,
        }
        for service in system.services.all()
        for withdrawal in [getattr(service, "withdrawal", None)]
    ]
    return {
        "system": system.code,
        "enabled": system.enabled,
        "base_url": system.base_url,
        "keys": list(system.keys.all()),
        "services": services,
    }


def _plan(plan: actions.Plan) -> dict[str, Any]:
    changes = [
        {"code": change.rule.code, "breaking": change.rule.breaking, "place": change.place}
        for change in plan.changes
    ]
    code = plan.described.code
    return {"code": code, "version": plan.version, "state": plan.state, "changes": changes}


def _flaw(flaw: Any) -> dict[str, Any]:
    texts = {"text": str(flaw.text), "mend": str(flaw.mend)}
    return {"line": flaw.line, "place": flaw.where} | texts


def _notice(ending: queries.Ending) -> dict[str, Any]:
    withdrawal, extension = ending.withdrawal, ending.extension
    return {
        "service": withdrawal.service.x_road_id,
        "system": ending.consumer.code,
        "ends_at": withdrawal.ends_at,
        "successor": withdrawal.successor.x_road_id if withdrawal.successor else "",
        "extended_until": extension.until if extension else None,
    }
