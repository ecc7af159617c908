"""What the pages and exports of approvals ask."""

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from panjereh.common import clock
from panjereh.common.text import fold
from panjereh.exchange.approvals.keys import secretariat_public_keys
from panjereh.exchange.approvals.models import (
    AccessRequest,
    Approval,
    ApprovedSeries,
    Plan,
    Proposal,
)
from panjereh.exchange.approvals.states import CLOSED
from panjereh.exchange.directory.models import Item
from panjereh.exchange.models import Grant, Member, Service, System, SystemKey
from panjereh.exchange.monitoring.models import Day

MONTH = timedelta(days=30)
State = AccessRequest.State


def approvals(words: str = "", kind: str = "") -> QuerySet[Approval]:
    """Every word has to be in it; newest first."""
    found = Approval.objects.all()
    for word in fold(words).split():
        found = found.filter(search__contains=word)
    return found.filter(kind=kind) if kind else found


def approvals_entered(since: date, until: date) -> QuerySet[Approval]:
    return Approval.objects.filter(entered_at__date__gte=since, entered_at__date__lt=until)


def grants_of(approval: Approval) -> QuerySet[Grant]:
    """The newest version of each grant that the approval made."""
    series = ApprovedSeries.objects.filter(approval=approval).values("series")
    newest = Grant.objects.filter(series__in=series).order_by("series", "-version")
    return with_parties(Grant.objects.filter(pk__in=newest.distinct("series").values("pk")))


def with_parties(found: QuerySet[Grant]) -> QuerySet[Grant]:
    return found.select_related("consumer__member", "service__system__member")


def requests_of(member: Member) -> QuerySet[AccessRequest]:
    return _with_names(AccessRequest.objects.filter(consumer__member=member))


def requests_to(member: Member) -> QuerySet[AccessRequest]:
    """Drafts are the consumer's own until they are submitted."""
    asked = AccessRequest.objects.filter(service__system__member=member)
    return _with_names(asked.exclude(state=State.DRAFT))


def inbox(*states: str) -> QuerySet[AccessRequest]:
    """What is due first stands first."""
    return _with_names(AccessRequest.objects.filter(state__in=states)).order_by("due_at", "pk")


def open_requests() -> QuerySet[AccessRequest]:
    return _with_names(AccessRequest.objects.exclude(state__in=[*CLOSED, State.DRAFT]))


def _with_names(found: QuerySet[AccessRequest]) -> QuerySet[AccessRequest]:
    return found.select_related("consumer__member", "service__system__member", "approval", "grant")


def matters_waiting() -> tuple[list[AccessRequest], list[Plan]]:
    """What can still be put on the agenda."""
    undecided = Q(items__decision="")
    requests = _with_names(AccessRequest.objects.filter(state=State.GROUP)).exclude(undecided)
    plans = Plan.objects.filter(state=Plan.State.SUBMITTED).exclude(undecided)
    return list(requests), list(plans)


def items_of(service: Service) -> list[Item]:
    return list(Item.objects.filter(service=service, direction=Item.Direction.OUT))


def services_to_ask(member: Member, words: str = "") -> QuerySet[Service]:
    """Services of others, by their words."""
    found = Service.objects.filter(enabled=True).exclude(system__member=member)
    found = found.select_related("system__member", "sheet")
    for word in words.split():
        found = found.filter(
            Q(title_fa__icontains=word)
            | Q(title_en__icontains=word)
            | Q(code__icontains=word)
            | Q(system__member__name_fa__icontains=word)
            | Q(system__member__name_en__icontains=word)
        )
    return found.order_by("title_fa", "pk")


def systems_of(member: Member) -> QuerySet[System]:
    return System.objects.filter(member=member, enabled=True)


def idle_grants(months: int) -> list[Grant]:
    """Active ones that no call has used for so long, the oldest first."""
    since = clock.now() - months * MONTH
    used = Day.objects.filter(at__gte=since).values("flow__grant_id")
    old = with_parties(Grant.objects.filter(state=Grant.State.ACTIVE, approved_at__lt=since))
    return list(old.exclude(pk__in=used).order_by("approved_at"))


def proposals_to(member: Member) -> list[tuple[Proposal, Grant]]:
    """Proposals to give up a grant that wait for the member's answer."""
    waiting = {p.series: p for p in Proposal.objects.filter(member=member, answer="")}
    standing = with_parties(Grant.objects.filter(series__in=waiting, state=Grant.State.ACTIVE))
    return [(waiting[grant.series], grant) for grant in standing]


def contract_bundle(grant: Grant) -> dict[str, Any]:
    """All that anyone needs to check a grant; who is careful has the secretariat's key already."""
    systems = [grant.consumer_id, grant.service.system_id]
    known = SystemKey.objects.filter(system__in=systems, use=SystemKey.Use.SIGNATURE)
    return {
        "contract": grant.contract,
        "content_hash": grant.content_hash,
        "signatures": grant.signatures,
        "revocation": grant.revocation or None,
        "state": grant.state,
        "keys": {
            "members": sorted(known.values_list("public_key", flat=True)),
            "secretariat": list(secretariat_public_keys(settings.KEYS).values()),
        },
    }
