"""The front page, and the pages of the exchange operator."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from panjereh.exchange import queries
from panjereh.exchange.approvals.actions import grants as deeds
from panjereh.exchange.doors import operator_page, public_page
from panjereh.exchange.forms import TrafficFilter
from panjereh.exchange.links import PUBLIC
from panjereh.exchange.models import CallRecord, Grant, Operator
from panjereh.exchange.navigation import links_of, own_links


@require_safe
@public_page
def home(request: HttpRequest) -> HttpResponse:
    context = {
        "counts": queries.public_counts(),
        "public": links_of(PUBLIC),
        "own": own_links(request),
    }
    return render(request, "exchange/home.html", context)


@require_safe
@operator_page
def desk(request: HttpRequest, operator: Operator) -> HttpResponse:
    outcomes = queries.outcomes_of_the_day()
    failed = {cause: outcomes.get(cause, 0) for cause in ("consumer", "gateway", "provider")}
    counts = {
        "members": queries.members().count(),
        "systems": queries.systems().count(),
        "services": queries.services().count(),
        "grants": queries.grants().filter(state=Grant.State.ACTIVE).count(),
    }
    context = {"counts": counts, "answered": outcomes.get("success", 0), "failed": failed}
    return render(request, "exchange/desk.html", context)


@require_safe
@operator_page
def members(request: HttpRequest, operator: Operator) -> HttpResponse:
    return render(request, "exchange/members.html", {"members": queries.members()})


@require_safe
@operator_page
def systems(request: HttpRequest, operator: Operator) -> HttpResponse:
    return render(request, "exchange/systems.html", {"systems": queries.systems()})


@require_safe
@operator_page
def services(request: HttpRequest, operator: Operator) -> HttpResponse:
    return render(request, "exchange/services.html", {"services": queries.services()})


@require_safe
@operator_page
def grants(request: HttpRequest, operator: Operator) -> HttpResponse:
    return render(request, "exchange/grants.html", {"grants": queries.grants()})


@require_safe
@operator_page
def grant(request: HttpRequest, operator: Operator, series: UUID) -> HttpResponse:
    versions = list(queries.grant_versions(series))
    if not versions:
        raise Http404
    context = {"grant": versions[0], "earlier": versions[1:]}
    return render(request, "exchange/grant.html", context)


@require_POST
@operator_page
def revoke_grant(request: HttpRequest, operator: Operator, series: UUID) -> HttpResponse:
    deeds.revoke_grant(actor=operator, grant=_standing(series))
    return redirect("grant", series=series)


@require_POST
@operator_page
def suspend_grant(request: HttpRequest, operator: Operator, series: UUID) -> HttpResponse:
    deeds.suspend_grant(actor=operator, grant=_standing(series))
    return redirect("grant", series=series)


@require_POST
@operator_page
def lift_suspension(request: HttpRequest, operator: Operator, series: UUID) -> HttpResponse:
    deeds.lift_suspension(actor=operator, grant=_standing(series))
    return redirect("grant", series=series)


def _standing(series: UUID) -> Grant:
    return get_object_or_404(Grant, series=series, state=Grant.State.ACTIVE)


@require_safe
@operator_page
def traffic(request: HttpRequest, operator: Operator) -> HttpResponse:
    form = TrafficFilter(request.GET)
    if not form.is_valid():
        return render(request, "exchange/traffic.html", {"form": form})
    try:
        found = queries.traffic(form.selection(), request.GET.get("before", ""))
    except ValueError as error:
        raise Http404 from error
    context = {
        "form": form,
        "lines": lines_of(found.calls),
        "older": older_page(request, found.older),
    }
    return render(request, "exchange/traffic.html", context)


def lines_of(calls: list[CallRecord]) -> list[dict[str, Any]]:
    """Each call with the names of who took part; its X-Road id where there is no name."""
    names = queries.names_of(calls)
    return [
        {
            "call": call,
            "consumer": names.get(call.consumer, call.consumer),
            "provider": names.get(call.provider, call.provider),
            "service": names.get(f"{call.provider}/{call.service}", call.service),
        }
        for call in calls
    ]


def older_page(request: HttpRequest, cursor: str) -> str:
    if not cursor:
        return ""
    kept = [(name, value) for name, value in request.GET.items() if name != "before" and value]
    return "?" + urlencode([*kept, ("before", cursor)])


@require_safe
@operator_page
def call(request: HttpRequest, operator: Operator, request_id: UUID) -> HttpResponse:
    found = get_object_or_404(CallRecord, request_id=request_id)
    granted = Grant.objects.filter(pk=found.grant_id or 0).first()
    (line,) = lines_of([found])
    return render(request, "exchange/call.html", {**line, "grant": granted})
