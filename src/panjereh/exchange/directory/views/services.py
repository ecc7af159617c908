"""A member's services: what the catalogue tells of them, and how they end."""

from datetime import datetime, time, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import make_aware
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from panjereh.exchange import actions as policy
from panjereh.exchange.directory import actions, forms
from panjereh.exchange.directory.actions.ending import NoticeTooShort
from panjereh.exchange.directory.models import Example, Extension, Withdrawal
from panjereh.exchange.directory.views.member import form_page
from panjereh.exchange.directory.views.systems import own_system
from panjereh.exchange.doors import member_page
from panjereh.exchange.models import Representative, Service
from panjereh.ui.jalali import long_date


def own_service(representative: Representative, system: str, code: str) -> Service:
    found = Service.objects.select_related("system__member", "sheet", "withdrawal")
    return get_object_or_404(found, system=own_system(representative, system), code=code)


@form_page
@member_page
def service(
    request: HttpRequest, representative: Representative, system: str, code: str
) -> HttpResponse:
    """With its sheet as a form."""
    found = own_service(representative, system, code)
    form = forms.SheetForm(request.POST or None, initial=_sheet_of(found))
    if form.is_valid():
        given = form.cleaned_data
        actions.edit_sheet(
            actor=representative,
            service=found,
            description={"fa": given["description_fa"], "en": given["description_en"]},
            legal_basis=given["legal_basis"],
            promise_ms=given["promise_ms"],
            contact_email=given["contact_email"],
        )
        return redirect("member-service", system, code)
    context = {
        "service": found,
        "form": form,
        "withdrawal": getattr(found, "withdrawal", None),
        "items": found.items.all(),
        "examples": found.examples.all(),
    }
    return render(request, "directory/own_service.html", context)


def _sheet_of(found: Service) -> dict[str, Any]:
    sheet = getattr(found, "sheet", None)
    return sheet.__dict__ if sheet else {}


@require_POST
@member_page
def switch_off(
    request: HttpRequest, representative: Representative, system: str, code: str
) -> HttpResponse:
    found = own_service(representative, system, code)
    notice = request.POST.get("notice", "").strip()[:200]
    policy.disable_service(actor=representative, service=found, notice=notice)
    return redirect("member-service", system, code)


@require_POST
@member_page
def switch_on(
    request: HttpRequest, representative: Representative, system: str, code: str
) -> HttpResponse:
    policy.enable_service(actor=representative, service=own_service(representative, system, code))
    return redirect("member-service", system, code)


@form_page
@member_page
def new_example(
    request: HttpRequest, representative: Representative, system: str, code: str
) -> HttpResponse:
    found = own_service(representative, system, code)
    form = forms.ExampleForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        actions.add_example(
            actor=representative,
            service=found,
            name=form.names,
            question=given["question"],
            answer=given["answer"],
            status=given["status"],
        )
        return redirect("member-service", system, code)
    return render(request, "directory/new_example.html", {"form": form, "service": found})


@require_POST
@member_page
def remove_example(
    request: HttpRequest, representative: Representative, system: str, code: str, pk: int
) -> HttpResponse:
    found = own_service(representative, system, code)
    example = get_object_or_404(Example, pk=pk, service=found)
    actions.remove_example(actor=representative, example=example)
    return redirect("member-service", system, code)


@form_page
@member_page
def withdrawal(
    request: HttpRequest, representative: Representative, system: str, code: str
) -> HttpResponse:
    found = own_service(representative, system, code)
    form = forms.WithdrawalForm(found, request.POST or None)
    if form.is_valid() and _announced(form, representative, found):
        return redirect("member-service", system, code)
    context = {"form": form, "service": found, "days": actions.MIN_NOTICE.days}
    return render(request, "directory/withdrawal.html", context)


def _announced(form: forms.WithdrawalForm, representative: Representative, found: Service) -> bool:
    given = form.cleaned_data
    try:
        actions.announce_withdrawal(
            actor=representative,
            service=found,
            ends_at=end_of(given["ends_on"]),
            notice={"fa": given["notice_fa"], "en": given["notice_en"]},
            successor=given["successor"],
        )
    except NoticeTooShort as short:
        form.add_error(
            "ends_on",
            _("Consumers have a grant for it. The earliest last day is %(day)s.")
            % {"day": long_date(short.soonest)},
        )
        return False
    return True


@require_POST
@member_page
def cancel_withdrawal(
    request: HttpRequest, representative: Representative, system: str, code: str
) -> HttpResponse:
    found = get_object_or_404(Withdrawal, service=own_service(representative, system, code))
    actions.cancel_withdrawal(actor=representative, withdrawal=found)
    return redirect("member-service", system, code)


@form_page
@member_page
def extension(request: HttpRequest, representative: Representative, pk: int) -> HttpResponse:
    """A consumer asks for more time; the provider says until when."""
    found = get_object_or_404(
        Extension.objects.select_related("withdrawal__service__system__member", "consumer"),
        pk=pk,
        withdrawal__service__system__member=representative.member,
    )
    form = forms.UntilForm(request.POST or None)
    if form.is_valid():
        until = end_of(form.cleaned_data["until"])
        try:
            actions.answer_extension(actor=representative, extension=found, until=until)
        except ValueError:
            form.add_error("until", _("The service answers until then in any case."))
        else:
            return redirect("member-home")
    return render(request, "directory/extension.html", {"form": form, "extension": found})


def end_of(day: Any) -> datetime:
    """The midnight after the day, in Tehran: the last day is a whole one."""
    return make_aware(datetime.combine(day + timedelta(days=1), time()))
