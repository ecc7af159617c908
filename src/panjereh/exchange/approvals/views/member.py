"""A member's requests for access, and its answers to requests made to its services.

A representative sees and does what is the own member's; whose request it is not, finds nothing.
"""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from panjereh.exchange.approvals import queries
from panjereh.exchange.approvals.actions import requests, signing, trying, upkeep
from panjereh.exchange.approvals.contract import ContractRefused, content_hash
from panjereh.exchange.approvals.forms import AnswerForm, ReasonTextForm, SignatureForm
from panjereh.exchange.approvals.keys import sandbox_key
from panjereh.exchange.approvals.models import AccessRequest, Proposal
from panjereh.exchange.approvals.states import NotNow
from panjereh.exchange.approvals.views.telling import attempt, check_words, named_items, tell, told
from panjereh.exchange.doors import member_page
from panjereh.exchange.models import Grant, Member, Representative

FORM = ["GET", "HEAD", "POST"]
State = AccessRequest.State


@require_safe
@member_page
def overview(request: HttpRequest, representative: Representative) -> HttpResponse:
    member = representative.member
    context = {
        "made": queries.requests_of(member),
        "received": queries.requests_to(member),
        "idle": queries.proposals_to(member),
        "told": told(request),
    }
    return render(request, "approvals/my_requests.html", context)


@require_safe
@member_page
def show(request: HttpRequest, representative: Representative, pk: int) -> HttpResponse:
    """For both sides: what is asked, where it stands, what is to be done now."""
    asked = _concerning(representative.member, pk)
    context = _context(representative.member, asked, told=told(request))
    return render(request, "approvals/request.html", context)


def _context(member: Member, asked: AccessRequest, **more: Any) -> dict[str, Any]:
    own = asked.consumer.member_id == member.pk
    party = "consumer" if own else "provider"
    system = asked.consumer if own else asked.service.system
    run = asked.runs.first()
    return {
        "asked": asked,
        "own": own,
        "party": party,
        "items": named_items(asked),
        "steps": asked.steps.all(),
        "run": run,
        "checks": [(check_words(c["check"]), c["held"], c["found"]) for c in run.checks]
        if run
        else [],
        "unsigned": asked.state == State.APPROVED and party not in asked.signatures,
        "clickable": sandbox_key(settings.KEYS, system.code) is not None,
        "hash": content_hash(asked.contract) if asked.contract else "",
        "form": SignatureForm(),
        "open": asked.state not in {State.GRANTED, State.REFUSED, State.WITHDRAWN, State.LAPSED},
        **more,
    }


@require_http_methods(FORM)
@member_page
def answer(request: HttpRequest, representative: Representative, pk: int) -> HttpResponse:
    """The provider's word."""
    asked = _concerning(representative.member, pk)
    if asked.service.system.member_id != representative.member_id:
        raise Http404
    form = AnswerForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        try:
            requests.answer_request(actor=representative, request=asked, **given)
        except NotNow:
            tell(request, _("This request has moved on; your answer was not needed any more."))
        return redirect("my-request", pk=pk)
    context = {"form": form, "asked": asked, "items": named_items(asked)}
    return render(request, "approvals/answer.html", context)


@require_POST
@member_page
def withdraw(request: HttpRequest, representative: Representative, pk: int) -> HttpResponse:
    draft = get_object_or_404(queries.requests_of(representative.member), pk=pk)
    attempt(request, lambda: requests.withdraw_request(actor=representative, request=draft))
    return redirect("my-request", pk=pk)


@require_POST
@member_page
def try_out(request: HttpRequest, representative: Representative, pk: int) -> HttpResponse:
    """The conformance run, by a click."""
    asked = _concerning(representative.member, pk)
    attempt(request, lambda: trying.run_conformance(actor=representative, request=asked))
    return redirect("my-request", pk=pk)


@require_POST
@member_page
def sign(request: HttpRequest, representative: Representative, pk: int) -> HttpResponse:
    """With a signature that was made outside; or, in the sandbox, by a click."""
    asked = _concerning(representative.member, pk)
    party = "consumer" if asked.consumer.member_id == representative.member_id else "provider"
    form = SignatureForm(request.POST)
    if "click" in request.POST:
        attempt(
            request,
            lambda: signing.sign_in_sandbox(actor=representative, request=asked, party=party),
        )
        return redirect("my-request", pk=pk)
    if form.is_valid():
        try:
            signing.sign_contract(
                actor=representative, request=asked, party=party, **form.cleaned_data
            )
        except ContractRefused as error:
            form.add_error("signature", _("This signature does not hold: %s") % error)
        except NotNow:
            raise Http404 from None
        else:
            return redirect("my-request", pk=pk)
    context = _context(representative.member, asked, form=form)
    return render(request, "approvals/request.html", context, status=422)


@require_safe
@member_page
def contract_text(request: HttpRequest, representative: Representative, pk: int) -> HttpResponse:
    """What is to be signed, for the member's own tools."""
    asked = _concerning(representative.member, pk)
    return JsonResponse(asked.contract, json_dumps_params={"ensure_ascii": False, "indent": 1})


@require_http_methods(FORM)
@member_page
def idle(request: HttpRequest, representative: Representative, series: UUID) -> HttpResponse:
    """A grant that nobody used: give it up, or say why it stays."""
    proposal = get_object_or_404(
        Proposal, series=series, member_id=representative.member_id, answer=""
    )
    grant = get_object_or_404(
        queries.with_parties(Grant.objects.all()), series=series, state="active"
    )
    form = ReasonTextForm(request.POST or None)
    if request.method == "POST" and "give-up" in request.POST:
        upkeep.give_up_grant(actor=representative, grant=grant)
        return redirect("my-requests")
    if form.is_valid():
        try:
            upkeep.keep_grant(
                actor=representative, proposal=proposal, reason=form.cleaned_data["text"]
            )
        except requests.Incomplete:
            form.add_error("text", _("Write why you still need it"))
        else:
            return redirect("my-requests")
    context = {"form": form, "grant": grant, "proposal": proposal}
    return render(request, "approvals/idle.html", context)


def _concerning(member: Member, pk: int) -> AccessRequest:
    """Made by the member, or made to it and submitted."""
    made, received = queries.requests_of(member), queries.requests_to(member)
    concerned = Q(pk__in=made.values("pk")) | Q(pk__in=received.values("pk"))
    found = AccessRequest.objects.filter(concerned).select_related(
        "consumer__member", "service__system__member", "approval", "grant"
    )
    return get_object_or_404(found, pk=pk)
