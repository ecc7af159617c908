"""A member's systems: keys that change without a pause, and what they offer."""

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from panjereh.common import clock
from panjereh.exchange import actions as policy
from panjereh.exchange.directory import actions, forms
from panjereh.exchange.directory.fetching import fetch_description
from panjereh.exchange.directory.keys import KeyRefused, add_any_key
from panjereh.exchange.directory.models import Draft
from panjereh.exchange.directory.openapi.flaws import Flaw, Flawed
from panjereh.exchange.directory.openapi.reading import read_json
from panjereh.exchange.directory.queries import EXPIRES_SOON
from panjereh.exchange.directory.views.member import form_page
from panjereh.exchange.doors import member_page
from panjereh.exchange.models import Representative, System, SystemKey


def own_system(representative: Representative, code: str) -> System:
    return get_object_or_404(
        System.objects.select_related("member"), member=representative.member, code=code
    )


@require_safe
@member_page
def systems(request: HttpRequest, representative: Representative) -> HttpResponse:
    found = representative.member.systems.prefetch_related("keys", "services")
    return render(request, "directory/systems.html", {"systems": found})


@form_page
@member_page
def new_system(request: HttpRequest, representative: Representative) -> HttpResponse:
    form = forms.SystemForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        try:
            policy.register_system(
                actor=representative,
                member=representative.member,
                code=given["code"],
                name=form.names,
                base_url=given["base_url"],
            )
        except policy.CodeTaken:
            form.add_error("code", _("Another system has this code; choose another."))
        else:
            return redirect("member-system", given["code"])
    return render(request, "directory/new_system.html", {"form": form})


@form_page
@member_page
def system(request: HttpRequest, representative: Representative, code: str) -> HttpResponse:
    """With a form for the next key."""
    found = own_system(representative, code)
    form = forms.KeyForm(request.POST or None)
    if form.is_valid():
        try:
            add_any_key(actor=representative, system=found, text=form.cleaned_data["key"])
        except KeyRefused as refused:
            form.add_error("key", str(refused))
        else:
            return redirect("member-system", code)
    return render(request, "directory/system.html", _told(found) | {"form": form})


def _told(found: System) -> dict[str, object]:
    return {
        "system": found,
        "keys": found.keys.order_by("withdrawn_at", "-added_at"),
        "services": found.services.select_related("sheet", "withdrawal"),
        "address": forms.AddressForm(initial={"base_url": found.base_url}),
        "draft": found.drafts.first(),
        "now": clock.now(),
        "soon": clock.now() + EXPIRES_SOON,
    }


@require_POST
@member_page
def move(request: HttpRequest, representative: Representative, code: str) -> HttpResponse:
    found = own_system(representative, code)
    address = forms.AddressForm(request.POST)
    if not address.is_valid():
        context = _told(found) | {"form": forms.KeyForm(), "address": address}
        return render(request, "directory/system.html", context)
    policy.move_system(
        actor=representative, system=found, base_url=address.cleaned_data["base_url"]
    )
    return redirect("member-system", code)


@require_POST
@member_page
def switch_off(request: HttpRequest, representative: Representative, code: str) -> HttpResponse:
    policy.disable_system(actor=representative, system=own_system(representative, code))
    return redirect("member-system", code)


@require_POST
@member_page
def switch_on(request: HttpRequest, representative: Representative, code: str) -> HttpResponse:
    policy.enable_system(actor=representative, system=own_system(representative, code))
    return redirect("member-system", code)


@require_POST
@member_page
def withdraw_key(
    request: HttpRequest, representative: Representative, code: str, pk: int
) -> HttpResponse:
    found = own_system(representative, code)
    key = get_object_or_404(SystemKey, pk=pk, system=found)
    policy.withdraw_key(actor=representative, key=key)
    return redirect("member-system", code)


@require_POST
@never_cache
@member_page
def provider_key(request: HttpRequest, representative: Representative, code: str) -> HttpResponse:
    """Shown in the answer to a POST: it is in no history and in no cache."""
    found = own_system(representative, code)
    key = actions.show_provider_key(actor=representative, system=found, keys=Path(settings.KEYS))
    return render(request, "directory/provider_key.html", {"system": found, "key": key})


@form_page
@member_page
def description(request: HttpRequest, representative: Representative, code: str) -> HttpResponse:
    """Give a description as a file."""
    found = own_system(representative, code)
    form = forms.DescriptionForm(request.POST or None, request.FILES or None)
    flaws: list[Flaw] = []
    if form.is_valid():
        try:
            actions.describe(actor=representative, system=found, octets=form.octets())
        except Flawed as flawed:
            flaws = flawed.flaws
        else:
            return redirect("member-draft", code)
    context = {"form": form, "system": found, "flaws": flaws, "page_has_errors": bool(flaws)}
    return render(request, "directory/description.html", context)


@require_POST
@member_page
def fetch(request: HttpRequest, representative: Representative, code: str) -> HttpResponse:
    """Take it from the system itself."""
    found = own_system(representative, code)
    try:
        octets = fetch_description(found)
        actions.describe(actor=representative, system=found, octets=octets)
    except Flawed as flawed:
        context = {"form": forms.DescriptionForm(), "system": found, "flaws": flawed.flaws}
        return render(request, "directory/description.html", context | {"page_has_errors": True})
    return redirect("member-draft", code)


@require_safe
@member_page
def draft(request: HttpRequest, representative: Representative, code: str) -> HttpResponse:
    """What the description would change, before it does."""
    found = own_system(representative, code)
    given = get_object_or_404(Draft, system=found)
    plans = actions.plan_of(found, read_json(given.document))
    described = {plan.described.code for plan in plans}
    context = {
        "system": found,
        "draft": given,
        "plans": plans,
        "breaks": any(plan.state == "breaking" for plan in plans),
        "left": [s for s in found.services.all() if s.code not in described],
    }
    return render(request, "directory/draft.html", context)


@require_POST
@member_page
def take_draft(request: HttpRequest, representative: Representative, code: str) -> HttpResponse:
    given = get_object_or_404(Draft, system=own_system(representative, code))
    try:
        actions.take_draft(actor=representative, draft=given)
    except Flawed:
        return redirect("member-draft", code)  # which says what would break
    return redirect("member-system", code)


@require_POST
@member_page
def discard_draft(request: HttpRequest, representative: Representative, code: str) -> HttpResponse:
    given = get_object_or_404(Draft, system=own_system(representative, code))
    actions.discard_draft(actor=representative, draft=given)
    return redirect("member-system", code)
