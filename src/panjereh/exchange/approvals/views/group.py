"""Pages of the working group: its sessions, and what it decides there."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from panjereh.exchange.approvals.actions import sessions
from panjereh.exchange.approvals.forms import GroupDecisionForm
from panjereh.exchange.approvals.models import AgendaItem, Session
from panjereh.exchange.approvals.states import NotNow
from panjereh.exchange.approvals.views.telling import named_items, tell, told
from panjereh.exchange.doors import group_page
from panjereh.exchange.models import Operator


@require_safe
@group_page
def group_sessions(request: HttpRequest, operator: Operator) -> HttpResponse:
    return render(request, "approvals/group.html", {"sessions": Session.objects.all()})


@require_safe
@group_page
def agenda(request: HttpRequest, operator: Operator, number: int) -> HttpResponse:
    found = get_object_or_404(Session, number=number)
    items = found.items.select_related("request__consumer__member", "request__service", "plan")
    context = {"session": found, "items": items, "office": "group", "told": told(request)}
    return render(request, "approvals/session.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@group_page
def decide_item(request: HttpRequest, operator: Operator, number: int, order: int) -> HttpResponse:
    """The whole matter on one page, and the decision in both languages."""
    item = get_object_or_404(AgendaItem, session__number=number, order=order)
    form = GroupDecisionForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        try:
            sessions.decide_item(
                actor=operator,
                item=item,
                decision=given["decision"],
                text=form.text,
                number=given["number"],
            )
        except NotNow:
            tell(request, _("This item cannot be decided now."))
        return redirect("agenda", number=number)
    context = {
        "form": form,
        "item": item,
        "asked": item.request,
        "items": named_items(item.request) if item.request else [],
        "decidable": item.session.state == Session.State.HELD and not item.decision,
    }
    return render(request, "approvals/decide_item.html", context)
