"""Sign in with a passkey, the code of an app or a recovery code; alone, or after the SMS code.

The ways stand on the first page, before anything is known of the person, so the page tells
nobody who has which.
"""

import json

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from panjereh.sso.factors.forms import (
    AppCodeForm,
    AppSignInForm,
    PasskeyAnswerForm,
    RecoveryCodeForm,
    RecoverySignInForm,
)
from panjereh.sso.factors.proving import (
    NotProved,
    Proved,
    begin_passkey,
    end_first_half,
    note_first_half,
    prove_app,
    prove_passkey,
    prove_recovery,
)
from panjereh.sso.factors.queries import first_half, sms_alone_is_enough, ways_of
from panjereh.sso.journeys.views.shared import SMS, client_of, let_in, on_journey
from panjereh.sso.models import Journey, Person
from panjereh.sso.people.queries import active_person
from panjereh.sso.sessions.queries import is_known
from panjereh.sso.sessions.visitor import Visitor
from panjereh.ui.scripts import runs_scripts


def after_sms(request: HttpRequest, journey: Journey, who: Visitor, person: Person) -> HttpResponse:
    """The SMS code was right; that is all, but for those who asked for more."""
    if sms_alone_is_enough(person.id):
        return let_in(request, journey, who, person, way=SMS)
    note_first_half(journey, person)
    return redirect("login-second", journey.id)


@require_GET
@on_journey
def second(request: HttpRequest, journey: Journey, who: Visitor) -> HttpResponse:
    person = first_half(journey.id)
    if person is None:
        return redirect("login", journey.id)
    context = {"journey": journey, "ways": ways_of(person.id), "client": client_of(journey)}
    return render(request, "sso_factors/second.html", context)


@require_http_methods(["GET", "POST"])
@runs_scripts
@on_journey
def passkey(request: HttpRequest, journey: Journey, who: Visitor) -> HttpResponse:
    form = PasskeyAnswerForm(request.POST or None)
    trouble = ""
    if request.method == "POST" and form.is_valid():
        try:
            proved = prove_passkey(journey, answer=form.cleaned_data["answer"], who=who)
            return _let_in(request, journey, who, proved)
        except NotProved as error:
            trouble = error.trouble
    context = {
        "journey": journey,
        "options": json.dumps(begin_passkey(journey)),
        "trouble": trouble,
        "page_has_errors": bool(trouble),
    }
    return render(request, "sso_factors/passkey.html", context)


@require_http_methods(["GET", "POST"])
@on_journey
def app(request: HttpRequest, journey: Journey, who: Visitor) -> HttpResponse:
    half = first_half(journey.id)
    form = (AppCodeForm if half else AppSignInForm)(request.POST or None)
    new_browser = False
    if request.method == "POST" and form.is_valid():
        national_id = half.national_id if half else form.cleaned_data["national_id"]
        known = is_known(national_id, who.browser_sha256)
        new_browser = not (known or half)
        if not new_browser:
            person = half or active_person(national_id)
            try:
                proved = prove_app(person, code=form.cleaned_data["code"], who=who, known=known)
                return _let_in(request, journey, who, proved)
            except NotProved as error:
                form.add_error("code", _app_trouble(error))
    context = {"form": form, "journey": journey, "half": half, "new_browser": new_browser}
    return render(request, "sso_factors/app.html", context)


def _app_trouble(error: NotProved) -> str:
    if error.trouble == "used":
        return _("This code has been used already. Wait until the app shows the next one.")
    return _(
        "That was not right. Check whether the clock of your phone is set by the network, and "
        "enter the code that the app shows now."
    )


@require_http_methods(["GET", "POST"])
@on_journey
def recovery(request: HttpRequest, journey: Journey, who: Visitor) -> HttpResponse:
    half = first_half(journey.id)
    form: forms.Form = (RecoveryCodeForm if half else RecoverySignInForm)(request.POST or None)
    if request.method == "POST" and form.is_valid():
        national_id = half.national_id if half else form.cleaned_data["national_id"]
        try:
            proved = prove_recovery(national_id, code=form.cleaned_data["code"], who=who)
            return _let_in(request, journey, who, proved)
        except NotProved:
            form.add_error("code", _not_this_code(half))
    context = {"form": form, "journey": journey, "half": half}
    return render(request, "sso_factors/recovery_sign_in.html", context)


def _not_this_code(half: Person | None) -> str:
    if half:
        return _("This code is not on your last sheet, or has been used already.")
    return _(
        "Number and code do not belong together, or the code has been used already. Check both."
    )


def _let_in(request: HttpRequest, journey: Journey, who: Visitor, proved: Proved) -> HttpResponse:
    """After the SMS code both count, and both must be of one person."""
    half = first_half(journey.id)
    if half and half.id != proved.person.id:
        raise NotProved("unknown")
    way = f"{SMS}+{proved.way}" if half else proved.way
    end_first_half(journey)
    return let_in(request, journey, who, proved.person, way=way, proved=proved.level)
