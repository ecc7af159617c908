"""A member's own desk: everything about itself, nothing about others.

Each view is given the representative; what it touches is looked up among the own member's rows,
so another's is not found.
"""

from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from panjereh.exchange.actions import appoint_representative, withdraw_representative
from panjereh.exchange.directory import actions, forms, queries
from panjereh.exchange.directory.models import Inquiry, SideConnection, Withdrawal
from panjereh.exchange.doors import member_page
from panjereh.exchange.links import MEMBER
from panjereh.exchange.models import Member, Representative, System
from panjereh.exchange.navigation import links_of

form_page = require_http_methods(["GET", "HEAD", "POST"])
Form = django_forms.Form


@require_safe
@member_page
def home(request: HttpRequest, representative: Representative) -> HttpResponse:
    member = representative.member
    context = {
        "member": member,
        "connection": queries.connection_of(member),
        "endings": queries.endings_for(member),
        "asked": queries.extensions_asked_of(member),
        "expiring": queries.keys_that_expire(member),
        "overdue": queries.overdue_side_connections(member),
        "missing": queries.inquiries_of(member).filter(service=None).count(),
        "links": [link for link in links_of(MEMBER) if link.url_name != "member-home"],
    }
    return render(request, "directory/member_home.html", context)


@form_page
@member_page
def contacts(request: HttpRequest, representative: Representative) -> HttpResponse:
    member = representative.member
    form = forms.ContactForm(request.POST or None)
    if form.is_valid():
        actions.name_contact(actor=representative, member=member, **form.cleaned_data)
        return redirect("member-contacts")
    context = {"form": form, "contacts": queries.contacts_of(member)}
    return render(request, "directory/contacts.html", context)


@form_page
@member_page
def representatives(request: HttpRequest, representative: Representative) -> HttpResponse:
    form = forms.AppointmentForm(request.POST or None)
    if form.is_valid() and _appointed(form, representative):
        return redirect("member-representatives")
    standing = representative.member.representatives.filter(active=True)
    context = {"form": form, "representatives": standing, "me": representative}
    return render(request, "directory/representatives.html", context)


def _appointed(form: Form, representative: Representative) -> bool:
    try:
        appoint_representative(
            actor=representative, member=representative.member, **form.cleaned_data
        )
    except IntegrityError:
        form.add_error("national_id", _("This person acts for a member already."))
        return False
    return True


@require_POST
@member_page
def withdraw(request: HttpRequest, representative: Representative, pk: int) -> HttpResponse:
    found = get_object_or_404(Representative, pk=pk, member=representative.member, active=True)
    withdraw_representative(actor=representative, representative=found)
    return redirect("member-representatives" if found != representative else "home")


@form_page
@member_page
def sub_members(request: HttpRequest, representative: Representative) -> HttpResponse:
    """Of an exchange or operator: who calls through it. Of others: through whom they call."""
    member = representative.member
    form = _sub_member_form(member)(request.POST or None)
    if form.is_valid() and _done(form, _sub_member_deed(representative, form)):
        return redirect("member-sub-members")
    context = {"form": form, "member": member, "sub_members": member.sub_members.all()}
    return render(request, "directory/sub_members.html", context)


def _sub_member_form(member: Member) -> type[Form]:
    return forms.SubMemberForm if member.speaks_for_others else forms.ThroughForm


def _sub_member_deed(representative: Representative, form: Form) -> Callable[[], object]:
    member, given = representative.member, form.cleaned_data
    if not isinstance(form, forms.SubMemberForm):
        return lambda: actions.join_through(
            actor=representative, member=member, through=given["through"]
        )
    return lambda: actions.register_sub_member(
        actor=representative,
        through=member,
        member_class=given["member_class"],
        code=given["code"],
        name=form.names,
        kind=given["kind"],
    )


def _done(form: Form, deed: Callable[[], object]) -> bool:
    try:
        deed()
    except IntegrityError:
        form.add_error("code", _("This body is in the directory already; it can join by itself."))
    except PermissionDenied as refused:
        form.add_error(None, str(refused))
    return not form.errors


@require_POST
@member_page
def leave(request: HttpRequest, representative: Representative, pk: int) -> HttpResponse:
    """The member itself leaves, or its exchange lets it go."""
    own = representative.member
    found = get_object_or_404(Member, pk=pk, through__isnull=False)
    if own not in (found, found.through):
        raise PermissionDenied
    actions.leave_exchange(actor=representative, member=found)
    return redirect("member-sub-members")


@form_page
@member_page
def inquiries(request: HttpRequest, representative: Representative) -> HttpResponse:
    member = representative.member
    form = forms.InquiryForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        title = {"fa": given["card_title_fa"], "en": given["card_title_en"]}
        actions.enter_inquiry(
            actor=representative,
            member=member,
            card=given["card"],
            card_title=title,
            name=form.names,
        )
        return redirect("member-inquiries")
    context = {"form": form, "inquiries": queries.inquiries_of(member), "match": forms.MatchForm()}
    return render(request, "directory/inquiries.html", context)


@require_POST
@member_page
def match(request: HttpRequest, representative: Representative, pk: int) -> HttpResponse:
    inquiry = get_object_or_404(Inquiry, pk=pk, member=representative.member)
    form = forms.MatchForm(request.POST)
    service = form.cleaned_data["service"] if form.is_valid() else None
    actions.match_inquiry(actor=representative, inquiry=inquiry, service=service)
    return redirect("member-inquiries")


@form_page
@member_page
def side_connections(request: HttpRequest, representative: Representative) -> HttpResponse:
    member = representative.member
    form = forms.SideConnectionForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        actions.report_side_connection(
            actor=representative,
            member=member,
            other_party=given["other_party"],
            data=given["what"],
            remove_by=given["remove_by"],
        )
        return redirect("member-side-connections")
    context = {"form": form, "connections": queries.side_connections().filter(member=member)}
    return render(request, "directory/side_connections.html", context)


@form_page
@member_page
def side_connection(request: HttpRequest, representative: Representative, pk: int) -> HttpResponse:
    found = get_object_or_404(SideConnection, pk=pk, member=representative.member, removed_on=None)
    form = forms.RemovalForm(request.POST or None)
    if form.is_valid():
        actions.remove_side_connection(actor=representative, connection=found, **form.cleaned_data)
        return redirect("member-side-connections")
    context = {"form": form, "connection": found}
    return render(request, "directory/side_connection.html", context)


@form_page
@member_page
def ask_extension(
    request: HttpRequest, representative: Representative, pk: int, consumer: str
) -> HttpResponse:
    """The own system still needs a service that ends."""
    system = get_object_or_404(System, member=representative.member, code=consumer)
    withdrawal = get_object_or_404(Withdrawal, pk=pk, service__grants__consumer=system)
    form = forms.ExtensionForm(request.POST or None)
    if form.is_valid():
        actions.ask_extension(
            actor=representative,
            withdrawal=withdrawal,
            consumer=system,
            reason=form.cleaned_data["reason"],
        )
        return redirect("member-home")
    context: dict[str, Any] = {"form": form, "withdrawal": withdrawal, "system": system}
    return render(request, "directory/ask_extension.html", context)
