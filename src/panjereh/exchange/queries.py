"""What the operator pages ask."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from panjereh.common import clock
from panjereh.exchange.actions import hash_national_id
from panjereh.exchange.models import (
    CallRecord,
    Grant,
    Member,
    Operator,
    Representative,
    Service,
    System,
)

PAGE_CALLS = 50
DAY = timedelta(days=1)
ANY = Q()


@dataclass(frozen=True)
class Appointments:
    operator: Operator | None = None
    representative: Representative | None = None


def appointments_of(national_id: str) -> Appointments:
    """What a person may do here, as it stands now."""
    kept = {"national_id_hash": hash_national_id(national_id), "active": True}
    return Appointments(
        Operator.objects.filter(**kept).first(),
        Representative.objects.select_related("member").filter(**kept).first(),
    )


def public_counts() -> dict[str, int]:
    """NIX-26: what the exchange carries, without a word of the traffic."""
    return {
        "members": Member.objects.count(),
        "services": Service.objects.filter(enabled=True).count(),
        "grants": Grant.objects.filter(state=Grant.State.ACTIVE).count(),
    }


def members() -> QuerySet[Member]:
    return Member.objects.annotate(system_count=Count("systems"))


def systems() -> QuerySet[System]:
    return (
        System.objects.select_related("member")
        .prefetch_related("keys")
        .annotate(service_count=Count("services", distinct=True))
    )


def services() -> QuerySet[Service]:
    active = Q(grants__state=Grant.State.ACTIVE)
    return (
        Service.objects.select_related("system__member")
        .annotate(grant_count=Count("grants", filter=active))
        .order_by("system__name_fa", "code")
    )


def grants() -> QuerySet[Grant]:
    """The newest version of each series."""
    newest = Grant.objects.order_by("series", "-version").distinct("series").values("pk")
    return _with_names(Grant.objects.filter(pk__in=newest))


def grant_versions(series: UUID) -> QuerySet[Grant]:
    return _with_names(Grant.objects.filter(series=series)).order_by("-version")


def _with_names(found: QuerySet[Grant]) -> QuerySet[Grant]:
    return found.select_related("consumer__member", "service__system__member")


@dataclass(frozen=True)
class Selection:
    """Which calls to show; empty means any."""

    case: str = ""
    call: str = ""  # request id of the exchange, or message id of the consumer
    service: str = ""
    consumer: str = ""
    provider: str = ""
    outcome: str = ""  # `success`, or the cause of a failure
    since: datetime | None = None


@dataclass(frozen=True)
class Traffic:
    calls: list[CallRecord]
    older: str  # cursor of the next page, empty on the last


def traffic(selection: Selection, before: str = "", among: Q = ANY) -> Traffic:
    """Newest first. Pages follow a cursor: counting and skipping would read the whole table.

    Raises `ValueError` when the cursor is none of ours.
    """
    found = CallRecord.objects.filter(_matches(selection), among)
    if before:
        moment, _, row = before.partition("-")
        received_at = datetime.fromtimestamp(int(moment) / 1e6, tz=clock.now().tzinfo)
        found = found.filter(
            Q(received_at__lt=received_at) | Q(received_at=received_at, id__lt=int(row))
        )
    calls = list(found[: PAGE_CALLS + 1])
    more = len(calls) > PAGE_CALLS
    return Traffic(calls[:PAGE_CALLS], _cursor(calls[PAGE_CALLS - 1]) if more else "")


def _matches(selection: Selection) -> Q:
    matches = Q()
    for name in ("consumer", "provider", "service"):
        if wanted := getattr(selection, name):
            matches &= Q(**{name: wanted})
    if selection.case:
        matches &= Q(issue=selection.case)
    if selection.call:
        matches &= Q(x_road_id=selection.call) | _by_request_id(selection.call)
    if selection.outcome:
        matches &= Q(cause="" if selection.outcome == "success" else selection.outcome)
    if selection.since:
        matches &= Q(received_at__gte=selection.since)
    return matches


def _by_request_id(text: str) -> Q:
    try:
        return Q(request_id=UUID(text))
    except ValueError:
        return Q(pk=None)


def _cursor(call: CallRecord) -> str:
    return f"{round(call.received_at.timestamp() * 1e6)}-{call.pk}"


def names_of(calls: Iterable[CallRecord]) -> dict[str, dict[str, str]]:
    """Names of the systems and services that calls name by their X-Road ids."""
    wanted = {x for call in calls for x in (call.consumer, call.provider)}
    found = System.objects.select_related("member").prefetch_related("services")
    names: dict[str, dict[str, str]] = {}
    for system in found.filter(code__in={x.rpartition("/")[2] for x in wanted}):
        names[system.x_road_id] = system.name
        for service in system.services.all():
            names[f"{system.x_road_id}/{service.code}"] = service.title
    return names


def outcomes_of_the_day() -> dict[str, int]:
    """Calls of the past 24 hours by outcome."""
    counted = (
        CallRecord.objects.filter(received_at__gte=clock.now() - DAY)
        .order_by()
        .values_list("cause")
        .annotate(Count("id"))
    )
    return {cause or "success": count for cause, count in counted}
