"""A new request for access, step by step and without JavaScript: each step is saved."""

from typing import Any

from django.db import IntegrityError
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from panjereh.exchange.approvals import queries
from panjereh.exchange.approvals.actions import requests
from panjereh.exchange.approvals.forms import (
    BeginForm,
    ItemsForm,
    PointersForm,
    ReasonForm,
    VolumeForm,
)
from panjereh.exchange.approvals.models import AccessRequest
from panjereh.exchange.approvals.states import NotNow
from panjereh.exchange.approvals.views.telling import named_items, tell
from panjereh.exchange.doors import member_page
from panjereh.exchange.models import Grant, Representative, Service, System

FORM = ["GET", "HEAD", "POST"]
STEPS = ("items", "reason", "volume", "check")
REASON = ("purpose_fa", "purpose_en", "purpose", "legal_basis", "justification")
State = AccessRequest.State


@require_safe
@member_page
def choose(request: HttpRequest, representative: Representative) -> HttpResponse:
    """First step of a new request: which service."""
    words = request.GET.get("q", "")[:100]
    services = queries.services_to_ask(representative.member, words)[:40]
    return render(request, "approvals/choose.html", {"services": services, "q": words})


@require_http_methods(FORM)
@member_page
def begin(
    request: HttpRequest, representative: Representative, system: str, service: str
) -> HttpResponse:
    """Which of the own systems will call it; the draft begins."""
    wanted = get_object_or_404(
        Service.objects.select_related("system__member"), system__code=system, code=service
    )
    systems = queries.systems_of(representative.member)
    form = BeginForm(request.POST or None, systems=systems)
    if form.is_valid():
        try:
            made = _begin(representative, form.cleaned_data["consumer"], wanted)
        except (IntegrityError, NotNow):
            form.add_error("consumer", _("This system has an open request for the service already"))
        else:
            return redirect("write-request", pk=made.pk, step="items")
    context = {"form": form, "service": wanted, "items": queries.items_of(wanted)}
    return render(request, "approvals/begin.html", context)


def _begin(actor: Representative, consumer: System, service: Service) -> AccessRequest:
    """A grant that stands is reopened; without one it is a new request."""
    standing = Grant.objects.filter(
        consumer=consumer,
        service=service,
        state=Grant.State.ACTIVE,
        stage=Grant.Stage.PRODUCTION,
    ).first()
    return requests.begin_request(
        actor=actor,
        consumer=consumer,
        service=service,
        reopens=standing.series if standing else None,
    )


@require_http_methods(FORM)
@member_page
def write(request: HttpRequest, representative: Representative, pk: int, step: str) -> HttpResponse:
    """One step of the draft after the other; each is saved, so one can stop and come back."""
    draft = get_object_or_404(queries.requests_of(representative.member), pk=pk)
    if step not in STEPS or draft.state not in {State.DRAFT, State.CHANGES}:
        raise Http404
    if step == "check":
        return _check(request, draft)
    form = _form(step, draft, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        written = form.written() if isinstance(form, VolumeForm) else form.cleaned_data
        requests.write_request(actor=representative, request=draft, **written)
        return redirect("write-request", pk=draft.pk, step=STEPS[STEPS.index(step) + 1])
    context = {"form": form, "asked": draft, "step": step, "number": STEPS.index(step) + 2}
    before = STEPS[STEPS.index(step) - 1] if STEPS.index(step) else ""
    return render(request, "approvals/write.html", context | {"before": before})


def _form(step: str, draft: AccessRequest, data: Any) -> Form:
    if step == "items":
        items = queries.items_of(draft.service)
        if not items:
            initial = {"data_items": "\n".join(draft.data_items)}
            return PointersForm(data, initial=initial)
        return ItemsForm(data, items=items, initial={"data_items": draft.data_items})
    if step == "reason":
        return ReasonForm(data, initial={name: getattr(draft, name) for name in REASON})
    listed = draft.conditions[0] if draft.conditions else {"list": "", "pointer": ""}
    initial = {name: getattr(draft, name) for name in ("per_minute", "per_day", "until", "wishes")}
    initial |= {"list_code": listed["list"], "pointer": listed["pointer"]}
    return VolumeForm(data, initial=initial)


def _check(request: HttpRequest, draft: AccessRequest) -> HttpResponse:
    missing = [name for name in requests.NEEDED if not getattr(draft, name)]
    context = {"asked": draft, "missing": missing, "items": named_items(draft)}
    return render(request, "approvals/check.html", context)


@require_POST
@member_page
def submit(request: HttpRequest, representative: Representative, pk: int) -> HttpResponse:
    draft = get_object_or_404(queries.requests_of(representative.member), pk=pk)
    try:
        requests.submit_request(actor=representative, request=draft)
    except requests.Incomplete:
        return redirect("write-request", pk=pk, step="check")
    except NotNow:
        tell(request, _("This request was submitted already."))
    return redirect("my-request", pk=pk)
