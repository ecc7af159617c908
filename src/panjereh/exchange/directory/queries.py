"""What the pages and the API of the directory ask."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from panjereh.common import clock
from panjereh.common.text import fold
from panjereh.exchange.directory.models import (
    Connection,
    Contact,
    Extension,
    Inquiry,
    SideConnection,
    Withdrawal,
)
from panjereh.exchange.models import Grant, Member, Service, System, SystemKey

SIMILAR_ENOUGH = 0.5
EXPIRES_SOON = timedelta(days=30)
PUBLIC_ROLES = (Contact.Role.TECHNICAL, Contact.Role.LEGAL, Contact.Role.DATA_PROTECTION)


def directory() -> QuerySet[Member]:
    """Every member with its state, since when, and how many systems and services it has."""
    newest = Connection.objects.filter(member=OuterRef("pk"))
    return Member.objects.select_related("through").annotate(
        state=Subquery(newest.values("state")[:1]),
        since=Subquery(newest.values("since")[:1]),
        system_count=Count("systems", distinct=True),
        service_count=Count("systems__services", distinct=True),
    )


def counts_by_kind() -> list[dict[str, Any]]:
    """WIN-13: each kind counted apart; `connected` of `members`."""
    newest = Connection.objects.filter(member=OuterRef("pk"))
    rows = dict[str, dict[str, int]]()
    members = Member.objects.annotate(state=Subquery(newest.values("state")[:1]))
    for kind, state, number in (
        members.order_by().values_list("kind", "state").annotate(Count("pk"))
    ):
        row = rows.setdefault(kind, {"members": 0, "connected": 0})
        row["members"] += number
        row["connected"] += number if state == Connection.State.CONNECTED else 0
    return [{"kind": kind, **rows[kind]} for kind in Member.Kind if kind in rows]


def connection_of(member: Member) -> Connection | None:
    return Connection.objects.filter(member=member).first()


def contacts_of(member: Member) -> QuerySet[Contact]:
    return Contact.objects.filter(member=member, ended_at=None)


def public_contacts_of(member: Member) -> QuerySet[Contact]:
    return contacts_of(member).filter(role__in=PUBLIC_ROLES)


def catalogue() -> QuerySet[Service]:
    """NIX-33: what is offered, with its sheet and its end, if it has one."""
    return (
        Service.objects.select_related("system__member", "sheet", "withdrawal")
        .filter(enabled=True, system__enabled=True)
        .order_by("system__member__name_fa", "system__name_fa", "code")
    )


def found_in_catalogue(text: str) -> QuerySet[Service]:
    """Every word must be there; when none has them all, what is spelled alike."""
    words = fold(text).split()
    exact = catalogue()
    for word in words:
        exact = exact.filter(sheet__search__contains=word)
    if not words or exact.exists():
        return exact
    alike = catalogue().annotate(alike=TrigramWordSimilarity(fold(text), "sheet__search"))
    return alike.filter(alike__gte=SIMILAR_ENOUGH).order_by("-alike")


def service_at(system: str, code: str) -> Service | None:
    found = Service.objects.select_related("system__member", "sheet", "withdrawal__successor")
    return found.filter(system__code=system, code=code).first()


def versions_of(service: Service) -> QuerySet[Service]:
    """Side by side: all majors of the family, the newest first."""
    sheet = getattr(service, "sheet", None)
    if sheet is None:
        return Service.objects.filter(pk=service.pk)
    return Service.objects.filter(system=service.system, sheet__family=sheet.family).order_by(
        "-code"
    )


def endings() -> QuerySet[Withdrawal]:
    return Withdrawal.objects.select_related(
        "service__system__member", "successor__system__member"
    ).order_by("ends_at")


@dataclass(frozen=True)
class Ending:
    """A service that one of the member's systems uses and that ends."""

    withdrawal: Withdrawal
    consumer: System
    extension: Extension | None


