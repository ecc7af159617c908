"""What operators do about members; about systems and services members see to themselves."""

from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from panjereh.exchange.actions import (
    appoint_representative,
    register_member,
    withdraw_representative,
)
from panjereh.exchange.directory import actions, forms, queries
from panjereh.exchange.directory.views.member import form_page
from panjereh.exchange.doors import operator_page
from panjereh.exchange.models import Member, Operator, Representative


@form_page
@operator_page
def new_member(request: HttpRequest, operator: Operator) -> HttpResponse:
    form = forms.NewMemberForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        try:
            member = register_member(
                actor=operator,
                instance=_instance(),
                member_class=given["member_class"],
                code=given["code"],
                name=form.names,
                kind=given["kind"],
                approval_number=given["approval_number"],
                approval_date=given["approval_date"],
            )
        except IntegrityError:
            form.add_error("code", _("This body is in the directory already."))
        else:
            return redirect("operator-member", member.pk)
    return render(request, "directory/new_member.html", {"form": form})


def _instance() -> str:
    first = Member.objects.order_by("pk").first()
    return first.instance if first else "IR"


@form_page
@operator_page
def member(request: HttpRequest, operator: Operator, pk: int) -> HttpResponse:
    """With a form for its standing to the exchange (WIN-12)."""
    found = get_object_or_404(Member.objects.select_related("through"), pk=pk)
    form = forms.ConnectionForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        actions.enter_connection(
            actor=operator,
            member=found,
            state=given["state"],
            since=given["since"],
            reason={"fa": given["reason_fa"], "en": given["reason_en"]},
        )
        return redirect("operator-member", pk)
    return render(request, "directory/operator_member.html", _told(found) | {"form": form})


def _told(found: Member) -> dict[str, object]:
    return {
        "member": found,
        "connections": found.connections.all(),
        "contacts": queries.contacts_of(found),
        "representatives": found.representatives.filter(active=True),
        "systems": found.systems.prefetch_related("keys", "services"),
    }


@form_page
@operator_page
def appoint(request: HttpRequest, operator: Operator, pk: int) -> HttpResponse:
    found = get_object_or_404(Member, pk=pk)
    form = forms.AppointmentForm(request.POST or None)
    if form.is_valid():
        try:
            appoint_representative(actor=operator, member=found, **form.cleaned_data)
        except IntegrityError:
            form.add_error("national_id", _("This person acts for a member already."))
        else:
            return redirect("operator-member", pk)
    return render(request, "directory/appoint.html", {"form": form, "member": found})


@require_POST
@operator_page
def dismiss(request: HttpRequest, operator: Operator, pk: int, representative: int) -> HttpResponse:
    found = get_object_or_404(Representative, pk=representative, member_id=pk, active=True)
    withdraw_representative(actor=operator, representative=found)
    return redirect("operator-member", pk)


@require_safe
@operator_page
def gaps(request: HttpRequest, operator: Operator) -> HttpResponse:
    """What still goes past the exchange, or ends: NIX-27, 28, 34, 36."""
    context = {
        "report": queries.inquiry_report(),
        "missing": queries.missing_inquiries(),
        "connections": queries.side_connections(),
        "endings": queries.endings(),
    }
    return render(request, "directory/gaps.html", context)
