"""How the exchange works: for its operators, for each member its own, and for everybody."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from panjereh.common import clock
from panjereh.exchange.doors import member_page, operator_page, public_page
from panjereh.exchange.models import Operator, Representative, Service
from panjereh.exchange.monitoring import boards
from panjereh.exchange.monitoring.alerts.told import told_alerts
from panjereh.exchange.monitoring.live import live
from panjereh.exchange.monitoring.models import Alert
from panjereh.exchange.monitoring.names import names
from panjereh.exchange.monitoring.periods import RANGES, Period, midnight, period
from panjereh.exchange.monitoring.status import status_of_all


@require_safe
@operator_page
def overview(request: HttpRequest, operator: Operator) -> HttpResponse:
    chosen = _period(request)
    known = names()
    context = _context(chosen) | {
        "board": boards.board(chosen),
        "live": live(boards.services_of(), clock.now()),
        "consumers": boards.by(chosen, "consumer", known)[: boards.MOST],
        "firing": told_alerts(Alert.objects.firing(), known),
    }
    return render(request, "monitoring/overview.html", context)


@require_safe
@operator_page
def alerts(request: HttpRequest, operator: Operator) -> HttpResponse:
    return render(
        request, "monitoring/alerts.html", {"alerts": told_alerts(Alert.objects.told(), names())}
    )


@require_safe
@operator_page
def service(request: HttpRequest, operator: Operator, pk: int) -> HttpResponse:
    found = get_object_or_404(boards.services_of(), pk=pk)
    return _service_page(request, found, back="monitoring")


@require_safe
@member_page
def own(request: HttpRequest, representative: Representative) -> HttpResponse:
    chosen, member = _period(request), representative.member
    known = names()
    context = _context(chosen) | {
        "member": member,
        "provided": boards.board(chosen, provider=member.x_road_id),
        "consumed": boards.board(chosen, consumer=member.x_road_id),
        "live": live(boards.services_of(member), clock.now()),
        "askers": boards.by(chosen, "consumer", known, provider=member.x_road_id)[: boards.MOST],
        "grants": boards.grants_in_use(chosen, midnight(clock.now()), member),
        "firing": told_alerts(Alert.objects.firing().of(member), known),
    }
    return render(request, "monitoring/own.html", context)


@require_safe
@member_page
def own_alerts(request: HttpRequest, representative: Representative) -> HttpResponse:
    found = Alert.objects.told().of(representative.member)
    context = {"alerts": told_alerts(found, names()), "own": True}
    return render(request, "monitoring/alerts.html", context)


@require_safe
@member_page
def own_service(request: HttpRequest, representative: Representative, pk: int) -> HttpResponse:
    """Another member's service is not there for this one."""
    found = get_object_or_404(boards.services_of(representative.member), pk=pk)
    return _service_page(request, found, back="own-traffic")


@require_safe
@public_page
def status(request: HttpRequest) -> HttpResponse:
    providers, at = status_of_all(clock.now()), clock.now()
    return render(request, "monitoring/status.html", {"providers": providers, "at": at})


def _service_page(request: HttpRequest, found: Service, back: str) -> HttpResponse:
    chosen = _period(request)
    whose = {"provider": found.system.x_road_id, "service": found.code}
    (now,) = live([found], clock.now())
    context = _context(chosen) | {
        "service": found,
        "now": now,
        "board": boards.board(chosen, **whose),
        "consumers": boards.by(chosen, "consumer", names(), **whose),
        "back": back,
    }
    return render(request, "monitoring/service.html", context)


def _period(request: HttpRequest) -> Period:
    code = request.GET.get("range", "day")
    if code not in RANGES:
        raise Http404
    return period(code, clock.now())


def _context(chosen: Period) -> dict[str, Any]:
    return {"period": chosen, "ranges": RANGES.items()}
