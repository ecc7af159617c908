"""Pages for people: the log as anybody may see it, and a member's own calls with their proofs."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from panjereh.exchange import queries
from panjereh.exchange.doors import member_page, public_page
from panjereh.exchange.evidence.config import config
from panjereh.exchange.evidence.parties import calls_of
from panjereh.exchange.evidence.state import log_state
from panjereh.exchange.forms import TrafficFilter
from panjereh.exchange.models import CallRecord, Grant, Representative
from panjereh.exchange.views import lines_of, older_page


@require_safe
@public_page
def log(request: HttpRequest) -> HttpResponse:
    return render(request, "evidence/log.html", {"log": log_state(config())})


@require_safe
@member_page
def calls(request: HttpRequest, representative: Representative) -> HttpResponse:
    form = TrafficFilter(request.GET)
    if not form.is_valid():
        return render(request, "evidence/calls.html", {"form": form})
    own = calls_of(representative.member)
    try:
        found = queries.traffic(form.selection(), request.GET.get("before", ""), own)
    except ValueError as error:
        raise Http404 from error
    older = older_page(request, found.older)
    lines = lines_of(found.calls)
    context = {"form": form, "lines": lines, "older": older, "call_page": "member-call"}
    return render(request, "evidence/calls.html", context)


@require_safe
@member_page
def call(request: HttpRequest, representative: Representative, request_id: UUID) -> HttpResponse:
    found = get_object_or_404(CallRecord, calls_of(representative.member), request_id=request_id)
    granted = Grant.objects.filter(pk=found.grant_id or 0).first()
    (line,) = lines_of([found])
    return render(request, "evidence/call.html", {**line, "grant": granted})