def endings_for(member: Member) -> list[Ending]:
    grants = Grant.objects.filter(
        consumer__member=member, state=Grant.State.ACTIVE, service__withdrawal__isnull=False
    ).select_related("consumer__member", "service__withdrawal__service__system__member")
    return [_ending(grant.service.withdrawal, grant.consumer) for grant in grants]


def _ending(withdrawal: Withdrawal, consumer: System) -> Ending:
    asked = Extension.objects.filter(withdrawal=withdrawal, consumer=consumer).first()
    return Ending(withdrawal, consumer, asked)


def extensions_asked_of(member: Member) -> QuerySet[Extension]:
    """What consumers ask of this provider and nobody answered yet."""
    return Extension.objects.filter(
        withdrawal__service__system__member=member, until=None
    ).select_related("withdrawal__service__system", "consumer__member")


def keys_that_expire(member: Member) -> QuerySet[SystemKey]:
    """Accepted still, with a certificate that ends within a month or has ended."""
    soon = clock.now() + EXPIRES_SOON
    return SystemKey.objects.filter(
        system__member=member, withdrawn_at=None, expires_at__lt=soon
    ).select_related("system")


def side_connections() -> QuerySet[SideConnection]:
    return SideConnection.objects.select_related("member", "replaced_by__system")


def overdue_side_connections(member: Member) -> QuerySet[SideConnection]:
    today = clock.now().date()
    return side_connections().filter(member=member, removed_on=None, remove_by__lt=today)


def inquiries_of(member: Member) -> QuerySet[Inquiry]:
    return Inquiry.objects.filter(member=member).select_related("service__system__member")


def inquiry_report() -> list[dict[str, Any]]:
    """NIX-27, 28: per agency, how many of its inquiries a service of the exchange answers."""
    matched = Count("pk", filter=Q(service__isnull=False))
    rows = (
        Inquiry.objects.order_by("member__name_fa")
        .values("member__name_fa", "member__name_en", "member__member_class", "member__code")
        .annotate(all=Count("pk"), matched=matched)
    )
    return [
        {
            "name": {"fa": row["member__name_fa"], "en": row["member__name_en"]},
            "member_class": row["member__member_class"],
            "code": row["member__code"],
            "all": row["all"],
            "matched": row["matched"],
            "missing": row["all"] - row["matched"],
        }
        for row in rows
    ]


def missing_inquiries() -> QuerySet[Inquiry]:
    return Inquiry.objects.filter(service=None).select_related("member")


def listed(services: Iterable[Service]) -> list[dict[str, Any]]:
    """The catalogue for machines; the same facts as the pages."""
    return [_listed(service) for service in services]


def _listed(service: Service) -> dict[str, Any]:
    sheet, ending = getattr(service, "sheet", None), getattr(service, "withdrawal", None)
    return {
        "id": service.x_road_id,
        "system": service.system.code,
        "code": service.code,
        "version": service.version,
        "title": service.title,
        "provider": service.system.member.name,
        "description": sheet.description if sheet else {"fa": "", "en": ""},
        "legal_basis": sheet.legal_basis if sheet else "",
        "response_time_ms": sheet.promise_ms if sheet else None,
        "contact": contact_email(service),
        "buses": service.buses,
        "endpoints": service.endpoints,
        "inputs": _items(service, "in"),
        "outputs": _items(service, "out"),
        "ends_at": ending.ends_at.isoformat() if ending else None,
    }


def _items(service: Service, direction: str) -> list[dict[str, Any]]:
    return [
        {
            "place": item.place,
            "name": item.name,
            "meaning": item.meaning,
            "type": item.type,
            "required": item.required,
            "subject": item.subject,
        }
        for item in service.items.all()
        if item.direction == direction
    ]


def contact_email(service: Service) -> str:
    """Of the service, else the provider's technical contact."""
    sheet = getattr(service, "sheet", None)
    if sheet and sheet.contact_email:
        return str(sheet.contact_email)
    contact = contacts_of(service.system.member).filter(role=Contact.Role.TECHNICAL).first()
    return contact.email if contact else ""
