"""The secretariat's desk: what waits and for how long, decisions, sessions, agreements, plans."""

from typing import Any

from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from panjereh.common import clock
from panjereh.exchange.approvals import queries
from panjereh.exchange.approvals.actions import register, requests, sessions, signing, upkeep
from panjereh.exchange.approvals.forms import (
    AgreementForm,
    DecideForm,
    PlanForm,
    PresentForm,
    SessionForm,
)
from panjereh.exchange.approvals.models import (
    AccessRequest,
    Agreement,
    Plan,
    Proposal,
    Session,
)
from panjereh.exchange.approvals.states import NotNow
from panjereh.exchange.approvals.views.telling import attempt, named_items, tell, told
from panjereh.exchange.doors import secretariat_page
from panjereh.exchange.models import Grant, Operator

FORM = ["GET", "HEAD", "POST"]
IDLE_MONTHS = 3
State = AccessRequest.State


@require_safe
@secretariat_page
def inbox(request: HttpRequest, operator: Operator) -> HttpResponse:
    context = {
        "own": queries.inbox(State.SECRETARIAT),
        "group": queries.inbox(State.GROUP),
        "elsewhere": queries.inbox(State.PROVIDER, State.CHANGES, State.APPROVED),
        "sessions": Session.objects.all()[:10],
        "now": clock.now(),
        "told": told(request),
    }
    return render(request, "approvals/inbox.html", context)


@require_http_methods(FORM)
@secretariat_page
def decide(request: HttpRequest, operator: Operator, pk: int) -> HttpResponse:
    asked = get_object_or_404(queries.open_requests(), pk=pk)
    form = DecideForm(request.POST or None)
    if form.is_valid():
        attempt(request, lambda: _decide(operator, asked, form.cleaned_data))
        return redirect("secretariat")
    context = {
        "form": form,
        "asked": asked,
        "items": named_items(asked),
        "steps": asked.steps.all(),
        "decidable": asked.state == State.SECRETARIAT,
        "told": told(request),
    }
    return render(request, "approvals/decide.html", context)


def _decide(operator: Operator, asked: AccessRequest, given: dict[str, str]) -> None:
    if given["decision"] == "consent":
        requests.consent(actor=operator, request=asked, number=given["number"], text=given["text"])
    elif given["decision"] == "changes":
        requests.ask_changes(actor=operator, request=asked, text=given["text"])
    else:
        requests.send_to_group(actor=operator, request=asked, text=given["text"])


@require_POST
@secretariat_page
def draft_again(request: HttpRequest, operator: Operator, pk: int) -> HttpResponse:
    asked = get_object_or_404(queries.open_requests(), pk=pk)
    attempt(request, lambda: signing.draft_again(actor=operator, request=asked))
    return redirect("decide-request", pk=pk)


@require_http_methods(FORM)
@secretariat_page
def plan_session(request: HttpRequest, operator: Operator) -> HttpResponse:
    form = SessionForm(request.POST or None)
    if form.is_valid():
        try:
            with transaction.atomic():
                made = sessions.plan_session(actor=operator, **form.cleaned_data)
        except IntegrityError:
            form.add_error("number", _("There is a session of this number already"))
        else:
            return redirect("session", number=made.number)
    return render(request, "approvals/plan_session.html", {"form": form})


@require_safe
@secretariat_page
def session(request: HttpRequest, operator: Operator, number: int) -> HttpResponse:
    found = get_object_or_404(Session, number=number)
    return render(request, "approvals/session.html", _session(request, found))


def _session(request: HttpRequest, found: Session, **more: Any) -> dict[str, Any]:
    waiting, plans = queries.matters_waiting()
    items = found.items.select_related("request__consumer__member", "request__service", "plan")
    present = "\n".join(f"{one['name']}, {one['body']}" for one in found.present)
    return {
        "session": found,
        "items": items,
        "requests": waiting,
        "plans": plans,
        "form": PresentForm(initial={"present": present}),
        "signable": bool(items) and all(item.decision for item in items),
        "office": "secretariat",
        "told": told(request),
        **more,
    }


@require_POST
@secretariat_page
def put_on_agenda(
    request: HttpRequest, operator: Operator, number: int, kind: str, pk: int
) -> HttpResponse:
    found = get_object_or_404(Session, number=number)
    model = {"request": AccessRequest, "plan": Plan}.get(kind)
    if model is None:
        raise Http404
    matter: Any = get_object_or_404(model, pk=pk)
    try:
        with transaction.atomic():
            sessions.put_on_agenda(actor=operator, session=found, matter=matter)
    except (NotNow, IntegrityError):
        tell(request, _("This matter cannot be put on the agenda now."))
    return redirect("session", number=number)


@require_POST
@secretariat_page
def hold_session(request: HttpRequest, operator: Operator, number: int) -> HttpResponse:
    found = get_object_or_404(Session, number=number)
    form = PresentForm(request.POST)
    if not form.is_valid():
        context = _session(request, found, form=form)
        return render(request, "approvals/session.html", context, status=422)
    attempt(
        request,
        lambda: sessions.hold_session(actor=operator, session=found, **form.cleaned_data),
    )
    return redirect("session", number=number)


@require_POST
@secretariat_page
def sign_minutes(request: HttpRequest, operator: Operator, number: int) -> HttpResponse:
    found = get_object_or_404(Session, number=number)
    try:
        sessions.sign_minutes(actor=operator, session=found)
    except NotNow:
        tell(request, _("Every item needs a decision before the minutes are signed."))
        return redirect("session", number=number)
    return redirect("minutes", number=number)


@require_http_methods(FORM)
@secretariat_page
def idle_grants(request: HttpRequest, operator: Operator) -> HttpResponse:
    """Grants that nobody used for months, with a proposal to give them up."""
    found = queries.idle_grants(IDLE_MONTHS)
    if request.method == "POST":
        wanted = request.POST.get("series", "")
        for grant in (one for one in found if str(one.series) == wanted):
            _propose(request, operator, grant)
        return redirect("idle-grants")
    proposed = set(Proposal.objects.filter(answer="").values_list("series", flat=True))
    lines = [(grant, grant.series in proposed) for grant in found]
    context = {"lines": lines, "months": IDLE_MONTHS, "told": told(request)}
    return render(request, "approvals/idle_grants.html", context)


def _propose(request: HttpRequest, operator: Operator, grant: Grant) -> None:
    try:
        with transaction.atomic():
            upkeep.propose_withdrawal(actor=operator, grant=grant, idle_months=IDLE_MONTHS)
    except IntegrityError:
        tell(request, _("It is proposed already."))


@require_http_methods(FORM)
@secretariat_page
def agreements(request: HttpRequest, operator: Operator) -> HttpResponse:
    form = AgreementForm(request.POST or None)
    if form.is_valid():
        try:
            with transaction.atomic():
                register.record_agreement(actor=operator, **form.cleaned_data)
        except IntegrityError:
            form.add_error("number", _("There is an agreement of this number already"))
        else:
            return redirect("agreements")
    context = {"form": form, "agreements": Agreement.objects.select_related("member")}
    return render(request, "approvals/agreements.html", context)


@require_http_methods(FORM)
@secretariat_page
def plans(request: HttpRequest, operator: Operator) -> HttpResponse:
    form = PlanForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        sessions.submit_plan(
            actor=operator,
            legal_id=given["legal_id"],
            name={"fa": given["name_fa"], "en": given["name_en"]},
            summary=given["summary"],
            document_sha256=given["document_sha256"],
        )
        return redirect("plans")
    context = {"form": form, "plans": Plan.objects.select_related("approval")}
    return render(request, "approvals/plans.html", context)
